//! A program whose work is an argument, and the laboratory that compares it.

use crate::c::compiled;
use assert_cmd::Command;
use simple_records::{LogFile, Run, newest_run};
use std::path::Path;
use std::process::Output;
use std::sync::OnceLock;
use tempfile::TempDir;

/// Computes as often as its first argument says, and prints its second one, if there is one.
const SOURCE: &str = r#"
#include <stdio.h>
#include <stdlib.h>
int main(int count, char **words) {
    volatile unsigned long sum = 0;
    unsigned long steps = strtoul(words[1], 0, 10);
    for (unsigned long i = 0; i < steps; i++) sum += i;
    if (count > 2) puts(words[2]);
    return 0;
}
"#;

/// The program that computes.
pub fn work() -> &'static str {
    static BUILT: OnceLock<(TempDir, String)> = OnceLock::new();
    let (_, program) = BUILT.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let program = compiled(SOURCE, folder.path(), None);
        (folder, program.to_str().unwrap().to_owned())
    });
    program
}

/// Runs a verb that works in `folder`.
pub fn lab(verb: &str, folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("lab").unwrap();
    command.arg(verb).args(arguments).arg("--target").arg(folder);
    command.output().unwrap()
}

/// A comparison in `folder`, with its outcome and both its outputs.
pub fn compare(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = lab("compare", folder, arguments);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// The newest record in `folder`.
pub fn newest(folder: &Path) -> Run {
    Run::read(&newest_run(&folder.join("compare")).unwrap()).unwrap()
}

/// A temporary folder.
pub fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}
