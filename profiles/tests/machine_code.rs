//! Programs that differ in a comment, and programs that differ in more.

use simple_profiles::machine_code::{Sameness, compare};
use std::path::Path;
use std::process::Command;

const PROGRAM: &str = "
const LIMITS: [&(&str, u32, u32); 2] = [&(\"a.txt\", 7, 8), &(\"b.txt\", 9, 10)];

fn main() {
    let words: Vec<u64> = std::env::args().map(|word| word.len() as u64).collect();
    let (_, low, high) = LIMITS[words.len() % 2];
    println!(\"{}\", words[1] + words[2] * u64::from(low * high));
}
";

/// A program of a source whose file has the same name each time.
fn built(source: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("main.rs"), source).unwrap();
    let mut rustc = Command::new("rustc");
    rustc.current_dir(folder.path()).args(["--edition", "2024", "-O", "main.rs"]);
    assert!(rustc.status().unwrap().success());
    std::fs::read(folder.path().join("main")).unwrap()
}

fn after(other: &str) -> Sameness {
    compare(&built(PROGRAM), &built(other)).unwrap()
}

#[test]
fn a_comment_moves_lines_and_nothing_else() {
    assert_eq!(after(PROGRAM), Sameness::Same);
    assert_eq!(after(&format!("// A remark.\n{PROGRAM}")), Sameness::ExceptLines);
}

#[test]
fn code_and_constants_make_other_programs() {
    for (from, to) in [("words[1] +", "words[1] ^"), ("7, 8", "7, 9"), ("\"b.txt\"", "\"c.txt\"")] {
        assert_eq!(after(&PROGRAM.replace(from, to)), Sameness::Different, "{to}");
    }
}

#[test]
fn a_file_that_is_no_program_is_an_error() {
    let program = std::fs::read("/proc/self/exe").unwrap();
    let text = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    assert!(compare(&program, &text).is_err());
    assert!(compare(&program[..program.len() / 2], &program).is_err());
}
