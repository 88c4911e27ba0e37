//! Functions that grew between two builds are on top of the differential.

use crate::perf::has_perf;
use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

/// A build of the tiny program, made with these flags.
fn build(folder: &Path, name: &str, flags: &[&str]) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tiny/worker.rs");
    let program = folder.join(name);
    let status = Process::new("rustc")
        .args(["--edition=2024", "-Copt-level=2", "-g", "--check-cfg=cfg(slowed)"])
        .args(flags)
        .arg("-o")
        .arg(&program)
        .arg(&source)
        .status();
    assert!(status.unwrap().success());
    program
}

fn has_valgrind() -> bool {
    let mut valgrind = Process::new("valgrind");
    valgrind.arg("--version").stdout(Stdio::null()).status().is_ok()
}

fn diff(target: &Path, base: &Path, head: &Path, views: &str) -> std::process::Output {
    let mut command = Command::cargo_bin("lab").unwrap();
    command.args(["profile-diff", "before", "tiny/grown", "--for-ms", "1000", "--views", views]);
    command.arg("--base-program").arg(base).arg("--head-program").arg(head);
    command.arg("--target").arg(target).output().unwrap()
}

/// The functions of a view, in the order in which they are printed.
fn printed(said: &str, view: &str) -> Vec<String> {
    let lines = said.lines().skip_while(|line| !line.starts_with(view)).skip(1);
    let functions = lines.take_while(|line| line.starts_with("  ") && line.contains('%'));
    functions.filter_map(|line| Some(line.split_once("%  ")?.1.to_owned())).collect()
}

#[test]
fn the_slowed_function_grew_most() {
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let steady = build(target, "steady", &[]);
    let slowed = build(target, "slowed", &["--cfg=slowed"]);
    // Without perf instructions stand for time.
    let views = match (has_perf(), has_valgrind()) {
        (_, true) => vec!["cpu", "instructions"],
        (true, false) => vec!["cpu"],
        (false, false) => return,
    };
    let output = diff(target, &steady, &slowed, &views.join(","));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for view in &views {
        assert_eq!(printed(&said, view)[0], "tiny_grown_path", "{said}");
        let picture = target.join(format!("profiles/diff/tiny-grown/{view}.svg"));
        let picture = fs::read_to_string(picture).unwrap();
        assert!(picture.contains("from before to this checkout"), "{view}");
    }
    if views.len() == 2 {
        // Exactly: nothing else changed.
        assert_eq!(printed(&said, "instructions"), ["tiny_grown_path"], "{said}");
    }
}

#[test]
fn a_stripped_program_is_reported() {
    if !has_perf() {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    for (name, flags) in [("whole", &[][..]), ("stripped", &["-Cstrip=symbols"])] {
        let program = build(target, name, flags);
        let mut command = Command::cargo_bin("lab").unwrap();
        command.args(["profile", "tiny/grown", "--views", "cpu", "--for-ms", "300"]);
        command.arg("--program").arg(&program).arg("--target").arg(target);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(said.contains("was stripped"), name == "stripped", "{said}");
    }
}

#[test]
fn views_that_cannot_be_compared_are_refused() {
    let target = tempfile::tempdir().unwrap();
    let program = build(target.path(), "steady", &[]);
    let output = diff(target.path(), &program, &program, "waiting");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("cpu,instructions"), "{said}");
}
