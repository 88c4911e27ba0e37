//! A comparison that is killed, and goes on.

use crate::common::{Repository, expect, record, rounds};
use assert_cmd::Command;
use simple_records::{Gate, LogFile, newest_run};
use std::process::{Command as Process, Stdio};

fn killed(repository: &Repository) {
    let mut process = Process::new(repository.gate("HEAD").get_program());
    process
        .args(["gate", "HEAD", "--instruments=wall", "--measure-anyway"])
        .current_dir(&repository.root);
    let mut child = process.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let folder = repository.root.join(".lab/gate");
    let gate = || newest_run(&folder).ok().and_then(|path| Gate::read(&path).ok());
    // Without a limit of time.
    while gate().is_none_or(|gate| gate.blocks.len() < 2) {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn resume(repository: &Repository) -> Command {
    let mut command = Command::cargo_bin("lab").unwrap();
    command.args(["gate", "--resume"]).current_dir(&repository.root);
    command
}

#[test]
fn a_killed_comparison_goes_on_unless_the_sources_have_changed() {
    let repository = Repository::new("r", "");
    killed(&repository);
    let before = record(&repository.root);
    assert!(before.end.is_none());
    repository.write("rounds.h", &rounds(99));
    let said = expect(2, &mut resume(&repository));
    assert!(said.contains("compare again without --resume"), "{said}");
    assert!(said.contains("have changed since: rounds.h. Put them back"), "{said}");
    repository.git(&["checkout", "--quiet", "rounds.h"]);
    let output = resume(&repository).output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 3)), "{output:?}");
    let after = record(&repository.root);
    assert!(after.end.is_some());
    assert_eq!(after.blocks[..before.blocks.len()], before.blocks[..]);
    expect(2, &mut resume(&repository));
}
