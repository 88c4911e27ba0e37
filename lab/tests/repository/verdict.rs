//! The verdict on a repository of anybody's.

use crate::common::{Repository, counted, expect, files, has_valgrind, record, rounds};
use simple_records::Stage;
use std::fs;

#[test]
fn more_work_is_found_and_named_and_the_repository_is_left_alone() {
    let repository = Repository::new("r", "");
    repository.write("rounds.h", &rounds(200_000));
    let before = files(&repository.root.join(".git"));
    let mut gate = repository.gate("HEAD");
    let output = gate.arg("--measure-anyway").output().unwrap();
    let said = crate::common::said(&output);
    // Time alone may be too noisy here, but it never takes it for a pass.
    assert!(matches!(output.status.code(), Some(1 | 3)), "{said}");
    assert!(said.contains("command/mix") && said.contains("this checkout"), "{said}");
    assert_eq!(files(&repository.root.join(".git")), before);
    // All that was made is ignored, and the program of the user's own folder was not built.
    assert_eq!(repository.git(&["status", "--porcelain"]), " M rounds.h\n");
    assert!(!repository.root.join("mix").exists());
    let gate = record(&repository.root);
    assert_eq!(gate.start.suite.as_ref().unwrap().file, "lab.toml");
    assert!(gate.start.head.modified && gate.end.is_some());
    assert!(gate.blocks.iter().all(|block| block.turns.len() == 6));
    assert!(gate.blocks.iter().flat_map(|block| &block.turns).all(|turn| turn.iterations == 1));
    if !has_valgrind() {
        return;
    }
    assert_eq!(output.status.code(), Some(1), "{said}");
    let markdown = newest(&repository, "md");
    let page = fs::read_to_string(repository.root.join(".lab/report/gate.html")).unwrap();
    for text in [&said, &markdown, &page] {
        assert!(text.contains("command/mix") && !text.contains("just "), "{text}");
        assert!(text.contains("lab gate") && !text.contains("quick set"), "{text}");
    }
    let profiled = &gate.profiled[0];
    assert_eq!(profiled.workload, "command/mix");
    assert!(profiled.functions[0].function.contains("main"), "{profiled:?}");
    assert!(newest(&repository, "json").contains("\"verdict\": \"regression\""));
}

/// A file beside the newest record.
fn newest(repository: &Repository, extension: &str) -> String {
    let record = simple_records::newest_run(&repository.root.join(".lab/gate")).unwrap();
    fs::read_to_string(record.with_extension(extension)).unwrap()
}

#[test]
fn the_same_sources_are_no_regression_and_said_to_be_the_same() {
    let repository = Repository::new("r", "");
    let mut gate = repository.gate("HEAD");
    let output = gate.arg("--measure-anyway").output().unwrap();
    let said = crate::common::said(&output);
    assert!(matches!(output.status.code(), Some(0 | 3)), "{said}");
    assert!(said.contains("HEAD and this checkout have the same sources"), "{said}");
    assert!(!record(&repository.root).start.head.modified);
    if has_valgrind() {
        let gate = record(&repository.root);
        assert_eq!(gate.counted.len(), 2);
        assert_eq!(gate.counted[0].stage, Stage::Screen);
        expect(0, counted(repository.gate("HEAD")).arg("--measure-anyway"));
    }
}

#[test]
fn of_the_same_sources_nothing_is_measured() {
    let repository = Repository::new("r", "");
    let said = expect(0, &mut repository.gate("HEAD"));
    assert!(said.contains("built from the same sources: neither can be slower"), "{said}");
    let gate = record(&repository.root);
    assert_eq!((gate.blocks.len(), gate.counted.len()), (0, 0));
}

#[test]
fn waivers_come_from_the_command_line_and_from_a_file_beside_the_suite() {
    if !has_valgrind() {
        return;
    }
    let repository = Repository::new("r", "");
    repository.write("rounds.h", &rounds(200_000));
    expect(0, counted(repository.gate("HEAD")).args(["--allow", "command/m*"]));
    let judge = || {
        let mut judge = assert_cmd::Command::cargo_bin("lab").unwrap();
        judge.arg("judge").current_dir(&repository.root);
        judge
    };
    expect(1, &mut judge());
    let waiver = "[[waiver]]\nworkload = 'command/mix'\nreason = 'known'\nexpires = '2999-12-31'\n";
    repository.write("gate.toml", waiver);
    expect(0, &mut judge());
    repository.write("other.toml", "[instructions]\n'command/mix' = 0.5\n");
    expect(1, judge().args(["--file", "other.toml"]));
}

#[test]
fn a_command_that_only_one_side_can_run_is_named() {
    let repository = Repository::new("r", "");
    repository.write("mix.c", "int main(void) { return 3; }\n");
    let said = expect(1, repository.gate("HEAD").arg("--instruments=wall"));
    assert!(said.contains("cannot be run by the judged build: command/mix"), "{said}");
    // The other way round nothing got worse, but nothing could be measured either.
    repository.commit();
    repository.git(&["checkout", "--quiet", "HEAD~1"]);
    let said = expect(3, repository.gate("HEAD@{1}").arg("--instruments=wall"));
    assert!(said.contains("in the base") && said.contains("exit status: 3"), "{said}");
}

#[test]
fn filters_choose_benchmarks_by_name() {
    let repository = Repository::new("r", "");
    let two =
        format!("{}\n[[command]]\nname = \"twice\"\nrun = \"./mix again\"\n", crate::common::SUITE);
    repository.write("lab.toml", &two);
    let said = expect(2, repository.gate("HEAD").arg("no-such"));
    assert!(said.contains("no benchmark of lab.toml matches 'no-such'"), "{said}");
    if has_valgrind() {
        expect(0, counted(repository.gate("HEAD")).arg("twice"));
        let gate = record(&repository.root);
        assert_eq!(gate.candidates.len(), 1);
        assert_eq!(gate.candidates[0].subject.workload, "command/twice");
    }
}

#[test]
fn files_that_git_does_not_watch_are_noted_and_any_name_and_setting_is_read() {
    let repository = Repository::new("r", "");
    repository.git(&["config", "status.short", "x"]);
    let name = std::os::unix::ffi::OsStrExt::from_bytes(&b"not\xffutf8"[..]);
    let name: &std::ffi::OsStr = name;
    fs::write(repository.root.join(name), "").unwrap();
    repository.git(&["update-index", "--assume-unchanged", "rounds.h"]);
    let output = repository.gate("HEAD").output().unwrap();
    let said = crate::common::said(&output);
    assert!(said.contains("are left out (1: rounds.h)"), "{said}");
    assert!(!said.contains("UTF-8") && !said.contains("warning"), "{said}");
    assert_eq!(record(&repository.root).start.fingerprint.modified, Some(true));
}
