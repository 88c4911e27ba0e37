//! Code layouts, from the command line: a program whose link was kept runs in several of them.

use crate::common::{code, compare, record, resume, started, tiny};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program in `folder`, and beside it what it was linked from.
fn kept(folder: &Path) -> PathBuf {
    let lab = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = folder.join("cc");
    fs::copy(lab.join("src/harness/builds/linker.sh"), &script).unwrap();
    fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
    let status = Command::new("rustc")
        .args(["--edition=2024", "-Copt-level=2", "--check-cfg=cfg(slowed)"])
        .args(["--crate-name=simple_bench", "-Cextra-filename=-1"])
        .arg(format!("-Clinker={}", script.display()))
        .arg("--out-dir")
        .arg(folder)
        .arg(lab.join("tests/tiny/worker.rs"))
        .env("SIMPLE_LAB_LINKER", "cc")
        .env("SIMPLE_LAB_PROGRAM", "simple_bench")
        .env("SIMPLE_LAB_KEPT", folder.join("kept"))
        .status();
    assert!(status.unwrap().success());
    fs::rename(folder.join("kept/simple_bench-1"), folder.join("link")).unwrap();
    folder.join("simple_bench-1")
}

/// Puts a linker that knows no option into the place of the one that made the program in `folder`.
fn with_poor_linker(folder: &Path) -> PathBuf {
    let link = folder.join("link");
    fs::create_dir_all(&link).unwrap();
    let linker = folder.join("poor");
    fs::write(&linker, "#!/bin/sh\necho 'poor: unknown option' >&2\nexit 1\n").unwrap();
    fs::set_permissions(&linker, Permissions::from_mode(0o755)).unwrap();
    fs::write(link.join("linker"), linker.display().to_string()).unwrap();
    fs::write(link.join("path"), "/bin").unwrap();
    fs::write(link.join("arguments"), "-o\0made\0").unwrap();
    let program = folder.join("worker");
    fs::copy(&tiny().steady, &program).unwrap();
    program
}

#[test]
fn a_linker_that_cannot_is_told_and_the_programs_run_as_they_were_linked() {
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let program = with_poor_linker(target);
    let mut gate = compare(target, &program, &program, &["steady"]);
    let output = gate.arg("--instruments=wall").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said.matches("the layout of code is not randomised").count(), 1, "{said}");
    assert!(said.contains("poor: unknown option"), "{said}");
    let gate = record(target);
    assert_eq!(gate.start.layouts, None);
    assert!(gate.start.notes.iter().any(|note| note.contains("not randomised")));
    assert!(gate.blocks.len() >= 6 && gate.retired.is_empty(), "{:?}", gate.retired);
}

#[test]
fn layouts_are_recorded_and_go_on_when_a_gate_is_resumed() {
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let program = kept(target);
    let gate_of = || {
        let mut gate = compare(target, &program, &program, &["hot", "steady"]);
        gate.arg("--instruments=wall");
        gate
    };
    let mut child = started(gate_of().arg("--layouts=3"), target);
    child.kill().unwrap();
    child.wait().unwrap();
    let begun = record(target).start;
    if begun.layouts.is_none() {
        // Rust's own linker can do it there.
        let can = cfg!(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"));
        assert!(!can && begun.notes[0].contains("not randomised"), "{:?}", begun.notes);
        return;
    }
    assert_eq!((begun.layouts, begun.notes.len()), (Some(3), 0));
    let other = gate_of().args(["--resume", "--layouts=5"]).output().unwrap();
    let said = String::from_utf8_lossy(&other.stderr);
    assert!(said.contains("code layouts are 3, not 5"), "{said}");
    assert_ne!(code(&mut resume(target, &program, &program)), 2);
    let gate = record(target);
    assert!(gate.end.is_some() && gate.retired.is_empty(), "{:?}", gate.retired);
    // The layouts vanish with the gate, also those of the one that was killed.
    let left = fs::read_dir(target.join("gate")).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().starts_with('.')).collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn no_layouts_are_made_if_none_are_wanted() {
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let program = kept(target);
    let mut gate = compare(target, &program, &program, &["steady"]);
    let output = gate.args(["--instruments=wall", "--layouts=0"]).output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains("linking layouts"));
    assert_eq!(record(target).start.layouts, None);
}
