//! The command line of reports: its output, and its errors.

use assert_cmd::Command;
use simple_records::Record;
use std::fs;
use std::path::Path;
use std::process::Stdio;

fn reports(arguments: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("lab").unwrap().args(arguments).assert()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs `summary`, which must end with code 2, and returns its message.
fn refused(records: &Path) -> String {
    let assert = reports(&["summary", "--records", records.to_str().unwrap()]).code(2);
    let said = text(&assert.get_output().stderr);
    assert!(said.starts_with("error: "), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

#[test]
fn the_page_is_written_from_the_newest_run_of_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    crate::common::write(folder.path(), &crate::common::whole_run(5));
    fs::write(folder.path().join("2020-01-01T00-00-00Z.jsonl"), "older and damaged").unwrap();
    let out = folder.path().join("made/on demand");
    let records = folder.path().to_str().unwrap();
    reports(&["report", "--records", records, "--out", out.to_str().unwrap()]).success();
    let page = fs::read_to_string(out.join("index.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"));
    let files: Vec<_> = fs::read_dir(&out).unwrap().collect();
    assert_eq!(files.len(), 1, "one file is enough, and no half of one is left");
}

#[test]
fn summaries_and_exports_go_to_the_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let path = crate::common::write(folder.path(), &crate::common::whole_run(5));
    let path = path.to_str().unwrap();
    let markdown = reports(&["summary", "--records", path, "--format", "markdown"]).success();
    assert!(text(&markdown.get_output().stdout).starts_with("# Measurements"));
    let csv = reports(&["export", "--records", path, "--format", "csv"]).success();
    let csv = text(&csv.get_output().stdout);
    assert!(csv.starts_with("workload,"));
    // By name, and the newest without a name, as with other verbs.
    let target = tempfile::tempdir().unwrap();
    crate::common::write(&target.path().join("records"), &crate::common::whole_run(5));
    let name = Path::new(path).file_stem().unwrap().to_str().unwrap();
    for run in [&[name][..], &[]] {
        let arguments = ["export", "--format", "csv", "--target", target.path().to_str().unwrap()];
        let named = reports(&[&arguments[..], run].concat()).success();
        assert_eq!(text(&named.get_output().stdout), csv, "{run:?}");
    }
}

#[test]
fn an_export_without_figures_is_an_error_and_one_of_half_a_run_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut records = crate::common::whole_run(5);
    let is_time = |record: &Record| matches!(record, Record::Samples(_) | Record::End(_));
    let end = records.iter().position(|record| matches!(record, Record::End(_))).unwrap();
    records.remove(end);
    let half = crate::common::write(folder.path(), &records);
    let said =
        reports(&["export", "--records", half.to_str().unwrap(), "--format", "csv"]).success();
    assert!(text(&said.get_output().stderr).contains("interrupted"));
    assert!(text(&said.get_output().stdout).starts_with("workload,"));

    records.retain(|record| !is_time(record));
    fs::remove_file(&half).unwrap();
    let empty = crate::common::write(folder.path(), &records);
    for format in ["csv", "bencher", "github-action-benchmark"] {
        let path = empty.to_str().unwrap();
        let refused = reports(&["export", "--records", path, "--format", format]).code(2);
        let said = text(&refused.get_output().stderr);
        assert!(said.contains("no wall times") && said.contains("just summary"), "{said}");
        assert_eq!(text(&refused.get_output().stdout), "");
    }
}

#[test]
fn markdown_is_cut_to_what_its_receiver_takes() {
    let folder = tempfile::tempdir().unwrap();
    let path = crate::common::write(folder.path(), &crate::common::whole_run(5));
    let path = path.to_str().unwrap();
    let arguments = ["summary", "--records", path, "--format", "markdown", "--most-bytes", "2000"];
    let cut = text(&reports(&arguments).success().get_output().stdout);
    assert!(cut.len() <= 2000 && cut.contains("have no room"), "{cut}");
}

/// Neither a closed pipe nor a full disk is a panic.
#[test]
fn a_closed_reader_ends_quietly_and_a_full_disk_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = crate::common::write(folder.path(), &crate::common::whole_run(5));
    let summary = || {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("lab"));
        command.args(["summary", "--records"]).arg(&path).stderr(Stdio::piped());
        command
    };
    let mut closed = summary().stdout(Stdio::piped()).spawn().unwrap();
    drop(closed.stdout.take());
    let output = closed.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", text(&output.stderr));
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = summary().stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("No space left"), "{}", text(&output.stderr));
}

#[test]
fn nothing_to_read_says_how_to_measure() {
    let folder = tempfile::tempdir().unwrap();
    let said = refused(folder.path());
    assert!(said.contains("measure first\nhelp: `just bench` measures workloads"), "{said}");
    for missing in ["missing", "missing.jsonl"] {
        let said = refused(&folder.path().join(missing));
        assert!(said.contains("does not exist") && said.contains("measure first"), "{said}");
    }
}

#[test]
fn a_file_that_was_cut_off_is_read_as_far_as_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let path = crate::common::write(folder.path(), &crate::common::whole_run(5));
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let assert = reports(&["summary", "--records", path.to_str().unwrap()]).success();
    assert!(text(&assert.get_output().stdout).contains("was cut off and is left out"));
}

#[test]
fn a_malformed_line_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = crate::common::write(folder.path(), &crate::common::whole_run(1));
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, whole.replacen("{\"kind\":\"comparison\"", "{\"kind\":\"comparison", 1))
        .unwrap();
    let said = refused(&path);
    assert!(said.contains("line 2") && said.contains("help: the file is damaged"), "{said}");
    fs::write(&path, b"\xff\xfe\n").unwrap();
    assert!(refused(&path).contains("line 1"));
}

#[test]
fn a_file_that_is_no_run_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.jsonl");
    fs::write(&path, "\n").unwrap();
    assert!(refused(&path).contains("help: name a file that `just bench` wrote"));
}

#[test]
fn a_newer_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = crate::common::write(folder.path(), &crate::common::whole_run(1));
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, whole.replacen("\"schema\":1", "\"schema\":99", 1)).unwrap();
    assert!(refused(&path).contains("schema 99 is newer"));
}

#[test]
fn an_unwritable_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = crate::common::write(folder.path(), &crate::common::whole_run(1));
    // A file where a folder should be: nobody can write there, not even root.
    let out = path.join("report");
    let arguments = ["report", "--records", path.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let said = text(&reports(&arguments).code(2).get_output().stderr);
    assert!(said.contains("cannot write") && said.contains("help: name a folder"), "{said}");
}

#[test]
fn usage_errors_name_the_flag() {
    let assert = reports(&["report", "--records", "x"]).code(2);
    assert!(text(&assert.get_output().stderr).contains("--out"));
}
