//! Commands that cannot run: told once, in the words of what fails, with what to do about it.

use crate::common::{Repository, expect, has_valgrind, record, rounds};
use simple_records::Side;
use std::fs;

/// A repository of one command with these lines, and a change of the checkout.
fn repository(lines: &str) -> Repository {
    let repository = Repository::empty("r");
    repository.write("lab.toml", &suite(lines));
    repository.write("plain", "no program");
    repository.write(".gitignore", ".lab/\n");
    repository.commit();
    repository.write("change", "");
    repository
}

fn suite(lines: &str) -> String {
    format!("[[command]]\nname = \"it\"\n{lines}\n")
}

#[test]
fn a_suite_of_which_nothing_runs_cannot_be_compared() {
    let faults = [
        ("run = \"./nothere --x\"", "there is no program './nothere'"),
        ("run = \"nosuchprog\"", "there is no program 'nosuchprog'"),
        ("run = \"./plain\"", "'./plain' is no program that may be started"),
        ("run = \"cat\"\ninput = \"nofile\"", "cannot read the input"),
        ("run = \"true\"\nprepare = \"exit 4\"", "prepare 'exit 4' failed"),
        ("run = \"false\"", "fails with exit status: 1"),
    ];
    for (lines, fault) in faults {
        let said = expect(2, &mut repository(lines).gate("HEAD"));
        assert_eq!(said.matches("command 'it'").count(), 1, "{said}");
        assert!(said.contains(fault) && said.contains("lab.toml"), "{said}");
        for wrong in ["valgrind", "--shell", "quiet machine"] {
            assert!(!said.contains(wrong), "{said}");
        }
    }
}

#[test]
fn a_command_that_does_not_end_is_given_up_after_its_timeout() {
    let repository = repository("run = \"sleep 1000\"");
    let text = format!("timeout = \"100ms\"\n{}", suite("run = \"sleep 1000\""));
    repository.write("lab.toml", &text);
    let said = expect(2, &mut repository.gate("HEAD"));
    assert!(said.contains("did not end within 0.1 s"), "{said}");
    assert!(said.contains("timeout = \"5m\" at the top of lab.toml"), "{said}");
}

#[test]
fn a_command_of_which_only_the_checkout_has_the_program_is_not_compared() {
    let repository = repository("run = \"true\"");
    let two =
        format!("{}{}", suite("run = \"true\""), suite("run = \"./new\"").replace("it", "new"));
    repository.write("lab.toml", &two);
    fs::copy("/bin/true", repository.root.join("new")).unwrap();
    let only = |said: &str| {
        let after = said.split("Only in this checkout, so not compared:").nth(1);
        after.unwrap_or_else(|| panic!("{said}")).lines().nth(1).unwrap().trim().to_owned()
    };
    if has_valgrind() {
        let said = expect(0, repository.gate("HEAD").arg("--instruments=instructions"));
        assert_eq!(only(&said), "command/new");
        assert_eq!(record(&repository.root).only_in[0].side, Side::Head);
    }
    repository.write("lab.toml", &suite("run = \"./new\""));
    let said = expect(2, &mut repository.gate("HEAD"));
    assert!(said.contains("only this checkout has the program of command/it"), "{said}");
}

#[test]
fn a_script_is_not_judged_by_instructions_alone() {
    if !has_valgrind() {
        return;
    }
    let repository = repository("run = \"sh -c true\"");
    let said = expect(2, repository.gate("HEAD").arg("--instruments=instructions"));
    assert!(said.contains("leave the option out"), "{said}");
    assert!(!said.contains("only in one of them"), "{said}");
}

#[test]
fn a_command_that_fails_beside_others_asks_for_a_correction() {
    if !has_valgrind() {
        return;
    }
    let repository = Repository::new("r", "");
    let broken = suite("run = \"./nothere\"");
    repository.write("lab.toml", &format!("{}\n{broken}", crate::common::SUITE));
    repository.write("rounds.h", &rounds(99_000));
    let said = expect(3, repository.gate("HEAD").arg("--instruments=instructions"));
    assert_eq!(said.matches("there is no program './nothere'").count(), 1, "{said}");
    assert!(said.contains("Correct what \"Not measured\" names"), "{said}");
    assert!(!said.contains("quiet machine"), "{said}");
}
