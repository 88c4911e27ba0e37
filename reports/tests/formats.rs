//! `RUN.md`, `GATE.md` and `PROFILE.md` are what the code reads.

use serde_json::Value;
use simple_records::{
    Calibration, CalibrationRecord, Gate, GateRecord, LogFile, Profile, ProfileRecord, Record, Run,
};
use std::collections::BTreeSet;
use std::path::PathBuf;

const RECORD: &str = include_str!("../../records/RUN.md");
const GATE: &str = include_str!("../../records/GATE.md");
const PROFILE: &str = include_str!("../../records/PROFILE.md");

/// The examples of a document, in order.
fn examples(document: &str) -> Vec<&str> {
    let parts = document.split("```jsonl\n").skip(1);
    parts.map(|part| part.split_once("```").unwrap().0).collect()
}

/// All examples: the document, its text, and what each line is when it is read and written.
fn all() -> Vec<(&'static str, &'static str, Vec<Value>)> {
    fn written<R: serde::de::DeserializeOwned + serde::Serialize>(example: &str) -> Vec<Value> {
        let read = |line: &str| -> R {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
        };
        example.lines().map(|line| serde_json::to_value(read(line)).unwrap()).collect()
    }
    let (run, gate, calibration) = (examples(RECORD)[0], examples(GATE)[0], examples(GATE)[1]);
    vec![
        (RECORD, run, written::<Record>(run)),
        (GATE, gate, written::<GateRecord>(gate)),
        (GATE, calibration, written::<CalibrationRecord>(calibration)),
        (PROFILE, examples(PROFILE)[0], written::<ProfileRecord>(examples(PROFILE)[0])),
    ]
}

fn file(example: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("example.jsonl");
    std::fs::write(&path, example).unwrap();
    (folder, path)
}

#[test]
fn each_line_of_an_example_is_a_record_of_another_kind() {
    for (document, example, lines) in all() {
        let kinds: BTreeSet<&str> =
            lines.iter().map(|line| line["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds.len(), example.lines().count());
        for kind in kinds {
            assert!(document.contains(&format!("## `{kind}`")), "{kind} is not described");
        }
    }
}

#[test]
fn the_example_of_a_profile_has_every_view() {
    let (_folder, path) = file(examples(PROFILE)[0]);
    let profile = Profile::read(&path).unwrap();
    assert_eq!((profile.stacks.len(), profile.missing.len()), (1, 1));
    assert!(profile.allocations.is_some() && profile.waits.is_some() && profile.timeline.is_some());
}

#[test]
fn the_example_is_a_run_that_can_be_reported() {
    let (_folder, path) = file(examples(RECORD)[0]);
    let run = Run::read(&path).unwrap();
    assert_eq!(run.warnings, [""; 0]);
    let kinds = [run.counts.len(), run.latencies.len(), run.noise.len(), run.skipped.len()];
    assert_eq!(kinds, [1; 4], "no kind is skipped as unknown");
    let report = simple_reports::analysis::Report::new(run);
    assert_eq!(report.census.headline(), "1 of 2 workloads measured");
    assert_eq!(report.workloads().next().unwrap().rounds[0].samples_ns.len(), 2);
}

#[test]
fn the_examples_of_the_gate_are_read_as_a_whole() {
    let (_folder, path) = file(examples(GATE)[0]);
    let gate = Gate::read(&path).unwrap();
    let kinds = [
        gate.candidates.len(),
        gate.only_in.len(),
        gate.blocks.len(),
        gate.counted.len(),
        gate.retired.len(),
        gate.profiled.len(),
    ];
    assert_eq!(kinds, [1; 6], "no kind is skipped as unknown");
    assert!(gate.end.is_some() && gate.warnings.is_empty());
    let (_folder, path) = file(examples(GATE)[1]);
    let read = Calibration::read(&path).unwrap();
    assert_eq!((read.trials.len(), read.bench_trials.len(), read.left_out.len()), (1, 1, 1));
}

/// Every field that is written is described, by its name in code.
#[test]
fn every_field_is_described() {
    /// Fields below these have free names.
    const NAMED: [&str; 4] = ["settings", "counts", "percentiles_ns", "instructions_of"];
    /// The other document describes the fields below these.
    const ELSEWHERE: [&str; 2] = ["fingerprint", "axes"];
    fn names(value: &Value, skip: &dyn Fn(&str) -> bool, into: &mut BTreeSet<String>) {
        if let Some(object) = value.as_object() {
            for (key, value) in object {
                into.insert(key.clone());
                if !skip(key) {
                    names(value, skip, into);
                }
            }
        }
        value.as_array().into_iter().flatten().for_each(|value| names(value, skip, into));
    }
    for (document, _, lines) in all() {
        let skip =
            |key: &str| NAMED.contains(&key) || (document != RECORD && ELSEWHERE.contains(&key));
        let mut fields = BTreeSet::new();
        lines.iter().for_each(|line| names(line, &skip, &mut fields));
        for field in fields {
            let is_described = document.contains(&format!("`{field}`"))
                || document.contains(&format!(".{field}`"))
                || document.contains(&format!("{{\"{field}\": "));
            assert!(is_described, "{field} is not described");
        }
    }
}
