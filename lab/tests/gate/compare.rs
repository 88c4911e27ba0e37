//! The whole gate, on two builds of a tiny program.

use crate::common::{code, compare, has_valgrind, record, resume, started, tiny};
use assert_cmd::Command;
use serde_json::Value;
use simple_records::{Stage, newest_run};
use std::fs;
use std::path::Path;

fn json(target: &Path) -> Value {
    let path = newest_run(&target.join("gate")).unwrap().with_extension("json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn a_slowed_function_is_found_and_named() {
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let mut command = compare(target, &tiny().steady, &tiny().slowed, &["hot", "steady"]);
    let output = command.arg("--markdown").arg(target.join("pull-request.md")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    if !has_valgrind() {
        // Time alone may be too noisy here, but it never takes it for a pass.
        assert_ne!(output.status.code(), Some(0), "{said}");
        return;
    }
    assert_eq!(output.status.code(), Some(1), "{said}");
    // Underscores are escaped there.
    let markdown = fs::read_to_string(target.join("pull-request.md")).unwrap().replace('\\', "");
    for text in [&said, &markdown.as_str().into()] {
        assert!(text.contains("tiny/hot") && text.contains("tiny_hot_path"), "{text}");
    }
    let gate = record(target);
    assert!(gate.end.is_some());
    let profiled = &gate.profiled[0];
    assert_eq!(profiled.workload, "tiny/hot");
    assert!(profiled.functions[0].function.contains("tiny_hot_path"), "{profiled:?}");
    let slower = &json(target)["rows"][0];
    assert_eq!((&slower["workload"], &slower["status"]), (&"tiny/hot".into(), &"slower".into()));
    // 30% more rounds.
    let growth = slower["instructions"]["change"].as_f64().unwrap();
    assert!((0.25..0.35).contains(&growth), "{growth}");
    let page = fs::read_to_string(target.join("report/gate.html")).unwrap();
    assert!(page.contains("tiny_hot_path") && page.contains("gate/tiny-hot.svg"));
    assert!(target.join("report/gate/tiny-hot.svg").is_file());
}

#[test]
fn a_build_against_itself_is_no_regression() {
    let target = tempfile::tempdir().unwrap();
    let steady = &tiny().steady;
    let mut command = compare(target.path(), steady, steady, &["hot", "steady"]);
    assert_ne!(code(&mut command), 1, "{:?}", json(target.path()));
    let gate = record(target.path());
    assert!(gate.blocks.iter().all(|block| block.turns.len() == 6));
    let instructions = gate.counted.iter().map(|counted| counted.instructions);
    assert!(!has_valgrind() || instructions.clone().count() == 4);
    assert!(instructions.clone().all(|n| n > 0));
}

#[test]
fn a_waiver_silences_and_stays_visible() {
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let mut command = compare(target, &tiny().steady, &tiny().slowed, &["hot"]);
    let allowed = code(command.args(["--instruments=instructions", "--allow", "tiny/h*"]));
    if !has_valgrind() {
        return;
    }
    assert_eq!(allowed, 0);
    assert_eq!(json(target)["rows"][0]["waiver"]["reason"], "allowed by --allow");
    let judge = |file: &str| {
        fs::write(target.join("gate.toml"), file).unwrap();
        let mut command = Command::cargo_bin("lab").unwrap();
        command.arg("judge").arg("--target").arg(target).current_dir(target);
        code(command.args(["--file", "gate.toml"]))
    };
    let waiver = |day: &str| {
        format!("[[waiver]]\nworkload = 'tiny/hot'\nreason = 'known'\nexpires = '{day}'\n")
    };
    assert_eq!(judge(""), 1, "the same record without a waiver");
    assert_eq!(judge(&waiver("2999-12-31")), 0);
    assert_eq!(judge(&waiver("2020-01-01")), 1);
    assert_eq!(judge("[[waiver]]\nworkload = 'tiny/hot'\n"), 2, "a waiver must say why");
}

#[test]
fn workloads_of_one_build_are_listed_and_broken_ones_are_a_regression() {
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let filters = ["removed", "broken", "steady"];
    let mut command = compare(target, &tiny().steady, &tiny().slowed, &filters);
    assert_eq!(code(&mut command), 1);
    let report = json(target);
    assert_eq!(report["only_in"][0]["workload"], "tiny/removed");
    assert_eq!(report["rows"][0]["workload"], "tiny/broken");
    assert_eq!(report["rows"][0]["status"], "broken");
    assert!(report["retired"][0]["why"].as_str().unwrap().contains("does not work"));
}

#[test]
fn a_kill_loses_at_most_a_block_and_resume_goes_on() {
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let steady = &tiny().steady;
    let gate_of = || compare(target, steady, steady, &["hot", "steady"]);
    let mut child = started(gate_of().arg("--instruments=wall"), target);
    child.kill().unwrap();
    child.wait().unwrap();
    let before = record(target);
    assert!(before.end.is_none());
    // The record knows the options; others are refused.
    let other = gate_of().args(["--resume", "--effort=full", "--min-effect=1"]).output().unwrap();
    let said = String::from_utf8_lossy(&other.stderr);
    assert_eq!(other.status.code(), Some(2), "{said}");
    assert!(said.contains("quick, not full") && said.contains("5%, not 1%"), "{said}");
    assert_eq!(record(target).blocks.len(), before.blocks.len());
    // It knows the revision, too.
    assert_ne!(code(&mut resume(target, steady, steady)), 1);
    let after = record(target);
    assert!(after.end.is_some());
    assert!(after.counted.is_empty(), "only the wall was asked for");
    assert_eq!(after.blocks[..before.blocks.len()], before.blocks[..]);
    let mut numbers: Vec<(&str, Stage, u32)> =
        after.blocks.iter().map(|b| (b.workload.as_str(), b.stage, b.block)).collect();
    numbers.sort_unstable();
    let all = numbers.len();
    numbers.dedup();
    assert_eq!(numbers.len(), all, "no block was measured twice");
    assert_eq!(code(gate_of().arg("--resume")), 2, "there is nothing to resume");
}

#[test]
fn a_comparison_of_another_machine_is_not_resumed() {
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let steady = &tiny().steady;
    let gate_of = || compare(target, steady, steady, &["steady"]);
    code(gate_of().arg("--instruments=wall"));
    let path = newest_run(&target.join("gate")).unwrap();
    let whole = fs::read_to_string(&path).unwrap();
    let (unfinished, _) = whole.rsplit_once("{\"kind\":\"gate_end\"").unwrap();
    let elsewhere = unfinished.replacen("\"arch\":\"", "\"arch\":\"another ", 1);
    assert_ne!(elsewhere, unfinished);
    fs::write(&path, &elsewhere).unwrap();
    let output = gate_of().arg("--resume").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("cannot be resumed here: its arch was another"), "{said}");
    assert_eq!(fs::read_to_string(&path).unwrap(), elsewhere, "nothing is lost");
}

#[test]
fn impossible_requests_get_advice() {
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let told = |command: &mut Command| {
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let steady = &tiny().steady;
    assert!(told(&mut compare(target, steady, steady, &["no-such"])).contains("just list"));
    assert!(told(&mut compare(target, steady, &target.join("gone"), &[])).contains("gone"));
    for effect in ["200", "1e-9", "NaN"] {
        let said = told(compare(target, steady, steady, &[]).args(["--min-effect", effect]));
        assert!(said.contains("from 1 to 99"), "{said}");
    }
    let mut command = Command::cargo_bin("lab").unwrap();
    command.args(["gate", "no-such-revision", "--target"]).arg(target);
    assert!(told(command.current_dir(env!("CARGO_MANIFEST_DIR"))).contains("git fetch"));
}

/// Returns whether the list of names is that of the catalogue, as far as git knows.
fn is_list_current() -> bool {
    let mut git = Command::new("git");
    git.args(["status", "--porcelain", "--", "../benches/src"]);
    let output = git.current_dir(env!("CARGO_MANIFEST_DIR")).output();
    output.is_ok_and(|output| output.status.success() && output.stdout.is_empty())
}

#[test]
fn a_misspelt_workload_is_refused_before_anything_is_built() {
    if !is_list_current() {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    for words in [["gate", "HEAD"], ["profile-diff", "HEAD"], ["profile", "--views=cpu"]] {
        let mut command = Command::cargo_bin("lab").unwrap();
        command.args(words).arg("registry/get-onyl").arg("--target").arg(target.path());
        let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("\n  registry/get-only/"), "{said}");
        assert_eq!(fs::read_dir(target.path()).unwrap().count(), 0, "something was built");
    }
}
