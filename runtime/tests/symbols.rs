//! The shared library exports exactly the contract.
//!
//! `symbols.txt` holds the names, sorted. A name that is missing breaks programs that are
//! linked with us; a name too many may break programs that have one of their own.

mod c;

use std::collections::BTreeSet;
use std::process::Command;

const CONTRACT: &str = include_str!("symbols.txt");

/// Names that are not ours and yet may be seen, each with its reason. There are none: the
/// linker is told to hide what Rust's library and the dependencies bring along.
const OTHERS: [&str; 0] = [];

/// Every name in the C interface begins with one of these.
const PREFIXES: [&str; 4] = ["rt_", "native_", "simple_", "async_"];

fn exported() -> BTreeSet<String> {
    let mut nm = Command::new("nm");
    nm.args(["--dynamic", "--defined-only", "--format=posix"]).arg(c::shared_library());
    let listing = c::output(&mut nm);
    listing.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn is_ours(name: &str) -> bool {
    PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[test]
fn contract_is_sorted_and_without_doubles() {
    let names: Vec<_> = CONTRACT.lines().collect();
    assert!(names.is_sorted_by(|a, b| a < b));
    assert!(names.iter().all(|name| is_ours(name)));
}

#[test]
fn every_name_of_the_contract_is_exported_and_no_other_of_ours() {
    let ours: BTreeSet<_> = exported().into_iter().filter(|name| is_ours(name)).collect();
    let contract: BTreeSet<_> = CONTRACT.lines().map(str::to_owned).collect();
    let missing: Vec<_> = contract.difference(&ours).collect();
    let surplus: Vec<_> = ours.difference(&contract).collect();
    assert!(missing.is_empty(), "the library does not export {missing:?}");
    assert!(surplus.is_empty(), "symbols.txt does not list {surplus:?}");
}

#[test]
fn nothing_else_is_exported() {
    let names = exported();
    let foreign: Vec<_> = names.iter().filter(|name| !is_ours(name)).collect();
    let surplus: Vec<_> = foreign.iter().filter(|name| !OTHERS.contains(&name.as_str())).collect();
    assert!(surplus.is_empty(), "the library exports {surplus:?}");
}
