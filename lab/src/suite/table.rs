//! A table of TOML whose faults are told with file, line and key.

use super::source::{Fault, Read, Source};
use crate::words::some_time;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// Least likeness of a misspelt word, from 0 to 1, with which another is suggested.
const ALIKE: f64 = 0.75;

/// A key that a table may have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    pub(super) name: &'static str,
    /// The value of an example, as it is written in TOML.
    pub(super) example: &'static str,
}

/// A table: the whole file, or one of its parts.
#[derive(Debug)]
pub(super) struct Table<'a> {
    source: &'a Source<'a>,
    /// Its name with brackets, such as `[[command]]`; `lab.toml` for the whole file.
    name: &'static str,
    keys: &'static [Key],
    /// Its first byte in the file.
    at: usize,
    entries: &'a DeTable<'a>,
}

/// A value and its first byte in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<T> {
    pub(super) at: usize,
    pub(super) value: T,
}

impl<'a> Table<'a> {
    /// The table of a whole file. Keys that are not among `keys` are faults.
    pub(super) fn of_file(
        source: &'a Source<'a>,
        entries: &'a DeTable<'a>,
        keys: &'static [Key],
    ) -> Self {
        Self { source, name: super::FILE, keys, at: 0, entries }.checked()
    }

    /// The tables of an array such as `[[command]]`; none if there is none. What is no table, and keys that
    /// are not among `keys`, are faults.
    pub(super) fn tables(&self, key: &str, name: &'static str, keys: &'static [Key]) -> Vec<Self> {
        let Some(found) = self.find(key) else { return Vec::new() };
        let wrong = |at| {
            let what = format!(
                "'{key}' is no array of tables: begin each of its tables with a line {name}"
            );
            Err(self.source.fault(at, what))
        };
        let table = |one: &'a Spanned<DeValue<'a>>| match one.get_ref() {
            DeValue::Table(entries) => {
                Ok(Self { source: self.source, name, keys, at: one.span().start, entries }
                    .checked())
            }
            _ => wrong(one.span().start),
        };
        match found.get_ref() {
            DeValue::Array(array) => {
                array.iter().filter_map(|one| self.source.keep(table(one))).collect()
            }
            _ => Vec::from_iter(self.source.keep(wrong(found.span().start))),
        }
    }

    fn checked(self) -> Self {
        let names: Vec<&str> = self.keys.iter().map(|key| key.name).collect();
        for key in self.unknown() {
            let advice = suggestion(key.get_ref(), &names);
            let what = format!("'{}' is no key of {}: {advice}", key.get_ref(), self.name);
            self.source.keep::<()>(Err(self.source.fault(key.span().start, what)));
        }
        self
    }

    fn unknown(&self) -> impl Iterator<Item = &'a Spanned<DeString<'a>>> {
        let is_known = |name: &str| self.keys.iter().any(|key| key.name == name);
        self.entries.keys().filter(move |key| !is_known(key.get_ref()))
    }

    /// Returns whether a key that is no key was meant to be this one.
    fn is_misspelt(&self, key: &str) -> bool {
        let names: Vec<&str> = self.keys.iter().map(|key| key.name).collect();
        self.unknown().any(|unknown| nearest(unknown.get_ref(), &names) == Some(key))
    }

    /// The fault of a table that lacks a key; that of the key if it is misspelt.
    pub(super) fn lacks(&self, keys: &[&str], what: impl Display) -> Fault {
        match keys.iter().any(|key| self.is_misspelt(key)) {
            true => Fault::Told,
            false => self.fault(what),
        }
    }

    /// Returns a value that was read. A fault is kept, and reported with all others.
    pub(super) fn keep<T>(&self, read: Read<T>) -> Option<T> {
        self.source.keep(read)
    }

