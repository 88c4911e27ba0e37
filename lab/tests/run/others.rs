//! Programs of others: whatever speaks the language of the harness is measured.

use crate::c::compiled;
use simple_records::{LogFile, Run, newest_run};
use std::path::Path;
use std::process::Command;

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
    let record = Run::read(&newest_run(&target.join("records")).unwrap()).unwrap();
    assert!(record.samples.len() >= 20, "two alternatives in ten blocks or more");
    assert!(record.samples.iter().all(|samples| samples.work.items == 4096));
}
