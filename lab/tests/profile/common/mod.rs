//! What the tests have in common: the real harness, with its workloads of known answers.

use assert_cmd::Command;
use simple_records::{PROFILE_FILE, Profile, StackProfile, View, profile_folder, read_profile};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::OnceLock;

/// Of its measured part `self_test_seventy` takes 70%, `self_test_thirty` 30%.
pub const SPLIT: &str = "self-test/profiled/seventy to thirty";

/// The harness with a sampler of its own; built once.
pub fn harness() -> &'static Path {
    static HARNESS: OnceLock<PathBuf> = OnceLock::new();
    HARNESS.get_or_init(|| {
        let output = Process::new(env!("CARGO"))
            .args(["build", "-p", "simple-benches", "--bin", "simple-bench"])
            .args(["--features", "sampler", "--message-format", "json"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        let executable = text.lines().rev().find_map(|line| {
            let message: serde_json::Value = serde_json::from_str(line).ok()?;
            message["executable"].as_str().map(PathBuf::from)
        });
        executable.unwrap()
    })
}

/// The profiler with everything it makes in `target`.
pub fn profiler(target: &Path, command: &str) -> Command {
    let mut profiler = Command::cargo_bin("lab").unwrap();
    profiler.arg(command).arg("--target").arg(target).arg("--program").arg(harness());
    profiler.env("SIMPLE_BENCH_SELF_TEST", "1");
    profiler
}

pub fn profile(target: &Path, workload: &str) -> Profile {
    let folder = target.join("profiles").join(profile_folder(workload));
    read_profile(&folder.join(PROFILE_FILE)).unwrap()
}

pub fn stacks(profile: &Profile, view: View) -> &StackProfile {
    let found = profile.stacks.iter().find(|stacks| stacks.view == view);
    found.unwrap_or_else(|| panic!("{view:?}: {:?}", profile.missing))
}
