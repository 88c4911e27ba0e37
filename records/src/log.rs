//! The log: the one way to append to, read and go on with files of records.
//!
//! Every such file is JSON lines, one record a line. The first line says what was done, where and
//! when; what follows is appended as it comes, so that what was measured is kept whatever happens
//! next.

mod sequence;

use crate::harmless::{harmless, value_from_json};
use crate::plausible::Implausible;
use crate::{RecordError, SCHEMA_VERSION};
use sequence::Sequence;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

/// A kind of record file: what its lines are, and what they say together.
pub trait LogFile: Sized {
    /// A line. It has a variant for kinds of a newer program, which are skipped.
    type Line: DeserializeOwned + Serialize;

    /// Name of the kind, for messages: `run`.
    const NAME: &'static str;

    /// Returns what a file says that has only its first line; `None` if `first` begins no such
    /// file.
    fn begin(first: Self::Line) -> Option<Self>;

    /// Adds what a later line says.
    fn add(&mut self, line: Self::Line);

    /// Adds what a reader should know about the file, a sentence.
    fn warn(&mut self, warning: String);

    /// Returns the first value of a line that no measurement gives; `None` if there is none.
    fn implausible(_line: &Self::Line) -> Option<Implausible> {
        None
    }

    /// Adds what the file as a whole shows, when all of it has been added.
    fn finish(&mut self) {}

    /// Reads the file at `path`. Its texts are harmless. Left out, with a warning, are a last line
    /// that was cut off, lines with a word that this program does not know, and lines with a value
    /// that no measurement gives. A warning names lines that are missing.
    ///
    /// # Errors
    /// If the file cannot be read, is empty, is damaged, is of another kind, or is of a newer schema,
    /// or if its first line has a value that cannot be.
    fn read(path: &Path) -> Result<Self, RecordError> {
        let bytes = fs::read(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => RecordError::NoPlace(path.to_owned()),
            _ => failed("read", path)(source),
        })?;
        if bytes.is_empty() {
            return Err(RecordError::Empty(path.to_owned()));
        }
        let mut reader = Reader::of(path);
        let whole = whole_lines(&bytes);
        for (number, line) in (1..).zip(bytes[..whole].split(|byte| *byte == b'\n')) {
            if !line.is_empty() {
                reader.add(number, line)?;
            }
        }
        let mut file: Self = reader.finish()?;
        if whole < bytes.len() {
            let number = bytes[..whole].iter().filter(|byte| **byte == b'\n').count() + 1;
            file.warn(format!("line {number} was cut off and is left out"));
        }
        file.finish();
        Ok(file)
    }
}

/// A file that is being read.
struct Reader<'a, F> {
    path: &'a Path,
    /// Contents of its lines so far; `None` before the first.
    file: Option<F>,
    /// The kind of the first line, of which there is one.
    first_kind: Option<Value>,
    sequence: Sequence,
    /// Reasons why lines were left out: the first line, and the number of lines.
    left_out: BTreeMap<String, (usize, usize)>,
    /// Fields with values that cannot be: the first line with its value, and the number of lines.
    implausible: BTreeMap<&'static str, (usize, String, usize)>,
}

impl<'a, F: LogFile> Reader<'a, F> {
    fn of(path: &'a Path) -> Self {
        let (left_out, implausible) = (BTreeMap::new(), BTreeMap::new());
        let sequence = Sequence::default();
        Self { path, file: None, first_kind: None, sequence, left_out, implausible }
    }

    fn add(&mut self, number: usize, line: &[u8]) -> Result<(), RecordError> {
        let malformed = |reason: String| RecordError::Malformed {
            path: self.path.to_owned(),
            line: number,
            reason,
        };
        let value = value_from_json(line).map_err(|error| malformed(error.to_string()))?;
        let kind = value.get("kind").filter(|kind| kind.is_string()).cloned();
        let kind = kind.ok_or_else(|| malformed("it has no `kind`".to_owned()))?;
        self.sequence.add(&value, number);
        let Some(file) = &mut self.file else {
            refuse_newer(self.path, &value)?;
            let first = serde_json::from_value(value).map_err(|e| malformed(e.to_string()))?;
            if let Some(Implausible { field, value }) = F::implausible(&first) {
                return Err(malformed(format!("{field} is {value}, which cannot be")));
            }
            self.file = F::begin(first);
            self.first_kind = Some(kind);
            return match self.file {
                Some(_) => Ok(()),
                None => Err(self.of_another_kind()),
            };
        };
        if self.first_kind.as_ref() == Some(&kind) {
            return Err(malformed(format!("a second {kind}: a file has one")));
        }
        match serde_json::from_value(value) {
            Ok(line) => match F::implausible(&line) {
                None => file.add(line),
                Some(Implausible { field, value }) => {
                    self.implausible.entry(field).or_insert((number, value, 0)).2 += 1;
                }
            },
            Err(error) if is_unknown_word(&error) => {
                self.left_out.entry(error.to_string()).or_insert((number, 0)).1 += 1;
            }
            Err(error) => return Err(malformed(error.to_string())),
        }
        Ok(())
    }

