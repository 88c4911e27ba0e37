//! Benchmarks of the crate criterion, in a package that is built with the workspace's own lock.

use crate::common::{Checkout, is_sound};
use std::path::Path;
use std::{env, fs};

const MANIFEST: &str = r#"
[package]
name = "measured"
version = "0.1.0"
edition = "2024"

[workspace]

[dev-dependencies]
criterion = { version = "0.8", default-features = false }

[[bench]]
name = "speed"
harness = false
[[bench]]
name = "fails"
harness = false
[[bench]]
name = "libtest"
"#;

const SPEED: &str = r#"
use criterion::{BenchmarkId, Criterion, black_box};

fn work(numbers: u64) -> u64 {
    (0..numbers).fold(0, |sum, number| sum ^ black_box(number))
}

fn main() {
    println!("this is printed by the program");
    let mut criterion = Criterion::default().configure_from_args();
    criterion.bench_function("plain", |b| b.iter(|| work(100)));
    criterion.bench_function("plain/longer", |b| b.iter(|| work(200)));
    criterion.bench_function("with space, ä+b (x) [y] #2", |b| b.iter(|| work(100)));
    let long = "l".repeat(150);
    criterion.bench_function(&long, |b| b.iter(|| work(100)));
    let mut group = criterion.benchmark_group("a/group: with slashes");
    for numbers in [10, 100] {
        let id = BenchmarkId::new("work", numbers);
        group.bench_with_input(id, &numbers, |b, numbers| b.iter(|| work(*numbers)));
    }
    group.finish();
    if std::env::var_os("SLOW").is_some() {
        let mut group = criterion.benchmark_group("slow");
        group.measurement_time(std::time::Duration::from_secs(4));
        group.bench_function("by-its-own-time", |b| b.iter(|| work(100)));
        group.finish();
    }
    criterion.final_summary();
}
"#;

const FAILS: &str = r#"
use criterion::Criterion;
use std::time::Duration;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    criterion.bench_function("panics", |b| b.iter(|| panic!("it broke on purpose")));
    criterion.bench_function("no-time", |b| b.iter_custom(|_| Duration::ZERO));
    if std::env::args().any(|argument| argument == "--list") {
        criterion.bench_function("vanishes", |b| b.iter(|| 1));
    }
    for _ in 0..env_number() {
        criterion.bench_function("twice", |b| b.iter(|| 1));
    }
    criterion.final_summary();
}

fn env_number() -> u32 {
    std::env::var("TWINS").ok().and_then(|number| number.parse().ok()).unwrap_or(0)
}
"#;

fn checkout(lab_toml: &str) -> Checkout {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
    let lock = fs::read_to_string(lock).unwrap();
    let mut checkout = Checkout::with(&[
        ("lab.toml", lab_toml),
        ("Cargo.toml", MANIFEST),
        ("Cargo.lock", &lock),
        ("src/lib.rs", ""),
        ("benches/speed.rs", SPEED),
        ("benches/fails.rs", FAILS),
        ("benches/libtest.rs", "#[test]\nfn a_test() {}\n"),
    ]);
    // Dependencies are built once, and nothing is downloaded.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("criterion");
    for (name, value) in [
        ("CARGO_TARGET_DIR", target.as_os_str()),
        ("CARGO_NET_OFFLINE", "true".as_ref()),
        ("CARGO_PROFILE_BENCH_OPT_LEVEL", "1".as_ref()),
    ] {
        checkout.environment.push((name.into(), value.to_owned()));
    }
    checkout
}

fn of(bench: &str) -> Checkout {
    checkout(&format!("[[benchmarks]]\nadapter = \"criterion\"\nbench = \"{bench}\"\n"))
}

#[test]
fn every_name_is_listed_and_timed_and_nothing_is_left_behind() {
    let checkout = of("speed");
    assert_eq!(checkout.suite().parts[0].prefix, "speed");
    let names = checkout.list().unwrap();
    let cut = format!("{}...", "l".repeat(100));
    assert_eq!(
        names,
        [
            "plain",
            "plain/longer",
            "with space, ä+b (x) [y] #2",
            &cut,
            "a/group: with slashes/work/10",
            "a/group: with slashes/work/100",
        ]
    );
    for name in &names {
        is_sound(&checkout.turn(name).unwrap(), 10);
    }
    assert_eq!(checkout.left(), 0);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("criterion/criterion");
    assert!(!target.exists() && !checkout.path().join("target").exists());
}

/// A group's own time wins over that of the command line: the warm-up takes it, and no turn after that.
#[test]
fn a_group_with_a_time_of_its_own_is_timed_by_two_samples() {
    let mut checkout = of("speed");
    checkout.environment.push(("SLOW".into(), "1".into()));
    assert_eq!(checkout.turn("slow/by-its-own-time").unwrap().totals_ns.len(), 2);
    assert!(checkout.turn("plain").unwrap().totals_ns.len() >= 10);
}

#[test]
fn a_filter_chooses_by_name() {
    let toml =
        "[[benchmarks]]\nadapter = \"criterion\"\nbench = \"speed\"\nfilter = \"^plain$|/10$\"\n";
    assert_eq!(checkout(toml).list().unwrap(), ["plain", "a/group: with slashes/work/10"]);
}

#[test]
fn what_cannot_be_timed_is_explained() {
    let mut checkout = of("fails");
    for (name, part) in [
        ("panics", "fails/panics: "),
        ("panics", "it broke on purpose"),
        ("no-time", "fails/no-time: it takes no time"),
        ("vanishes", "fails/vanishes: criterion ran no benchmark of this name"),
    ] {
        let error = checkout.turn(name).unwrap_err();
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(checkout.list().unwrap(), ["panics", "no-time", "vanishes"]);
    checkout.environment.push(("TWINS".into(), "2".into()));
    let error = checkout.list().unwrap_err();
    assert!(error.contains("fails: two benchmarks have the name 'twice'"), "{error}");
    let error = checkout.turn("twice").unwrap_err();
    assert!(error.contains("2 benchmarks have this name"), "{error}");
}

#[test]
fn a_target_without_criterion_is_told() {
    let error = of("libtest").list().unwrap_err();
    assert!(error.contains("harness = false"), "{error}");
    let error = of("nonesuch").list().unwrap_err();
    assert!(error.contains("cannot build the bench target 'nonesuch'"), "{error}");
}
