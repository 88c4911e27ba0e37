//! The schemas of the formats, generated from the types: `records/schemas/*.json`, one for the
//! lines of each kind of file.
//!
//! Only tests know them, so that nothing of this is part of a measured program.
//! `UPDATE_SCHEMAS=1 cargo test -p simple-records schemas` writes them again.

mod check;

use crate::{
    Calibration, CalibrationRecord, Gate, GateRecord, LogFile, Profile, ProfileRecord, Record, Run,
    Word,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, schema_for};
use serde_json::Value;
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The pages with examples: of runs, then of comparisons and calibrations, then of profiles.
const PAGES: [&str; 3] =
    [include_str!("../RUN.md"), include_str!("../GATE.md"), include_str!("../PROFILE.md")];

/// A word may be one of a newer program.
impl<T> JsonSchema for Word<T> {
    fn schema_name() -> Cow<'static, str> {
        "Word".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

/// Every format by the name of its file, with the schema of its lines.
fn generated() -> [(&'static str, Schema); 4] {
    [
        ("run", schema_for!(Record)),
        ("gate", schema_for!(GateRecord)),
        ("calibration", schema_for!(CalibrationRecord)),
        ("profile", schema_for!(ProfileRecord)),
    ]
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn place(name: &str) -> PathBuf {
    workspace().join(format!("records/schemas/{name}.json"))
}

/// The schema of this name.
fn schema(name: &str) -> Value {
    let found = generated().into_iter().find(|(other, _)| *other == name);
    found.unwrap().1.to_value()
}

/// The examples of the pages, each with the name of its schema.
fn examples() -> Vec<(&'static str, &'static str)> {
    let parts = PAGES.iter().flat_map(|page| page.split("```jsonl\n").skip(1));
    let texts = parts.map(|part| part.split_once("```").unwrap().0);
    ["run", "gate", "calibration", "profile"].into_iter().zip(texts).collect()
}

fn lines(text: &str) -> impl Iterator<Item = Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap())
}

/// The committed records, by the folder that says of which kind they are.
fn baselines() -> Vec<(&'static str, PathBuf)> {
    let folder = workspace().join("reports/baselines");
    let mut files = Vec::new();
    for (kind, folder) in [
        ("run", folder.clone()),
        ("gate", folder.join("gate")),
        ("calibration", folder.join("calibration")),
        ("profile", folder.join("profiles")),
    ] {
        let found = crate::record_files(&folder).unwrap_or_default();
        files.extend(found.into_iter().map(|file| (kind, file.path)));
    }
    files
}

#[test]
fn the_committed_schemas_are_those_of_the_types() {
    for (name, schema) in generated() {
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if env::var_os("UPDATE_SCHEMAS").is_some() {
            fs::write(place(name), &text).unwrap();
        }
        let committed = fs::read_to_string(place(name)).unwrap_or_default();
        assert!(
            committed == text,
            "records/schemas/{name}.json is stale: write it again with `UPDATE_SCHEMAS=1 cargo \
             test -p simple-records schemas`"
        );
    }
}

#[test]
fn the_examples_are_as_the_schemas_say() {
    let examples = examples();
    assert_eq!(examples.len(), 4);
    for (name, text) in examples {
        let schema = schema(name);
        for line in lines(text) {
            assert_eq!(check::errors(&schema, &line), [""; 0], "{name}: {line}");
        }
    }
}

#[test]
fn the_committed_records_are_as_the_schemas_say_and_can_be_read() {
    let files = baselines();
    assert!(!files.is_empty());
    for (name, path) in files {
        let schema = schema(name);
        for line in lines(&fs::read_to_string(&path).unwrap()) {
            assert_eq!(check::errors(&schema, &line), [""; 0], "{}: {line}", path.display());
        }
        let warnings = match name {
            "run" => Run::read(&path).unwrap().warnings,
            "gate" => Gate::read(&path).unwrap().warnings,
            "calibration" => Calibration::read(&path).unwrap().warnings,
            _ => Profile::read(&path).unwrap().warnings,
        };
        assert_eq!(warnings, [""; 0], "{}", path.display());
    }
}

/// Every field that the types need is one that the schemas need.
#[test]
fn a_line_without_one_of_its_fields_is_refused_by_both() {
    for (name, text) in examples() {
        let schema = schema(name);
        for line in lines(text) {
            for field in line.as_object().unwrap().keys() {
                let mut without = line.clone();
                without.as_object_mut().unwrap().remove(field);
                let is_read = match name {
                    "run" => serde_json::from_value::<Record>(without.clone()).is_ok(),
                    "gate" => serde_json::from_value::<GateRecord>(without.clone()).is_ok(),
                    "calibration" => {
                        serde_json::from_value::<CalibrationRecord>(without.clone()).is_ok()
                    }
                    _ => serde_json::from_value::<ProfileRecord>(without.clone()).is_ok(),
                };
                let errors = check::errors(&schema, &without);
                assert_eq!(is_read, errors.is_empty(), "{name} without {field}: {errors:?}");
            }
        }
    }
}