    fn finish(self) -> Result<F, RecordError> {
        let error = self.of_another_kind();
        let mut file = self.file.ok_or(error)?;
        self.sequence.faults().into_iter().for_each(|fault| file.warn(fault));
        for (reason, (first, lines)) in self.left_out {
            let lines = match lines {
                1 => format!("line {first} is"),
                lines => format!("{lines} lines, of which the first is line {first}, are"),
            };
            file.warn(format!("{lines} of a newer program and left out: {reason}"));
        }
        for (field, (first, value, lines)) in self.implausible {
            let more = match lines {
                1 => "the line is left out".to_owned(),
                lines => format!("{lines} such lines are left out"),
            };
            let name = self.path.file_name().unwrap_or_default();
            let name = harmless(&name.to_string_lossy());
            file.warn(format!("{name}, line {first}: {field} is {value}, which cannot be: {more}"));
        }
        Ok(file)
    }

    fn of_another_kind(&self) -> RecordError {
        RecordError::OtherKind { path: self.path.to_owned(), expected: F::NAME }
    }
}

/// Refuses a file of a newer schema, which this program would misunderstand.
fn refuse_newer(path: &Path, first: &Value) -> Result<(), RecordError> {
    let schema = first.get("schema").and_then(Value::as_u64).unwrap_or(0);
    if schema <= u64::from(SCHEMA_VERSION) {
        return Ok(());
    }
    Err(RecordError::NewerSchema { path: path.to_owned(), found: schema, known: SCHEMA_VERSION })
}

/// True if a line is not read because of a word that its type does not have. Serde says so only in
/// a message, of which this is the documented beginning.
fn is_unknown_word(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("unknown variant")
}

/// Length of the lines that were not cut off, in bytes. A line that lacks only its end counts as
/// cut off, because whoever goes on with the file removes it.
fn whole_lines(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> RecordError {
    let path = path.to_owned();
    move |why| RecordError::Io { doing, path, why }
}

/// A file of records that is being written. Every record is handed to the system before the call
/// returns, so a crash or an interrupt loses at most the line being written.
#[derive(Debug)]
pub struct Log<F> {
    file: File,
    path: PathBuf,
    /// Number of the next line.
    next: usize,
    kind: PhantomData<fn(F)>,
}

impl<F: LogFile> Log<F> {
    /// Creates `<folder>/<name>.jsonl`, and the folder if need be.
    ///
    /// # Errors
    /// If the file cannot be created. One that exists is never overwritten.
    pub fn create(folder: &Path, name: &str) -> Result<Self, RecordError> {
        fs::create_dir_all(folder).map_err(failed("create the folder", folder))?;
        let path = folder.join(format!("{name}.jsonl"));
        let file = OpenOptions::new().append(true).create_new(true).open(&path);
        let file = file.map_err(failed("create", &path))?;
        Ok(Self { file, path, next: 1, kind: PhantomData })
    }

    /// Goes on with a file that was interrupted. A last line that was cut off is removed.
    ///
    /// # Errors
    /// If the file cannot be read or changed.
    pub fn resume(path: &Path) -> Result<Self, RecordError> {
        let bytes = fs::read(path).map_err(failed("read", path))?;
        let file = OpenOptions::new().append(true).open(path).map_err(failed("open", path))?;
        let whole = whole_lines(&bytes);
        file.set_len(whole as u64).map_err(failed("shorten", path))?;
        let next = sequence::next(&bytes[..whole]);
        Ok(Self { file, path: path.to_owned(), next, kind: PhantomData })
    }

    /// Path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a record.
    ///
    /// # Errors
    /// If the system does not take it.
    pub fn append(&mut self, record: &F::Line) -> Result<(), RecordError> {
        let line = serde_json::to_vec(record).map_err(io::Error::from);
        // One write a line: readers and a kill see whole lines.
        let written = line.and_then(|mut line| {
            sequence::number(&mut line, self.next);
            line.push(b'\n');
            self.file.write_all(&line)
        });
        written.map_err(failed("write to", &self.path))?;
        self.next += 1;
        Ok(())
    }
}
