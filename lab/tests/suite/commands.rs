//! Whole processes.

use crate::common::{Checkout, is_sound};
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

const COUNTS: &str = r#"
[[command]]
name = "count"
run = "sh -c 'read line; echo $line $KEY >> seen; head -c 3000000 /dev/zero; head -c 100000 /dev/zero >&2'"
input = "data/in.txt"
prepare = "echo prepared $KEY >> seen"
environment = { KEY = "a b" }
"#;

fn one(run: &str) -> Checkout {
    Checkout::with(&[("lab.toml", &format!("[[command]]\nname = \"it\"\nrun = \"{run}\"\n"))])
}

#[test]
fn a_process_runs_in_its_folder_with_its_input_and_variables() {
    let checkout = Checkout::with(&[("lab.toml", COUNTS), ("data/in.txt", "input\n")]);
    assert_eq!(checkout.suite().parts[0].prefix, "command");
    assert_eq!(checkout.list().unwrap(), ["count"]);
    let timed = checkout.turn("count").unwrap();
    is_sound(&timed, 5);
    assert_eq!(timed.iterations, 1);
    let seen = fs::read_to_string(checkout.path().join("seen")).unwrap();
    let lines: Vec<&str> = seen.lines().collect();
    assert!(lines.len() >= 2 * (timed.totals_ns.len() + 1), "{seen}");
    assert!(lines.chunks(2).all(|two| two == ["prepared a b", "input a b"]), "{seen}");
}

#[test]
fn a_program_named_by_a_path_is_the_one_in_the_folder() {
    let checkout = one("./tool now");
    let error = checkout.turn("it").unwrap_err();
    assert!(error.contains("command 'it': there is no program './tool'"), "{error}");
    fs::copy("/bin/true", checkout.path().join("tool")).unwrap();
    is_sound(&checkout.turn("it").unwrap(), 5);
}

#[test]
fn a_failure_is_quoted_and_a_process_that_hangs_is_killed() {
    let error = one("sh -c 'echo because >&2; exit 3'").turn("it").unwrap_err();
    assert!(error.contains("command 'it' fails with exit status: 3: because"), "{error}");
    let mut hangs = one("sleep 1000");
    hangs.timeout = Duration::from_millis(30);
    let error = hangs.turn("it").unwrap_err();
    assert!(error.contains("did not end within 0.03 s") && error.contains("lab.toml"), "{error}");
    let toml = "[[command]]\nname = \"it\"\nrun = \"true\"\nprepare = \"echo no >&2; exit 1\"\n";
    let error = Checkout::with(&[("lab.toml", toml)]).turn("it").unwrap_err();
    assert!(error.contains("prepare 'echo no >&2; exit 1' failed: correct it: no"), "{error}");
}

#[test]
fn an_input_that_is_not_there_is_told() {
    let error = Checkout::with(&[("lab.toml", COUNTS)]).turn("count").unwrap_err();
    assert!(error.contains("cannot read the input") && error.contains("data/in.txt"), "{error}");
}

#[test]
fn the_process_to_count_has_the_input() {
    let toml =
        "[[command]]\nname = \"it\"\nrun = \"cat -\"\ninput = \"in\"\nprepare = \"touch ready\"\n";
    let checkout = Checkout::with(&[("lab.toml", toml), ("in", "the input")]);
    let suite = checkout.suite();
    let counted = suite.parts[0].adapter.counted(&checkout.place(), "it").unwrap().unwrap();
    assert!(checkout.path().join("ready").exists());
    let output = counted.under(Command::new("env")).unwrap().stdout(Stdio::piped()).output();
    assert_eq!(output.unwrap().stdout, b"the input");
}

#[test]
fn instructions_of_a_shell_or_a_script_are_not_counted() {
    for run in ["sh -c true", "./script"] {
        let checkout = one(run);
        fs::write(checkout.path().join("script"), "#!/bin/sh\n").unwrap();
        let suite = checkout.suite();
        let counted = suite.parts[0].adapter.counted(&checkout.place(), "it").unwrap();
        assert!(counted.is_none(), "{counted:?}");
    }
}

#[test]
fn instructions_of_what_times_itself_are_not_counted() {
    let toml = "[[benchmarks]]\nadapter = \"harness\"\nprogram = \"sum\"\n";
    let suite = Checkout::with(&[("lab.toml", toml), ("sum", "")]).suite();
    let place = one("true").place();
    assert!(suite.parts[0].adapter.counted(&place, "any").unwrap().is_none());
}
