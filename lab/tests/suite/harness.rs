//! Programs that speak the language of the harness.

use crate::common::{Checkout, is_sound};
use std::fs;
use std::path::Path;
use std::process::Command;

const TOML: &str = "[[benchmarks]]\nadapter = \"harness\"\nprogram = \"build/sum\"\n";

/// A program that knows no more than it must: it replies the same lines to any requests.
const LEAST: &str = r#"#!/bin/sh
echo '{"reply":"ready"}'
while read -r line; do
    case "$line" in
    *catalogue*) echo '{"reply":"catalogue","families":[]}' ;;
    *prepare*nonesuch*) echo '{"reply":"failed","why":"no workload of this name"}' ;;
    *prepare*) echo '{"reply":"prepared","items":1,"threads":1}' ;;
    *measure*) echo '{"reply":"measured","items":1,"threads":1,"outcome":{"samples":{"samples":[{"iterations":4,"total_ns":80.0},{"iterations":4,"total_ns":84.0}],"discarded":0,"residency":null,"layout":null}},"involuntary_switches":3}' ;;
    *) echo '{"reply":"failed","why":"not here"}' ;;
    esac
done
"#;

fn of_c() -> Checkout {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let checkout = Checkout::with(&[("lab.toml", TOML), ("build/log", "")]);
    let status = Command::new("cc")
        .args(["-O1", "-I"])
        .arg(root.join("harness"))
        .arg("-o")
        .arg(checkout.path().join("build/sum"))
        .arg(root.join("examples/harness/sum.c"))
        .status();
    assert!(status.unwrap().success());
    checkout
}

fn of_shell(script: &str) -> Checkout {
    use std::os::unix::fs::PermissionsExt;
    let checkout = Checkout::with(&[("lab.toml", TOML), ("build/sum", script)]);
    let file = checkout.path().join("build/sum");
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    checkout
}

#[test]
fn workloads_of_a_program_in_c_are_listed_and_timed() {
    let checkout = of_c();
    let names = checkout.list().unwrap();
    assert!(names.contains(&"sum/in order/4096".to_owned()), "{names:?}");
    is_sound(&checkout.turn("sum/in order/4096").unwrap(), 5);
}

#[test]
fn a_program_that_only_measures_is_timed_all_the_same() {
    let timed = of_shell(LEAST).turn("any").unwrap();
    assert_eq!((timed.iterations, timed.totals_ns), (4, vec![80.0, 84.0]));
    assert_eq!(timed.involuntary_switches, 3);
}

#[test]
fn what_a_program_refuses_is_quoted() {
    let error = of_shell(LEAST).turn("nonesuch").unwrap_err();
    assert_eq!(error, "sum/nonesuch: no workload of this name");
    let error = of_shell("#!/bin/sh\necho hello\n").list().unwrap_err();
    assert!(error.contains("harness/README.md") && error.contains("illegible"), "{error}");
    let zero = LEAST.replace("80.0", "0.0");
    let error = of_shell(&zero).turn("any").unwrap_err();
    assert!(error.contains("sum/any: it reports 0 ns for 4 iterations"), "{error}");
}

#[test]
fn a_program_that_can_count_an_iteration_is_asked_to() {
    let counts = |checkout: &Checkout, name: &str| {
        let part = &checkout.suite().parts[0];
        part.adapter.counted_iteration(&checkout.place(), name).unwrap().is_some()
    };
    let of_c = of_c();
    assert!(counts(&of_c, "sum/in order/4096"));
    assert!(!counts(&of_c, "nonesuch"));
    assert!(!counts(&of_shell(LEAST), "any"));
}
