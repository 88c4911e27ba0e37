//! Requests that cannot be carried out: exit code 2, with a word that helps.

use crate::common::{Repository, SUITE, expect, gate, git, rounds};
use std::fs;

#[test]
fn without_a_suite_there_is_an_example() {
    let repository = Repository::empty("r");
    let said = expect(2, &mut repository.gate("HEAD"));
    assert!(said.contains("there is no lab.toml") && said.contains("[[command]]"), "{said}");
    // The example is one.
    let example: String = said
        .lines()
        .skip_while(|line| *line != "[[command]]")
        .take(3)
        .map(|line| format!("{line}\n"))
        .collect();
    repository.write("lab.toml", &example);
    repository.write("sort", "#!/bin/sh\nexit 0\n");
    let said = expect(2, &mut repository.gate("HEAD"));
    assert!(said.contains("there is no revision HEAD"), "{said}");
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("lab.toml"), &example).unwrap();
    let said = expect(2, &mut gate(outside.path(), "HEAD"));
    assert!(said.contains("not a git repository"), "{said}");
}

#[test]
fn a_side_that_does_not_build_is_named_with_the_end_of_its_log() {
    let repository = Repository::new("r", "");
    repository.write("mix.c", "#error the reason\n");
    let said = expect(2, &mut repository.gate("HEAD"));
    assert!(said.contains("this checkout does not build") && said.contains("the reason"), "{said}");
    assert!(repository.root.join(".lab/gate/sides/b.log").is_file());
    repository.commit();
    repository.git(&["checkout", "--quiet", "HEAD~1"]);
    let said = expect(2, &mut repository.gate("HEAD@{1}"));
    assert!(said.contains("HEAD@{1} does not build") && said.contains("the reason"), "{said}");
    assert!(
        said.contains("ignored files and empty folders") && !said.contains("differs"),
        "{said}"
    );
    repository.write("lab.toml", &format!("{SUITE}# changed\n"));
    let said = expect(2, &mut repository.gate("HEAD@{1}"));
    assert!(said.contains("differs: both sides are built and measured by"), "{said}");
}

#[test]
fn a_shallow_clone_is_told_how_to_get_more() {
    let repository = Repository::new("r", "");
    repository.write("rounds.h", &rounds(1));
    repository.commit();
    let from = format!("file://{}", repository.root.display());
    let clone = repository.root.join("../clone");
    git(repository.root.as_path(), &["clone", "--quiet", "--depth", "1", &from, "../clone"]);
    let said = expect(2, &mut gate(&clone, "HEAD~1"));
    assert!(said.contains("shallow") && said.contains("--unshallow"), "{said}");
}

#[test]
fn a_suite_of_another_revision_is_not_used_and_a_missing_folder_is_named() {
    let repository = Repository::empty("r");
    repository.write("readme", "");
    repository.commit();
    repository.write("in/lab.toml", SUITE);
    let said = expect(2, &mut gate(&repository.root.join("in"), "HEAD"));
    assert!(said.contains("HEAD has no folder in"), "{said}");
    let said = expect(2, gate(&repository.root.join("in"), "HEAD").arg("--effort=full"));
    assert!(said.contains("--effort") && said.contains("leave it out"), "{said}");
}

#[test]
fn a_repository_that_git_does_not_trust_is_told_in_its_own_words() {
    let repository = Repository::new("r", "");
    let strange = |gate: &mut assert_cmd::Command| {
        gate.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1").env("HOME", &repository.root);
    };
    let mut gate = repository.gate("HEAD");
    strange(&mut gate);
    let said = expect(2, &mut gate);
    assert!(said.contains("dubious ownership") && said.contains("safe.directory"), "{said}");
    // The advice of git helps.
    repository.write(".gitconfig", "[safe]\n\tdirectory = *\n");
    let mut gate = repository.gate("no-such");
    strange(&mut gate);
    let said = expect(2, &mut gate);
    assert!(said.contains("there is no revision no-such"), "{said}");
}

#[test]
fn files_that_nobody_ignores_are_bounded() {
    let repository = Repository::new("r", "");
    // It has holes, and takes no room.
    let huge = fs::File::create(repository.root.join("core.dump")).unwrap();
    huge.set_len(2 << 30).unwrap();
    let said = expect(2, &mut repository.gate("HEAD"));
    assert!(said.contains("core.dump with 2048 MiB") && said.contains(".gitignore"), "{said}");
}

#[test]
fn a_pipe_in_the_place_of_a_file_is_named() {
    let repository = Repository::new("r", "");
    let path = repository.root.join("rounds.h");
    fs::remove_file(&path).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let said = expect(2, &mut repository.gate("HEAD"));
    assert!(said.contains("rounds.h is neither a file nor a link"), "{said}");
    assert!(said.contains("git checkout -- 'rounds.h'"), "{said}");
}

#[test]
fn a_place_for_results_that_cannot_be_made_is_named_with_another() {
    let repository = Repository::new("r", "");
    repository.write(".lab", "a file");
    let said = expect(2, &mut repository.gate("HEAD"));
    assert!(said.contains("--target FOLDER") && !said.contains("is new"), "{said}");
}
