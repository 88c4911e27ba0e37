//! The command line of the profiler.

use crate::common::{SPLIT, profile, profiler, stacks};
use crate::perf::has_perf;
use simple_records::{StackProfile, View};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&[output.stdout.clone(), output.stderr.clone()].concat()).into_owned()
}

/// A program of this name that only complains.
fn refusing(folder: &Path, name: &str, complaint: &str) {
    let path = folder.join(name);
    fs::write(
        &path,
        format!(
            "#!/bin/sh\ncase \"$1\" in --version) exit 0;; esac\necho '{complaint}' >&2\nexit 1\n"
        ),
    )
    .unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_part_of_a_name_is_enough_if_no_other_has_it() {
    let target = tempfile::tempdir().unwrap();
    let mut by_part = profiler(target.path(), "profile");
    by_part.args(["seventy", "--views", "cpu", "--sampler", "in-process", "--for-ms", "400"]);
    let output = by_part.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("self_test::spin"), "{}", said(&output));
    assert_eq!(profile(target.path(), SPLIT).start.workload, SPLIT);
}

#[test]
fn a_name_of_none_or_several_is_refused_with_advice() {
    let target = tempfile::tempdir().unwrap();
    for (name, advice) in [("no-such", "just list"), ("self-test", "just profile-all")] {
        let output = profiler(target.path(), "profile").arg(name).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains(advice), "{}", said(&output));
    }
}

#[test]
fn without_perf_the_next_best_sampler_is_used_and_named() {
    let target = tempfile::tempdir().unwrap();
    let tools = tempfile::tempdir().unwrap();
    refusing(tools.path(), "perf", "Access to performance monitoring is limited (paranoid)");
    let path = format!("{}:{}", tools.path().display(), std::env::var("PATH").unwrap());
    let mut refused = profiler(target.path(), "profile");
    refused.args([SPLIT, "--views", "cpu,waiting", "--for-ms", "200"]).env("PATH", path);
    let output = refused.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    // Root gets advice about capabilities, others about the kernel's setting.
    let advice = ["perf_event_paranoid=1", "CAP_PERFMON"];
    assert!(advice.iter().any(|advice| said(&output).contains(advice)), "{}", said(&output));
    let profile = profile(target.path(), SPLIT);
    let cpu = stacks(&profile, View::Cpu);
    assert!(cpu.sampler.contains("the process itself"), "{}", cpu.sampler);
    assert!(cpu.notes.iter().any(|note| note.contains("may not be used")), "{:?}", cpu.notes);
    // Waits are still counted.
    let waits = profile.waits.as_ref().unwrap();
    assert!(waits.sampler.contains("counters") && !waits.notes.is_empty(), "{waits:?}");
}

#[test]
fn a_timeline_names_the_threads_and_what_they_ran() {
    const FAN_OUT: &str = "executor/spawn-inside/threaded/4";
    let target = tempfile::tempdir().unwrap();
    let mut timeline = profiler(target.path(), "profile");
    let output = timeline.args([FAN_OUT, "--views", "timeline"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let profile = profile(target.path(), FAN_OUT);
    let timeline = profile.timeline.as_ref().unwrap();
    let ran = timeline.threads.iter().filter(|thread| thread.jobs > 0 && thread.run_ns > 0);
    assert!(ran.clone().count() >= 1, "{timeline:?}");
    assert!(timeline.iterations > 0 && timeline.measured_ns > 0);
    let folder = target.path().join("profiles").join(simple_records::profile_folder(FAN_OUT));
    let picture = fs::read_to_string(folder.join(timeline.picture.as_ref().unwrap())).unwrap();
    assert!(picture.contains("runs jobs"));
    let trace = fs::read(folder.join(&timeline.trace)).unwrap();
    let trace: serde_json::Value = serde_json::from_slice(&trace).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    assert!(events.iter().any(|event| event["ph"] == "X" && event["dur"].as_f64() > Some(0.0)));
    for thread in &timeline.threads {
        let is_named = |event: &serde_json::Value| event["args"]["name"] == thread.name.as_str();
        assert!(events.iter().any(is_named), "{}", thread.name);
    }
}

#[test]
fn a_broken_workload_is_reported_and_others_are_profiled() {
    let target = tempfile::tempdir().unwrap();
    let mut all = profiler(target.path(), "profile-all");
    all.args(["self-test", "--sampler", "in-process", "--for-ms", "400"]);
    let output = all.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("it panicked"), "{}", said(&output));
    let broken = profile(target.path(), "self-test/kinds/panics");
    assert!(broken.missing[0].why.contains("it panicked"), "{:?}", broken.missing);
    assert!(!profile(target.path(), SPLIT).stacks.is_empty());
}

#[test]
fn a_wait_is_seen_with_its_kind() {
    if !has_perf() {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    let mut waiting = profiler(target.path(), "profile");
    // Both sides sleep in turns.
    waiting.args(["executor/round-trip-idle/threaded/2", "--views", "waiting", "--for-ms", "200"]);
    let output = waiting.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("times  futex"), "{}", said(&output));
}

/// The functions that called the measured part are the roots of its stacks, not their leaves.
fn roots(target: &Path, stacks: &StackProfile) -> Vec<String> {
    let folder = target.join("profiles").join(simple_records::profile_folder(SPLIT));
    let text = fs::read_to_string(folder.join(&stacks.folded)).unwrap();
    text.lines().filter_map(|line| Some(line.split(';').nth(1)?.to_owned())).collect()
}

#[test]
fn the_users_settings_of_tools_change_nothing() {
    if !has_perf() {
        return;
    }
    let (target, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(home.path().join(".perfconfig"), "[call-graph]\n\torder = caller\n").unwrap();
    fs::write(home.path().join(".valgrindrc"), "--no-such-option\n").unwrap();
    let mut profiler = profiler(target.path(), "profile");
    profiler.args([SPLIT, "--views", "cpu,instructions,timeline", "--for-ms", "500"]);
    profiler.env("HOME", home.path()).env("VALGRIND_OPTS", "--no-such-option");
    profiler.env("SIMPLE_RT_TIMELINE", home.path().join("trace.json"));
    let output = profiler.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let profile = profile(target.path(), SPLIT);
    let cpu = stacks(&profile, View::Cpu);
    assert!(cpu.sampler.starts_with("perf"), "{}", cpu.sampler);
    // With the caller first, every stack would begin with the hot function.
    let roots = roots(target.path(), cpu);
    assert!(roots.iter().all(|function| !function.contains("spin")), "{roots:?}");
    assert!(!home.path().join("trace.json").exists());
}

#[test]
fn a_target_folder_need_not_be_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join(OsStr::from_bytes(b"t\xff 100%p"));
    let mut profiler = profiler(&target, "profile");
    profiler.args([SPLIT, "--views", "cpu,instructions", "--sampler", "in-process"]);
    let output = profiler.args(["--for-ms", "400"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let profile = profile(&target, SPLIT);
    assert!(!stacks(&profile, View::Cpu).functions.is_empty());
    assert!(profile.missing.is_empty(), "{:?}", profile.missing);
}
