//! Every available sampler finds the known shares of a workload.

use crate::common::{SPLIT, profile, profiler, stacks};
use crate::perf::has_perf;
use simple_profiles::Folded;
use simple_records::{StackProfile, View};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// The view of processor time by `sampler`. Samples come no more often than the
/// kernel's tick, so it runs long enough to keep chance well below five points.
fn sampled(target: &Path, sampler: &str) -> StackProfile {
    let for_ms = if sampler == "in-process" { "8000" } else { "1500" };
    let mut profiler = profiler(target, "profile");
    profiler.args([SPLIT, "--views", "cpu", "--for-ms", for_ms, "--sampler", sampler]);
    profiler.assert().success();
    stacks(&profile(target, SPLIT), View::Cpu).clone()
}

fn assert_split(target: &Path, stacks: &StackProfile) {
    let folder = target.join("profiles").join(simple_records::profile_folder(SPLIT));
    let text = fs::read_to_string(folder.join(&stacks.folded)).unwrap();
    let folded = Folded::parse(&text).unwrap();
    let inclusive = folded.inclusive_counts();
    for (function, expected) in [("self_test_seventy", 0.7), ("self_test_thirty", 0.3)] {
        let count = inclusive.get(function).copied().unwrap_or(0);
        let share = count as f64 / folded.total() as f64;
        assert!((share - expected).abs() < 0.05, "{function}: {share}: {stacks:?}");
    }
    assert!(!text.contains("self_test_set_up"), "{text}");
    // The callers of the measured part are set-up, too.
    assert!(!text.contains("serve::"), "{text}");
    assert!(fs::read_to_string(folder.join(&stacks.picture)).unwrap().contains("</svg>"));
}

fn has_valgrind() -> bool {
    let mut valgrind = Command::new("valgrind");
    valgrind.arg("--version").stdout(Stdio::null()).status().is_ok()
}

#[test]
fn perf_finds_the_split_and_no_set_up() {
    if !has_perf() {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    let stacks = sampled(target.path(), "perf");
    assert!(stacks.sampler.starts_with("perf (c"), "{}", stacks.sampler);
    assert_split(target.path(), &stacks);
}

#[test]
fn the_process_itself_finds_the_split_and_no_set_up() {
    let target = tempfile::tempdir().unwrap();
    let stacks = sampled(target.path(), "in-process");
    assert!(stacks.sampler.contains("itself"), "{}", stacks.sampler);
    assert_split(target.path(), &stacks);
}

#[test]
fn callgrind_finds_the_split_and_no_set_up() {
    if !has_valgrind() {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    assert_split(target.path(), &sampled(target.path(), "callgrind"));
}

/// Set-up asks for a megabyte, iterations for a thousand bytes each.
#[test]
fn memory_is_that_of_iterations() {
    if !has_valgrind() {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    profiler(target, "profile").args([SPLIT, "--views", "memory"]).assert().success();
    let profile = profile(target, SPLIT);
    let sites = profile.allocations.as_ref().unwrap();
    let bytes_each = sites.bytes as f64 / sites.iterations as f64;
    let blocks_each = sites.blocks as f64 / sites.iterations as f64;
    assert_eq!((bytes_each, blocks_each), (1000.0, 1.0), "{sites:?}");
    assert!(sites.peak_bytes > 1 << 20);
    assert_eq!(stacks(&profile, View::Memory).total, sites.bytes);
}
