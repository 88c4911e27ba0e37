//! No text of a record can harm a terminal or mislead a reader.

use serde_json::Value;
use simple_records::{Calibration, Gate, LogFile, Profile, RecordError, Run};
use std::fs;

const PAGES: [&str; 3] =
    [include_str!("../RUN.md"), include_str!("../GATE.md"), include_str!("../PROFILE.md")];

/// An escape, an override, a break of a line, what has no width, what is no character.
const HOSTILE: &str = "\u{1b}[31m\u{202e}evil\u{2066}\r\n\0\u{7f}\u{9b}\u{feff}\u{ffff}";

/// The lines of the examples, a list for each file.
fn examples() -> Vec<Vec<Value>> {
    let examples = PAGES.iter().flat_map(|page| page.split("```jsonl\n").skip(1));
    examples
        .map(|part| part.split_once("```").unwrap().0.lines())
        .map(|lines| lines.map(|line| serde_json::from_str(line).unwrap()).collect())
        .collect()
}

/// Finds the places of all texts in a value, names of fields not included.
fn texts(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(values) => (0..)
            .zip(values)
            .for_each(|(index, value): (usize, _)| texts(value, &format!("{at}/{index}"), found)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            texts(value, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
        }),
        _ => {}
    }
}

/// A program's view of a file: its contents, or the error.
fn read(lines: &[Value]) -> (String, bool) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("example.jsonl");
    let text: String = lines.iter().map(|line| line.to_string() + "\n").collect();
    fs::write(&path, text).unwrap();
    fn said<F: LogFile + std::fmt::Debug>(read: Result<F, RecordError>) -> (String, bool) {
        match read {
            // `{:?}` would spell out what is harmful itself.
            Ok(file) => (unescaped(&format!("{file:?}")), true),
            Err(error) => (error.to_string(), false),
        }
    }
    match lines[0]["kind"].as_str().unwrap() {
        "run" => said(Run::read(&path)),
        "gate" => said(Gate::read(&path)),
        "calibration" => said(Calibration::read(&path)),
        _ => said(Profile::read(&path)),
    }
}

/// A text as it was before `{:?}` escaped it.
fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\u{") {
        let (code, after) = after.split_once('}').unwrap();
        plain += before;
        plain.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
        rest = after;
    }
    let plain = plain + rest;
    plain.replace("\\n", "\n").replace("\\r", "\r").replace("\\0", "\0").replace("\\t", "\t")
}

fn is_harmless(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() || HOSTILE.chars().any(|h| !h.is_ascii() && h == c))
}

#[test]
fn every_text_of_every_kind_comes_out_harmless() {
    let (mut tried, mut kept) = (0, 0);
    for example in examples() {
        for (index, line) in example.iter().enumerate() {
            let mut places = Vec::new();
            texts(line, "", &mut places);
            for place in places.iter().filter(|place| *place != "/kind") {
                let mut lines = example.clone();
                *lines[index].pointer_mut(place).unwrap() = Value::String(HOSTILE.to_owned());
                let (said, _) = read(&lines);
                assert!(is_harmless(&said), "{place} of {line}: {said:?}");
                tried += 1;
                kept += usize::from(said.contains("[U+202E]evil[U+2066]"));
            }
        }
    }
    // Most texts are kept, the others are words that have no such meaning.
    assert!(tried > 100 && kept * 2 > tried, "{kept} of {tried}");
}

#[test]
fn names_of_fields_are_texts_too() {
    for example in examples() {
        for (index, line) in example.iter().enumerate() {
            for name in line.as_object().unwrap().keys().filter(|name| *name != "kind") {
                let mut lines = example.clone();
                let Some(fields) = lines[index][name].as_object_mut() else { continue };
                fields.insert(HOSTILE.to_owned(), Value::from(1));
                let (said, _) = read(&lines);
                assert!(is_harmless(&said), "{name} of {line}: {said:?}");
            }
        }
    }
}

/// Nothing that is harmless is changed.
#[test]
fn the_examples_are_read_as_they_are() {
    for example in examples() {
        let (said, is_read) = read(&example);
        assert!(is_read && !said.contains("[U+"), "{said}");
        let mut names = Vec::new();
        texts(&example[example.len() - 1], "", &mut names);
        assert!(!names.is_empty());
    }
}

#[test]
fn damage_is_reported_with_harmless_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("\u{1b}[2J\u{202e}.jsonl");
    let mut first = examples()[0][0].clone();
    first["seed"] = Value::from(HOSTILE);
    for text in [first.to_string(), format!("\"{HOSTILE}\""), "{\"kind\":\"\u{202e}\"}".to_owned()]
    {
        fs::write(&path, text + "\n").unwrap();
        let said = Run::read(&path).unwrap_err().to_string();
        assert!(is_harmless(&said) && said.contains("[U+202E]"), "{said:?}");
    }
}
