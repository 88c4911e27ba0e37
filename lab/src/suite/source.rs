//! A file of TOML with the faults that were found in it, which are told all at once.

use anyhow::{Result, ensure};
use simple_records::harmless;
use std::cell::RefCell;
use std::fmt::Display;
use std::path::{Component, Path};
use toml::Spanned;
use toml::de::DeTable;

/// A file of TOML, for its faults.
#[derive(Debug)]
pub(super) struct Source<'a> {
    /// The path, as it is shown.
    pub(super) path: String,
    /// The whole text.
    pub(super) text: &'a str,
    /// Number of folders from the root of the repository to that of the file.
    pub(super) depth: usize,
    /// The faults that were found until now.
    pub(super) faults: RefCell<Vec<Fault>>,
}

/// A fault of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// One at this byte, in words.
    New { at: usize, what: String },
    /// One that follows from another, which is told.
    Told,
}

/// Something that was read, or why not.
pub(super) type Read<T> = Result<T, Fault>;

impl<'a> Source<'a> {
    /// A file without a fault until now. `depth` is as in the field of that name.
    pub(super) fn new(path: String, text: &'a str, depth: usize) -> Self {
        Self { path, text, depth, faults: RefCell::default() }
    }

    /// A fault at the line of the byte `at`.
    pub(super) fn fault(&self, at: usize, what: impl Display) -> Fault {
        Fault::New { at, what: what.to_string() }
    }

    /// Returns a value that was read. A fault is kept, and reported with all others.
    pub(super) fn keep<T>(&self, read: Read<T>) -> Option<T> {
        read.map_err(|fault| self.faults.borrow_mut().push(fault)).ok()
    }

    /// Returns whether no fault was found until now.
    pub(super) fn is_right(&self) -> bool {
        self.faults.borrow().is_empty()
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// If there are faults: all of them, each with file and line.
    pub(super) fn check(&self) -> Result<()> {
        let faults = self.faults.borrow();
        let mut told: Vec<(usize, String)> = faults
            .iter()
            .filter_map(|fault| Some((self.line(fault)?, self.words(fault)?)))
            .collect();
        told.sort();
        told.dedup();
        let told: Vec<String> = told.into_iter().map(|(_, words)| words).collect();
        ensure!(told.is_empty(), "{}", told.join("\n"));
        Ok(())
    }

    fn line(&self, fault: &Fault) -> Option<usize> {
        let Fault::New { at, .. } = fault else { return None };
        let before = &self.text.as_bytes()[..(*at).min(self.text.len())];
        Some(before.iter().filter(|byte| **byte == b'\n').count() + 1)
    }

    fn words(&self, fault: &Fault) -> Option<String> {
        let Fault::New { what, .. } = fault else { return None };
        Some(format!("{}:{}: {}", self.path, self.line(fault)?, harmless(what)))
    }

    /// The text as a table.
    ///
    /// # Errors
    /// If it is no TOML.
    pub(super) fn parsed(&self) -> Read<Spanned<DeTable<'_>>> {
        DeTable::parse(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            self.fault(at, format!("it is no TOML: {}", error.message()))
        })
    }

    /// Returns whether a path stays within the repository, seen from the folder of the file.
    pub(super) fn is_within(&self, path: &Path) -> bool {
        let mut depth = self.depth;
        path.components().all(|part| match part {
            Component::Normal(_) => {
                depth += 1;
                true
            }
            Component::CurDir => true,
            Component::ParentDir => {
                depth = depth.wrapping_sub(1);
                depth != usize::MAX
            }
            Component::RootDir | Component::Prefix(_) => false,
        })
    }
}
