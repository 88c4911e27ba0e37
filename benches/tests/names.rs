//! The list of names is the catalogue's.

use simple_benches::{Workload, catalogue};
use simple_names::{LIST, parse};
use std::path::Path;

/// Set by `just names`, to have the list written.
const UPDATE: &str = "UPDATE_NAMES";

#[test]
fn the_list_of_names_is_that_of_the_catalogue() {
    let workloads = catalogue::all().into_iter().flat_map(|family| family.workloads);
    let listed: Vec<_> = workloads.map(named).collect();
    if std::env::var_os(UPDATE).is_some() {
        let text: String = listed.iter().map(|workload| format!("{workload}\n")).collect();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("names/workloads.txt");
        std::fs::write(path, text).unwrap();
        return;
    }
    assert!(parse(LIST) == listed, "the catalogue has changed: run `just names`");
}

/// A workload as the list has it.
fn named(workload: Workload) -> simple_names::Workload {
    let axes = workload.axes.iter().map(|(axis, value)| (axis.to_owned(), value.to_string()));
    simple_names::Workload {
        effort: workload.effort.name().to_owned(),
        axes: axes.collect(),
        name: workload.name,
    }
}
