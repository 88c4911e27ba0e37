//! Shared by the tests: the real harness, with its workloads of known results.

use crate::harness::harness;
use assert_cmd::Command;
use simple_records::{LogFile, PROFILE_FILE, Profile, StackProfile, View, profile_folder};
use std::path::Path;

/// A workload whose measured part spends 70% in `self_test_seventy` and 30% in `self_test_thirty`.
pub const SPLIT: &str = "self-test/profiled/seventy to thirty";

/// The profiler with everything it makes in `target`.
pub fn profiler(target: &Path, command: &str) -> Command {
    let mut profiler = Command::cargo_bin("lab").unwrap();
    profiler.arg(command).arg("--target").arg(target).arg("--program").arg(harness());
    profiler.env("SIMPLE_BENCH_SELF_TEST", "1");
    profiler
}

pub fn profile(target: &Path, workload: &str) -> Profile {
    let folder = target.join("profiles").join(profile_folder(workload));
    Profile::read(&folder.join(PROFILE_FILE)).unwrap()
}

pub fn stacks(profile: &Profile, view: View) -> &StackProfile {
    let found = profile.stacks.iter().find(|stacks| stacks.view == view);
    found.unwrap_or_else(|| panic!("{view:?}: {:?}", profile.missing))
}
