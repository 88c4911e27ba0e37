//! Empty records: of runs that were ended before they wrote anything.

use assert_cmd::Command;
use simple_records::{ProfileRecord, ProfiledProgram};
use std::fs::{self, File};
use std::path::Path;
use std::process::Output;

fn lab(verb: &str, target: &Path) -> Output {
    let mut command = Command::cargo_bin("lab").unwrap();
    command.arg(verb).arg("--target").arg(target).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_next_one_is_shown_and_the_empty_one_named() {
    let target = tempfile::tempdir().unwrap();
    let records = target.path().join("records");
    crate::common::write(&records, &crate::common::whole_run(5));
    File::create(records.join("2030-01-01T00-00-00-000Z.jsonl")).unwrap();
    File::create(records.join("2020-01-01T00-00-00-000Z.jsonl")).unwrap();
    let summary = lab("summary", target.path());
    let shown = text(&summary.stdout);
    assert!(summary.status.success() && shown.starts_with("Run 2026-01-31"), "{shown}");
    assert!(
        shown.contains("warning: 2030-01-01T00-00-00-000Z.jsonl is newer but empty"),
        "{shown}"
    );
    assert!(!shown.contains("2020-01-01"), "an older one is no matter: {shown}");
    assert!(lab("report", target.path()).status.success());
    let page = fs::read_to_string(target.path().join("report/index.html")).unwrap();
    assert!(page.contains("2030-01-01T00-00-00-000Z.jsonl is newer but empty"));
}

#[test]
fn the_only_one_is_refused_with_what_to_do() {
    let target = tempfile::tempdir().unwrap();
    let records = target.path().join("records");
    fs::create_dir(&records).unwrap();
    File::create(records.join("2030-01-01T00-00-00-000Z.jsonl")).unwrap();
    for verb in ["summary", "report"] {
        let output = lab(verb, target.path());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains("2030-01-01T00-00-00-000Z.jsonl is empty: its run was ended"),
            "{said}"
        );
        assert!(said.contains("delete it, and measure again"), "{said}");
    }
}

#[test]
fn a_run_that_was_killed_before_its_first_figure_is_a_failure() {
    let target = tempfile::tempdir().unwrap();
    let records = target.path().join("records");
    let start = crate::common::whole_run(1).swap_remove(0);
    crate::common::write(&records, &[start]);
    let output = lab("summary", target.path());
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("nothing was measured"), "{said}");
}

#[test]
fn advice_on_records_of_programs_names_their_verbs() {
    let target = tempfile::tempdir().unwrap();
    let folder = target.path().join("compare");
    fs::create_dir(&folder).unwrap();
    let file = |name: &str, contents: &str| {
        let path = folder.join(name);
        fs::write(&path, contents).unwrap();
        path
    };
    let damaged = file("a.jsonl", "no record\n");
    for place in [damaged, file("b.jsonl", ""), folder.join("missing.jsonl")] {
        let mut command = Command::cargo_bin("lab").unwrap();
        let output = command.arg("summary").arg(&place).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("`lab compare` or `lab tune`"), "{said}");
    }
}

/// A program that was profiled, and no run.
#[test]
fn profiles_are_shown_without_a_run() {
    let target = tempfile::tempdir().unwrap();
    let mut records = crate::common::profiles::whole("sort --in <x>");
    let Some(ProfileRecord::Profile(start)) = records.first_mut() else { panic!("no start") };
    let command = vec!["sort".to_owned(), "<x>".to_owned()];
    start.program = Some(ProfiledProgram { command, ..ProfiledProgram::default() });
    crate::common::profiles::write_profile(&target.path().join("profiles"), &records);
    let output = lab("report", target.path());
    let said = text(&output.stderr);
    assert!(output.status.success() && said.contains("note: there is no run"), "{said}");
    let page = fs::read_to_string(target.path().join("report/index.html")).unwrap();
    assert!(page.contains("<code>sort &#60;x&#62;</code>") && !page.contains("<x>"), "{page}");
    for missing in ["there is no run", "There is no comparison of two builds"] {
        assert!(page.contains(missing), "{missing}");
    }
    // A run that is named has to be there.
    let mut command = Command::cargo_bin("lab").unwrap();
    command.args(["report", "some-run", "--target"]).arg(target.path());
    assert_eq!(command.output().unwrap().status.code(), Some(2));
}
