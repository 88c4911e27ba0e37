//! The examples print what they should, in C and in Rust the same.

mod c;

use c::{Language, Linkage, package};
use std::fs;
use std::path::Path;
use std::process::Command;

const FUTURES: &str = "\
begun: no
fibonacci(15) = 610
sums of squares: 385 338350 333833500
error: cancelled
";

const LOAD_FILES: &str = "\
poem: 20 bytes, 3 lines
empty: 0 bytes, 0 lines
failed: missing: cannot open: No such file or directory (os error 2)
large: 5000000 bytes, 100000 lines
";

const COVERAGE: &str = "\
# Coverage Report
version: 1.0

decisions |id, file, line, column, true_count, false_count|
    1, door.spl, 2, 8, 2, 1

conditions |decision_id, condition_id, file, line, column, true_count, false_count|
    1, 0, door.spl, 2, 8, 1, 2
    1, 1, door.spl, 2, 21, 1, 1
    1, 2, door.spl, 2, 35, 1, 0

paths |path_id, blocks, hit_count|
    1, [0, 1], 2
    1, [0, 2], 1

summary:
    total_decisions: 1
    covered_decisions: 1
    total_conditions: 3
    covered_conditions: 2
    total_paths: 2
    covered_paths: 2
    decision_percent: 100.0
    condition_percent: 66.7
    path_percent: 100.0

mcdc |decision_id, file, line, column, conditions, unique_cause_covered, masking_covered, vectors|
    1, door.spl, 2, 8, 3, 2, 2, 3
";

/// Runs an example in both languages, in a folder that `fill` has filled.
fn check(name: &str, arguments: &[&str], fill: impl Fn(&Path), expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    let source = package().join("examples/c").join(name).with_extension("c");
    let programs = tempfile::tempdir().unwrap();
    let in_c = c::build(&source, programs.path(), Language::C, Linkage::Shared);
    for program in [in_c, in_rust(name)] {
        let mut command = Command::new(program);
        assert_eq!(c::output(command.args(arguments).current_dir(folder.path())), expected);
    }
}

/// The Rust example, which `cargo test` builds unless it is told to build one test only.
fn in_rust(name: &str) -> std::path::PathBuf {
    let program = c::built(&format!("examples/{name}"));
    let source = package().join("examples").join(name).with_extension("rs");
    let age = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
    assert!(age(&program) >= age(&source), "build it first: cargo build --examples");
    program
}

#[test]
fn futures() {
    check("futures", &[], |_| {}, FUTURES);
}

#[test]
fn load_files() {
    let fill = |folder: &Path| {
        fs::write(folder.join("poem"), "one\nor two\nor three\n").unwrap();
        fs::write(folder.join("empty"), "").unwrap();
        fs::write(folder.join("large"), format!("{:49}\n", "line").repeat(100_000)).unwrap();
    };
    check("load_files", &["poem", "empty", "missing", "large"], fill, LOAD_FILES);
}

#[test]
fn coverage() {
    check("coverage", &[], |_| {}, COVERAGE);
}
