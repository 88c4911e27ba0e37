//! Workloads that are wrong on purpose, for the tests of this program: they are in the
//! catalogue only when the environment asks for them.

use super::Family;
use crate::{Prepared, Workload};
use anyhow::{Result, bail};
use simple_records::{Axes, Comparison, Display, Scale};

/// Set, to anything, it adds this family to the catalogue.
const SWITCH: &str = "SIMPLE_BENCH_SELF_TEST";

fn right() -> Result<Prepared> {
    Ok(Prepared::new(1, 7, || std::hint::black_box(7)))
}

fn wrong_answer() -> Result<Prepared> {
    Ok(Prepared::new(1, 7, || std::hint::black_box(8)))
}

fn wrong_effect() -> Result<Prepared> {
    Ok(right()?.audit(|_| bail!("the effect is wrong")))
}

fn panics() -> Result<Prepared> {
    Ok(Prepared::new(1, 7, || panic!("it panicked")))
}

fn cannot_be_prepared() -> Result<Prepared> {
    bail!("something is missing")
}

fn never_ready() -> Result<Prepared> {
    Ok(Prepared::staged(1, 7, || Ok(crate::Condition::Fails), || 7))
}

pub(super) fn families() -> Vec<Family> {
    if std::env::var_os(SWITCH).is_none() {
        return Vec::new();
    }
    let comparison = Comparison {
        id: "self-test/kinds".to_owned(),
        title: "Does a broken workload show?".to_owned(),
        explanation: "One workload is right, the others are not.".to_owned(),
        x_axis: "kind".to_owned(),
        x_scale: Scale::Category,
        series_axis: "kind".to_owned(),
        facet_axis: None,
        defaults: Axes::default(),
        item: "run".to_owned(),
        display: Display::TimePerItem,
    };
    type Prepare = fn() -> Result<Prepared>;
    let kinds: [(&str, Prepare); 6] = [
        ("right", right),
        ("wrong answer", wrong_answer),
        ("wrong effect", wrong_effect),
        ("panics", panics),
        ("cannot be prepared", cannot_be_prepared),
        ("never ready", never_ready),
    ];
    let workloads = kinds
        .into_iter()
        .map(|(kind, prepare)| {
            let axes = Axes::default().with("kind", kind);
            Workload::new(&comparison, axes, "to test the tests", move |_| prepare())
        })
        .collect();
    vec![Family { comparison, workloads }]
}
