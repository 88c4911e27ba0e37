//! Commands that cannot be measured: each is said in a sentence, with exit code 2.

use crate::work::{compare, folder, work};
use simple_records::{RecordFile, record_files};
use std::path::Path;

fn records(folder: &Path) -> Vec<RecordFile> {
    record_files(&folder.join("compare")).unwrap_or_default()
}

/// Asserts that this is refused with a sentence that has these words, and leaves no record.
fn refused(arguments: &[&str], words: &[&str]) {
    let folder = folder();
    let (code, out, err) = compare(folder.path(), arguments);
    assert_eq!(code, Some(2), "{out}{err}");
    for word in words {
        assert!(err.contains(word), "{word}: {err}");
    }
    assert!(out.is_empty() && records(folder.path()).is_empty(), "{out}");
}

#[test]
fn what_is_no_program_or_no_command_line() {
    refused(&["true", "/no/such-program"], &["'/no/such-program'", "check its path"]);
    refused(&["true", "LC_ALL=C true"], &["'LC_ALL=C' is no program", "--env '2:NAME=VALUE'"]);
    refused(&["true", "/etc/passwd"], &["'/etc/passwd'", "permissions"]);
    refused(&["true", "echo 'a"], &["close its quotes"]);
    refused(&["true", " "], &["empty command"]);
    refused(&["true"], &["2 values required"]);
    refused(&["true", "true", "--default=3"], &["--default 3", "2 commands"]);
    refused(&["true", "true", "--env=3:A=b"], &["--env 3", "2 commands"]);
    refused(&["true", "true", "--budget=0s"], &["--budget", "no time"]);
    refused(&["true", "true", "--timeout=0s"], &["--timeout", "no time"]);
    refused(&["true", "true", "--same=0"], &["0.1 to 99"]);
    refused(&["true", "true", "--input=/no/such"], &["--input /no/such", "cannot be read"]);
    refused(&["true", "true", "--input=/"], &["--input /: it is a folder"]);
    refused(
        &["true", "true", "--export=/no/such/a.csv"],
        &["--export /no/such/a.csv", "/no/such: make it"],
    );
    refused(&["true", "true", "--export=/proc/a.csv"], &["no file can be made in /proc"]);
    refused(&["true", "true", "--export=/"], &["--export /", "it is a folder"]);
    refused(&["true", "true", "--setup=exit 4"], &["--setup 'exit 4' failed"]);
    refused(&["true", "true", "--name=a", "--name=a"], &["--name 'a' is there twice"]);
    refused(&["true", "true", "--name="], &["--name '' of command 1 is empty"]);
    refused(&["true", "true", "--name=null control/first"], &["taken by the null control"]);
}

#[test]
fn what_fails_is_quoted_with_its_exit_code() {
    let failing = "sh -c 'echo first >&2; echo because >&2; exit 7'";
    refused(&["true", failing], &["exit status: 7", "because", "--ignore-failure"]);
    // There is no terminal to ask at.
    refused(&["sh -c 'read answer'", "true"], &["exit status: 1"]);
}

#[test]
fn what_never_ends_is_killed_with_all_that_it_started() {
    let folder = folder();
    let note = folder.path().join("process");
    let hangs = format!("sh -c 'sleep 1000 & echo $! >{}; wait'", note.display());
    refused(&["true", &hangs, "--timeout=400ms"], &["did not end within 0.4 s", "--timeout"]);
    let process = std::fs::read_to_string(&note).unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.trim()));
    // Gone, or dead and not yet collected by whoever inherited it.
    assert!(stat.is_err() || stat.is_ok_and(|stat| stat.contains(") Z ")), "{process}");
}

/// A shell's words that begin a session, note its process in a file, and go on when that is done.
fn session_noted_in(note: &Path) -> String {
    let note = note.display();
    format!("setsid sh -c 'echo $$ >{note}; exec sleep 1000' & while ! test -s {note}; do :; done")
}

fn is_there(process: &str) -> bool {
    Path::new("/proc").join(process.trim()).exists()
}

#[test]
fn what_a_command_leaves_in_a_session_of_its_own_is_killed_and_what_the_setup_left_is_not() {
    let folder = folder();
    let [left, kept] = ["left", "kept"].map(|name| folder.path().join(name));
    let leaves = format!("{}; exec sleep 1000", session_noted_in(&left));
    let setup = session_noted_in(&kept);
    let arguments = ["true", &leaves, "--shell", "--timeout=2s", "--setup", &setup];
    let (code, out, err) = compare(folder.path(), &arguments);
    assert_eq!(code, Some(2), "{out}{err}");
    assert!(err.contains("did not end within 2 s"), "{err}");
    let [left, kept] = [left, kept].map(|note| std::fs::read_to_string(note).unwrap());
    assert!(!is_there(&left), "{left}");
    assert!(is_there(&kept), "{kept}");
    assert!(std::process::Command::new("kill").arg(kept.trim()).status().unwrap().success());
}

#[test]
fn megabytes_of_output_are_no_trouble() {
    let folder = folder();
    let prints = "head -c 20000000 /dev/zero";
    let (code, out, err) = compare(folder.path(), &[prints, prints, "--budget=300ms"]);
    assert!(matches!(code, Some(0 | 3)), "{out}{err}");
    assert!(!out.contains("outputs differ"), "{out}");
}

/// A script that does something else in its eighth process: after the one that is tried, and a block
/// or more, because a block has few processes that compute for a while.
fn at_the_eighth(count: &Path, then: &str) -> String {
    let count = count.display();
    format!("echo >>{count}; test $(wc -l <{count}) -lt 8 || {{ {then}; }}; {} 30000000", work())
}

#[test]
fn what_was_measured_before_a_failure_is_kept() {
    let folder = folder();
    let fails = at_the_eighth(&folder.path().join("count"), "echo worn out >&2; exit 9");
    let (code, out, err) = compare(folder.path(), &["true", &fails, "--shell"]);
    assert_eq!(code, Some(2), "{out}{err}");
    assert!(err.contains("exit status: 9: worn out"), "{err}");
    assert!(out.contains("record: ") && out.contains(" block"), "{out}");
    assert_eq!(records(folder.path()).len(), 1);
}

#[test]
fn an_interrupt_ends_it_and_keeps_what_there_is() {
    let folder = folder();
    // The shell's parent is the program that measures.
    let interrupts = at_the_eighth(&folder.path().join("count"), "kill -INT $PPID");
    let (code, out, err) = compare(folder.path(), &["true", &interrupts, "--shell"]);
    assert_eq!(code, Some(130), "{out}{err}");
    assert!(out.contains("open: ") && out.contains("record: "), "{out}");
    assert!(err.contains("interrupted") && !err.contains("error"), "{err}");
    assert_eq!(records(folder.path()).len(), 1);
}

#[test]
fn a_signal_during_the_setup_is_an_interrupt_and_the_cleanup_runs() {
    for (signal, expected) in [("INT", 130), ("QUIT", 131), ("TERM", 143)] {
        let folder = folder();
        let cleaned = folder.path().join("cleaned");
        let setup = format!("kill -{signal} $PPID; exec sleep 1000");
        let cleanup = format!(": >{}", cleaned.display());
        let arguments = ["true", "true", "--setup", &setup, "--cleanup", &cleanup];
        let (code, out, err) = compare(folder.path(), &arguments);
        assert_eq!(code, Some(expected), "{out}{err}");
        assert!(err.contains("interrupted: nothing was measured yet"), "{err}");
        assert!(!err.contains("failed"), "{err}");
        assert!(cleaned.exists() && records(folder.path()).is_empty());
    }
}