    fn find(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.entries.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    /// Returns whether a key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// The first byte of a key; that of the table if the key is not there.
    fn at_key(&self, key: &str) -> usize {
        let name = self.entries.keys().find(|name| name.get_ref() == key);
        name.map_or(self.at, |name: &Spanned<DeString<'_>>| name.span().start)
    }

    /// An error at the line where the table begins.
    pub(super) fn fault(&self, what: impl Display) -> Fault {
        self.source.fault(self.at, what)
    }

    /// An error at the line of a key.
    pub(super) fn fault_at(&self, key: &str, what: impl Display) -> Fault {
        self.source.fault(self.at_key(key), what)
    }

    fn example(&self, key: &str) -> String {
        let example = self.keys.iter().find(|known| known.name == key);
        format!("{key} = {}", example.map_or("", |known| known.example))
    }

    /// A text that is not empty; `None` if the key is not there.
    ///
    /// # Errors
    /// If it is no text, or an empty one.
    pub(super) fn text(&self, key: &str) -> Read<Option<At<&'a str>>> {
        let Some(found) = self.find(key) else { return Ok(None) };
        self.text_of(key, key, found).map(Some)
    }

    fn text_of(
        &self,
        key: &str,
        shown: &str,
        found: &'a Spanned<DeValue<'a>>,
    ) -> Read<At<&'a str>> {
        let at = found.span().start;
        let example = self.example(key);
        match found.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                Err(self.source.fault(at, format!("{shown} is empty: write {example}")))
            }
            DeValue::String(text) if text.contains('\0') => {
                let what = format!("{shown} contains a zero byte: write {example}");
                Err(self.source.fault(at, what))
            }
            DeValue::String(text) => Ok(At { at, value: text }),
            other => Err(self
                .source
                .fault(at, format!("{shown} is {}, no text: write {example}", kind_of(other)))),
        }
    }

    /// A text that has to be there. `what` says in a few words what it is.
    ///
    /// # Errors
    /// As [`text`](Self::text), and if it is not there.
    pub(super) fn needed(&self, key: &str, what: &str) -> Read<At<&'a str>> {
        self.text(key)?.ok_or_else(|| {
            let example = self.example(key);
            self.lacks(&[key], format!("this {} has no '{key}', {what}: add {example}", self.name))
        })
    }

    /// An array of texts; empty if the key is not there.
    ///
    /// # Errors
    /// If it is no array of texts.
    pub(super) fn texts(&self, key: &str) -> Read<Vec<String>> {
        let Some(found) = self.find(key) else { return Ok(Vec::new()) };
        let DeValue::Array(array) = found.get_ref() else {
            let (kind, example) = (kind_of(found.get_ref()), self.example(key));
            let what = format!("{key} is {kind}, no array: write {example}");
            return Err(self.source.fault(found.span().start, what));
        };
        let shown = format!("an element of {key}");
        let one = |found: &'a Spanned<DeValue<'a>>| match found.get_ref() {
            // An empty argument is one.
            DeValue::String(text) if text.is_empty() => Ok(String::new()),
            _ => self.text_of(key, &shown, found).map(|text| text.value.to_owned()),
        };
        array.iter().map(one).collect()
    }

    /// A duration; `None` if the key is not there.
    ///
    /// # Errors
    /// If it is no duration, or zero.
    pub(super) fn duration(&self, key: &str) -> Read<Option<Duration>> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        some_time(text.value).map(Some).map_err(|error| {
            let example = self.example(key);
            let what = format!("{key} '{}' is no duration: {error}; write {example}", text.value);
            self.source.fault(text.at, what)
        })
    }

    /// A path below the folder of the file; `None` if the key is not there.
    ///
    /// # Errors
    /// If it is absolute or leaves the folder.
    pub(super) fn path(&self, key: &str) -> Read<Option<PathBuf>> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        match self.source.is_within(Path::new(text.value)) {
            true => Ok(Some(PathBuf::from(text.value))),
            false => Err(self.leaves(key, key, text.value)),
        }
    }

    /// Refuses a word of a command line, called `shown`, that is a path out of the repository. A program of
    /// the system has an absolute path.
    ///
    /// # Errors
    /// If it is one.
    pub(super) fn check_word(&self, key: &str, shown: &str, word: &str) -> Read<()> {
        let path = Path::new(word);
        match path.is_absolute() || self.source.is_within(path) {
            true => Ok(()),
            false => Err(self.leaves(key, shown, word)),
        }
    }

    fn leaves(&self, key: &str, shown: &str, path: &str) -> Fault {
        let example = self.example(key);
        let left = match self.source.depth {
            0 => format!("the folder of {}", super::FILE),
            _ => "the repository".to_owned(),
        };
        let what = format!(
            "{shown} '{path}' leaves {left}: each revision has a folder of its own, so name a \
             file below it, as in {example}"
        );
        let at = self.find(key).map_or(self.at, |found| found.span().start);
        self.source.fault(at, what)
    }

    /// Names and values of variables; empty if the key is not there.
    ///
    /// # Errors
    /// If it is no table of texts, or a name is no name of a variable.
    pub(super) fn variables(&self, key: &str) -> Read<Vec<(String, String)>> {
        let Some(found) = self.find(key) else { return Ok(Vec::new()) };
        let DeValue::Table(table) = found.get_ref() else {
            let (kind, example) = (kind_of(found.get_ref()), self.example(key));
            let what = format!("{key} is {kind}, no table: write {example}");
            return Err(self.source.fault(found.span().start, what));
        };
        let one = |(name, value): (&Spanned<DeString<'a>>, &'a Spanned<DeValue<'a>>)| {
            let shown = format!("{key}.{}", name.get_ref());
            if name.get_ref().is_empty() || name.get_ref().contains(['=', '\0']) {
                let example = self.example(key);
                let what = format!("{shown} is no name of a variable: write {example}");
                return Err(self.source.fault(name.span().start, what));
            }
            let value = match value.get_ref() {
                // An empty value is one.
                DeValue::String(text) if text.is_empty() => "",
                _ => self.text_of(key, &shown, value)?.value,
            };
            Ok((name.get_ref().clone().into_owned(), value.to_owned()))
        };
        table.iter().map(one).collect()
    }
}

fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

/// Advice on a word that is not among `right`: the most similar one, or all.
pub(super) fn suggestion(wrong: &str, right: &[&str]) -> String {
    match nearest(wrong, right) {
        Some(word) => format!("did you mean '{word}'?"),
        None => format!("choose among {}", right.join(", ")),
    }
}

/// The word that was meant, if one is similar.
fn nearest<'w>(wrong: &str, right: &[&'w str]) -> Option<&'w str> {
    let likeness = |word: &&&str| strsim::jaro_winkler(wrong, word);
    let nearest = right.iter().max_by(|one, two| likeness(one).total_cmp(&likeness(two)));
    nearest.filter(|word| likeness(word) >= ALIKE).copied()
}
