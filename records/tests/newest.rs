//! The newest run of a folder.

use simple_records::{Log, Record, RecordError, Run, RunStart, newest_run, record_files};
use std::fs;
use std::path::Path;

fn began(directory: &Path, name: &str, started_unix_s: u64) {
    let mut log = Log::<Run>::create(directory, name).unwrap();
    log.append(&Record::Run(RunStart { started_unix_s, ..RunStart::example() }.into())).unwrap();
}

#[test]
fn the_newest_run_of_a_folder_is_the_one_that_began_last() {
    let directory = tempfile::tempdir().unwrap();
    let error = newest_run(directory.path()).unwrap_err();
    assert!(error.to_string().contains("measure first"), "{error}");
    for (name, started_unix_s) in [("before the change", 30), ("2026-01-10", 10), ("zzz", 20)] {
        began(directory.path(), name, started_unix_s);
    }
    // Neither is a record, despite its name.
    fs::write(directory.path().join("zzzz.log"), "").unwrap();
    fs::write(directory.path().join("zzzz.jsonl"), "notes\n").unwrap();
    fs::create_dir(directory.path().join("zzzzz.jsonl")).unwrap();
    let newest = newest_run(directory.path()).unwrap();
    assert!(newest.ends_with("before the change.jsonl"), "{}", newest.display());
    assert_eq!(newest_run(&newest).unwrap(), newest);
    let files = record_files(directory.path()).unwrap();
    let names: Vec<_> = files.iter().map(|file| file.path.file_stem().unwrap()).collect();
    assert_eq!(names, ["zzzz", "2026-01-10", "zzz", "before the change"]);
    let missing = directory.path().join("missing");
    assert!(matches!(newest_run(&missing), Err(RecordError::NoPlace(_))));
}

#[test]
fn of_runs_that_began_in_the_same_second_the_last_number_is_the_newest() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["12-00", "12-00-10", "12-00-2", "12-00-9"] {
        began(directory.path(), name, 7);
    }
    assert!(newest_run(directory.path()).unwrap().ends_with("12-00-10.jsonl"));
}
