//! Programs linked with Google Benchmark. Where the library is missing, a message says so.

use crate::common::{Checkout, is_sound};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// Compiles the program once; `None` without a compiler or the library.
fn program() -> Option<&'static Path> {
    static PROGRAM: OnceLock<bool> = OnceLock::new();
    let file = Path::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/google-benchmark"));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/google-benchmark.cpp");
    let is_there = PROGRAM.get_or_init(|| {
        let mut compiler = Command::new("c++");
        compiler.args(["-O1", "-o"]).arg(file).arg(source).args(["-lbenchmark", "-lpthread"]);
        compiler.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    });
    if !is_there {
        eprintln!(
            "left out: there is no Google Benchmark (Debian: apt-get install libbenchmark-dev)"
        );
    }
    is_there.then_some(file)
}

fn checkout(program: &Path) -> Checkout {
    let toml = "[[benchmarks]]\nadapter = \"google-benchmark\"\nprogram = \"build/speed\"\n";
    let checkout = Checkout::with(&[("lab.toml", toml), ("build/log", "")]);
    fs::copy(program, checkout.path().join("build/speed")).unwrap();
    checkout
}

#[test]
fn every_kind_of_benchmark_is_listed_and_timed() {
    let Some(program) = program() else { return };
    let checkout = checkout(program);
    assert_eq!(checkout.suite().parts[0].prefix, "speed");
    assert_eq!(
        checkout.list().unwrap(),
        [
            "plain",
            "ranged/10",
            "ranged/100",
            "typed<std::vector<int>>/real_time",
            "manual/manual_time",
            "fails",
            "no_time/iterations:5/manual_time",
            "aborts",
            "only_aggregates",
        ]
    );
    for name in ["plain", "ranged/10", "ranged/100", "typed<std::vector<int>>/real_time"] {
        is_sound(&checkout.turn(name).unwrap(), 5);
    }
    let manual = checkout.turn("manual/manual_time").unwrap();
    // The benchmark itself says that it takes five microseconds.
    let iteration_ns = manual.totals_ns[0] / manual.iterations as f64;
    assert!((iteration_ns - 5000.0).abs() < 1e-3, "{manual:?}");
    assert_eq!(checkout.left(), 0);
}

#[test]
fn what_cannot_be_timed_is_explained() {
    let Some(program) = program() else { return };
    let mut checkout = checkout(program);
    for (name, part) in [
        ("fails", "speed/fails: it was skipped: no data on purpose"),
        ("no_time/iterations:5/manual_time", "it reports 0 ns for 5 iterations"),
        ("aborts", "it broke on purpose"),
        ("only_aggregates", "ReportAggregatesOnly"),
        ("nonesuch", "speed/nonesuch: it ran no benchmark of this name"),
    ] {
        let error = checkout.turn(name).unwrap_err();
        assert!(error.contains(part), "{error}");
    }
    checkout.environment.push(("TWINS".into(), "1".into()));
    let error = checkout.list().unwrap_err();
    assert!(error.contains("speed: two benchmarks have the name 'plain'"), "{error}");
}

#[test]
fn a_program_that_is_not_built_or_is_another_one_is_told() {
    let toml = "[[benchmarks]]\nadapter = \"google-benchmark\"\nprogram = \"build/speed\"\n";
    let mut checkout = Checkout::with(&[("lab.toml", toml), ("build/log", "")]);
    let error = checkout.list().unwrap_err();
    assert!(error.contains("there is no program build/speed"), "{error}");
    fs::copy("/bin/true", checkout.path().join("build/speed")).unwrap();
    let error = checkout.list().unwrap_err();
    assert!(error.contains("is it linked with Google Benchmark"), "{error}");
    let script = "#!/bin/sh\nsleep 1000\n";
    let file = checkout.path().join("build/speed");
    fs::remove_file(&file).unwrap();
    fs::write(&file, script).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    checkout.timeout = Duration::from_millis(30);
    let error = checkout.list().unwrap_err();
    assert!(
        error.contains("hung: killed after 0.03 seconds") && error.contains("lab.toml"),
        "{error}"
    );
}
