//! The whole gate, on two builds of a tiny program.

use assert_cmd::Command;
use serde_json::Value;
use simple_records::{Gate, Stage, newest_run, read_gate};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::OnceLock;

/// Both builds; made once for all tests.
struct Tiny {
    steady: PathBuf,
    slowed: PathBuf,
}

fn tiny() -> &'static Tiny {
    static TINY: OnceLock<Tiny> = OnceLock::new();
    TINY.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tiny/worker.rs");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tiny");
        fs::create_dir_all(&folder).unwrap();
        let build = |name: &str, flags: &[&str]| {
            let out = folder.join(name);
            let status = Process::new("rustc")
                .args(["--edition=2024", "-Copt-level=2", "--check-cfg=cfg(slowed)"])
                .args(flags)
                .arg("-o")
                .arg(&out)
                .arg(&source)
                .status();
            assert!(status.unwrap().success());
            out
        };
        Tiny { steady: build("steady", &[]), slowed: build("slowed", &["--cfg=slowed"]) }
    })
}

/// `gate compare` of two programs, with everything it makes in `target`.
fn compare(target: &Path, base: &Path, head: &Path, filters: &[&str]) -> Command {
    let mut command = Command::cargo_bin("simple-gate").unwrap();
    command.args(["compare", "before"]).args(filters).arg("--target").arg(target);
    command.arg("--base-program").arg(base).arg("--head-program").arg(head);
    command.current_dir(target);
    command
}

fn code(command: &mut Command) -> i32 {
    command.output().unwrap().status.code().unwrap()
}

fn record(target: &Path) -> Gate {
    read_gate(&newest_run(&target.join("gate")).unwrap()).unwrap()
}

fn json(target: &Path) -> Value {
    let path = newest_run(&target.join("gate")).unwrap().with_extension("json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn has_valgrind() -> bool {
    Process::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_ok()
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
        let mut command = Command::cargo_bin("simple-gate").unwrap();
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
fn what_only_one_build_has_is_listed_and_what_no_longer_works_is_a_regression() {
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
    let mut child = Process::new(gate_of().get_program())
        .args(gate_of().get_args())
        .arg("--instruments=wall")
        .current_dir(target)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let blocks = || newest_run(&target.join("gate")).ok().and_then(|path| read_gate(&path).ok());
    // Until some blocks are there: as long as that takes.
    while blocks().is_none_or(|gate| gate.blocks.len() < 3) {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let before = record(target);
    assert!(before.end.is_none());
    assert_ne!(code(gate_of().arg("--resume").arg("--instruments=wall")), 1);
    let after = record(target);
    assert!(after.end.is_some());
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
fn what_cannot_be_done_says_what_to_do() {
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
    assert!(
        told(compare(target, steady, steady, &[]).args(["--min-effect", "200"]))
            .contains("percent")
    );
    let mut command = Command::cargo_bin("simple-gate").unwrap();
    command.args(["compare", "no-such-revision", "--target"]).arg(target);
    assert!(told(command.current_dir(env!("CARGO_MANIFEST_DIR"))).contains("git fetch"));
}
