//! `RECORD.md` is what the code reads.

use simple_records::{Record, read_run};
use std::collections::BTreeSet;

const DOCUMENT: &str = include_str!("../RECORD.md");

fn example() -> &'static str {
    let (_, rest) = DOCUMENT.split_once("```jsonl\n").unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn each_line_of_the_example_is_a_record_of_another_kind() {
    let mut kinds = BTreeSet::new();
    for line in example().lines() {
        let record: Record = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        let written = serde_json::to_value(&record).unwrap();
        kinds.insert(written["kind"].as_str().unwrap().to_owned());
    }
    assert_eq!(kinds.len(), example().lines().count());
    for kind in kinds {
        assert!(DOCUMENT.contains(&format!("## `{kind}`")), "{kind} is not described");
    }
}

#[test]
fn the_example_is_a_run_that_can_be_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("example.jsonl");
    std::fs::write(&path, example()).unwrap();
    let run = read_run(&path).unwrap();
    assert_eq!(run.warnings, [""; 0]);
    let kinds = [run.counts.len(), run.latencies.len(), run.noise.len(), run.skipped.len()];
    assert_eq!(kinds, [1; 4], "no kind is skipped as unknown");
    let report = simple_reports::analysis::Report::new(run);
    assert_eq!(report.census.headline(), "1 of 2 workloads measured");
    assert_eq!(report.workloads().next().unwrap().rounds[0].samples_ns.len(), 2);
}

/// Every field that is written is described, by its name in code.
#[test]
fn every_field_is_described() {
    fn names(value: &serde_json::Value, into: &mut BTreeSet<String>) {
        if let Some(object) = value.as_object() {
            for (key, value) in object {
                into.insert(key.clone());
                // What is below these is named by whoever measures.
                if !["settings", "counts", "percentiles_ns"].contains(&key.as_str()) {
                    names(value, into);
                }
            }
        }
        value.as_array().into_iter().flatten().for_each(|value| names(value, into));
    }
    let mut fields = BTreeSet::new();
    for line in example().lines() {
        let record: Record = serde_json::from_str(line).unwrap();
        names(&serde_json::to_value(&record).unwrap(), &mut fields);
    }
    for field in fields {
        let is_described = DOCUMENT.contains(&format!("`{field}`"))
            || DOCUMENT.contains(&format!(".{field}`"))
            || DOCUMENT.contains(&format!("{{\"{field}\": "));
        assert!(is_described, "{field} is not described");
    }
}
