//! Programs in C, compiled for a test.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles a source to a program in `folder`, with headers of `include` if it is there.
pub fn compiled(source: &str, folder: &Path, include: Option<&Path>) -> PathBuf {
    let (file, program) = (folder.join("program.c"), folder.join("program"));
    std::fs::write(&file, source).unwrap();
    let mut cc = Command::new("cc");
    cc.args(["-O1", "-g", "-pthread", "-o"]).arg(&program).arg(&file);
    if let Some(include) = include {
        cc.arg("-I").arg(include);
    }
    assert!(cc.status().unwrap().success());
    program
}
