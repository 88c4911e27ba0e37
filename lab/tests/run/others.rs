//! Programs of others: whatever speaks the language of the harness is measured.

use crate::c::compiled;
use simple_records::{LogFile, Run, newest_run};
use simple_reports::analysis::Report;
use simple_reports::{html, text};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// Functions of a C program, through the header that we give away.
#[test]
fn functions_of_a_c_program_are_measured_in_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let source = std::fs::read_to_string(workspace.join("examples/harness/sum.c")).unwrap();
    let program = compiled(&source, folder.path(), Some(&workspace.join("harness")));
    let target = folder.path().join("target");
    let run = Command::new(env!("CARGO_BIN_EXE_lab"))
        .args(["run", "sum", "--program"])
        .arg(&program)
        .arg("--target")
        .arg(&target)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success() && said.contains("measured 2 workloads"), "{said}");
    assert!(said.contains("at most about 5 min"), "{said}");
    assert!(!said.contains("warning"), "{said}");
    let record = Run::read(&newest_run(&target.join("records")).unwrap()).unwrap();
    assert_eq!(record.start.fingerprint.rustc, None, "it is written in C");
    let again = format!("lab run --program {}", program.display());
    let report = Report::new(record.clone());
    assert!(text::reproduce_run(&report).starts_with(&again), "{again}");
    let page = html::page(&report).unwrap();
    assert!(page.contains(&again) && !page.contains("just ") && !page.contains("rustc"));
    assert!(record.samples.len() >= 20, "two alternatives in ten blocks or more");
    assert!(record.samples.iter().all(|samples| samples.work.items == 4096));
}

/// Of two functions, one has a wrong result.
const WRONG: &str = r#"
#include "lab_harness.h"
static uint64_t run(void *state) { (void)state; return 1; }
int main(int argc, char **argv) {
    lab_question("a", "?", "way", "n", "item");
    lab_workload("right", 1, run, NULL, 1);
    lab_workload("wrong", 1, run, NULL, 2);
    return lab_main(argc, argv);
}
"#;

/// A run in which a function is wrong must not look like one in which all is well.
#[test]
fn a_function_with_a_wrong_result_is_named_and_fails_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let program = compiled(WRONG, folder.path(), Some(&workspace.join("harness")));
    let run = Command::new(env!("CARGO_BIN_EXE_lab"))
        .args(["run", "--instruments=wall", "--program"])
        .arg(&program)
        .arg("--target")
        .arg(folder.path().join("target"))
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{said}");
    assert!(said.contains("error: 1 workload failed, for the reasons above: a/wrong/1"), "{said}");
    assert!(!said.contains("warning") && !said.contains("just "), "{said}");
}

/// Both workloads note that they are prepared, and then wait for ever.
const WAITS: &str = r#"
#include "lab_harness.h"
static void *wait_for_ever(void *name) {
    FILE *file = fopen(getenv("NOTED"), "a");
    fprintf(file, "%s\n", (char *)name);
    fclose(file);
    for (;;) pause();
}
static uint64_t run(void *state) { (void)state; return 1; }
int main(int argc, char **argv) {
    lab_question("a", "?", "way", "n", "item");
    lab_workload("b", 1, run, (void *)"one", 1)->prepare = wait_for_ever;
    lab_workload("c", 1, run, (void *)"other", 1)->prepare = wait_for_ever;
    return lab_main(argc, argv);
}
"#;

/// After an interrupt no further process is started, which nobody would end.
#[test]
fn an_interrupt_is_obeyed_while_a_block_is_prepared() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let program = compiled(WAITS, folder.path(), Some(&workspace.join("harness")));
    let noted = folder.path().join("noted");
    // A measured program gets few variables: a script gives it one.
    let script = folder.path().join("harness");
    let text =
        format!("#!/bin/sh\nNOTED='{}' exec '{}' \"$@\"\n", noted.display(), program.display());
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
    let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
    lab.arg("run").arg("--program").arg(&script);
    lab.arg("--target").arg(folder.path().join("target"));
    let mut lab = lab.stderr(Stdio::null()).spawn().unwrap();
    let lines = || std::fs::read_to_string(&noted).unwrap_or_default().lines().count();
    while lines() == 0 {
        assert!(lab.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    let id = lab.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(lab.wait().unwrap().code(), Some(130));
    assert_eq!(lines(), 1, "the second process of the block was started");
}
