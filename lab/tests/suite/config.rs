//! Faults of a `lab.toml`, each with the words that a user reads.

use crate::common::Checkout;
use crate::faults::FAULTS;
use simple_lab::suite;
use std::time::Duration;

/// The error for a file with this text, without the folder in front of its name.
fn fault(text: &str) -> String {
    let checkout = Checkout::with(&[("lab.toml", text)]);
    let error = suite::read(&checkout.path().join("lab.toml")).unwrap_err();
    let folder = format!("{}/", checkout.path().display());
    format!("{error:#}").replace(&folder, "")
}

#[test]
fn every_fault_names_file_line_and_key_and_what_is_right() {
    for (text, expected) in FAULTS {
        assert_eq!(fault(text), *expected, "{text}");
    }
}

#[test]
fn all_faults_are_told_at_once_by_their_lines() {
    let text = r#"
timeout = "soon"
built = "make"
[[command]]
nmae = "a"
run = "../b"
[[command]]
name = "c"
run = 3
input = "/d"
[[benchmarks]]
adapter = "harness"
bench = "x"
filter = "("
"#;
    let fault = fault(text);
    let lines: Vec<&str> = fault.lines().filter_map(|line| line.split(": ").next()).collect();
    let numbers = [2, 3, 5, 6, 9, 10, 13, 14];
    assert_eq!(lines, numbers.map(|number| format!("lab.toml:{number}")), "{fault}");
}

#[test]
fn a_path_may_lead_through_the_repository_around_the_file() {
    let text = "[[command]]\nname = \"a\"\nrun = \"../bin/b /etc/c\"\ninput = \"../d\"\n";
    let checkout = Checkout::with(&[("inner/lab.toml", text), (".git/HEAD", "")]);
    assert!(suite::read(&checkout.path().join("inner/lab.toml")).is_ok());
    let outside = Checkout::with(&[("lab.toml", text), (".git/HEAD", "")]);
    let error = suite::read(&outside.path().join("lab.toml")).unwrap_err().to_string();
    assert_eq!(error.lines().count(), 2, "{error}");
}

#[test]
fn a_file_that_cannot_be_read_is_told() {
    let checkout = Checkout::with(&[]);
    let path = checkout.path().join("lab.toml");
    let error = format!("{:#}", suite::read(&path).unwrap_err());
    assert!(error.contains("cannot read") && error.contains("lab.toml"), "{error}");
    std::fs::write(&path, b"build = \"\xff\"").unwrap();
    let error = suite::read(&path).unwrap_err().to_string();
    assert!(error.contains("save it as UTF-8"), "{error}");
}

#[test]
fn a_file_that_says_everything_is_read() {
    let text = r#"
build = "make"
timeout = "2m"
command = [{ name = "a/b", run = "x | y" }]
"#;
    assert!(fault(text).contains("no shell reads '|'"));
    let text = r#"
build = "make"
timeout = "2m"
[[command]]
name = "a/b"
run = "awk '$1 > 2' '|'"
input = "./data/in"
[[benchmarks]]
adapter = "criterion"
program = "bench/x"
arguments = ["", "a"]
"#;
    let checkout = Checkout::with(&[("lab.toml", text)]);
    let suite = checkout.suite();
    assert_eq!((suite.build.as_deref(), suite.timeout), (Some("make"), Duration::from_secs(120)));
    let prefixes: Vec<&str> = suite.parts.iter().map(|part| part.prefix.as_str()).collect();
    assert_eq!(prefixes, ["command", "x"]);
    assert_eq!(checkout.list().unwrap(), ["a/b"]);
}

#[test]
fn examples_of_the_reference_are_right() {
    let page = include_str!("../../src/suite/README.md");
    let blocks: Vec<&str> =
        page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        let checkout = Checkout::with(&[("lab.toml", block)]);
        assert!(!checkout.suite().parts.is_empty(), "{block}");
    }
}
