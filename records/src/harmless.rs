//! Text of others, made harmless: once, where it is read, for every text there is.
//!
//! Formats escape what is markup to them. No format can show control characters (a terminal obeys
//! them) or bidirectional overrides (they make text read as something else, see CVE-2021-42574),
//! so these are replaced before anything else looks at a record. That is done to the JSON value,
//! before it gets a type: a new field cannot be forgotten.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Error, Map, Value};

/// Returns `text` with line breaks as spaces, and control characters, invisible formatting and
/// what is no character spelled out as `[U+202E]`. Harmless text stays as it is.
pub fn harmless(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => harmless.push(' '),
            _ if is_harmful(c) => harmless.push_str(&format!("[U+{:04X}]", u32::from(c))),
            _ => harmless.push(c),
        }
    }
    harmless
}

/// Reads a value from JSON, with every text and every name in it harmless.
///
/// # Errors
/// If it is no JSON, or not of this type.
pub fn from_json<T: DeserializeOwned>(json: &[u8]) -> Result<T, Error> {
    serde_json::from_value(value_from_json(json)?)
}

/// The same before it has a type.
pub(crate) fn value_from_json(json: &[u8]) -> Result<Value, Error> {
    serde_json::from_slice(json).map(harmless_value)
}

/// Returns a value that was read from another format with every text in it harmless.
///
/// # Errors
/// If JSON cannot hold it.
pub fn harmless_copy<T: Serialize + DeserializeOwned>(value: &T) -> Result<T, Error> {
    serde_json::from_value(harmless_value(serde_json::to_value(value)?))
}

fn harmless_value(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(harmless_string(text)),
        Value::Array(values) => Value::Array(values.into_iter().map(harmless_value).collect()),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            let fields = fields.map(|(name, value)| (harmless_string(name), harmless_value(value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

/// Nearly all text is harmless and needs no copy.
fn harmless_string(text: String) -> String {
    if text.chars().any(is_harmful) { harmless(&text) } else { text }
}

fn is_harmful(c: char) -> bool {
    c.is_control() || is_invisible_formatting(c) || is_no_character(c)
}

/// Bidirectional controls (Unicode Standard Annex 9, table 1), line and paragraph separators,
/// and what has no width.
fn is_invisible_formatting(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

/// True for the last two code points of every plane: Unicode sets them aside, and XML cannot hold
/// them.
fn is_no_character(c: char) -> bool {
    u32::from(c) & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn what_terminals_and_readers_would_obey_is_spelled_out() {
        for (text, expected) in [
            ("a\u{1b}[31mb", "a[U+001B][31mb"),
            ("safe\u{202e}gpj.exe", "safe[U+202E]gpj.exe"),
            ("two\nlines\0", "two lines[U+0000]"),
            ("file/load größe 文件", "file/load größe 文件"),
        ] {
            assert_eq!(harmless(text), expected);
            assert_eq!(harmless(&harmless(text)), expected);
            assert_eq!(harmless_string(text.to_owned()), expected);
        }
    }

    #[test]
    fn names_and_texts_at_any_depth_are_reached() {
        let json = br#"{"a\u001b":[{"b\n":"c\u202e"}],"d":1}"#;
        let read: Value = from_json(json).unwrap();
        assert_eq!(read.to_string(), r#"{"a[U+001B]":[{"b ":"c[U+202E]"}],"d":1}"#);
        let other = BTreeMap::from([("\u{7}".to_owned(), vec!["\u{feff}".to_owned()])]);
        let copy = harmless_copy(&other).unwrap();
        assert_eq!(copy, BTreeMap::from([("[U+0007]".to_owned(), vec!["[U+FEFF]".to_owned()])]));
    }

    #[test]
    fn half_a_surrogate_pair_is_no_text() {
        assert!(from_json::<Value>(br#""\ud800""#).is_err());
        assert!(from_json::<Value>(b"\"\xff\"").is_err());
    }
}
