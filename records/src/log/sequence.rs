//! The numbers of lines: each line says its own, so that one that was removed is noticed.
//!
//! Lines of older programs have none; they are counted.

use serde_json::Value;

/// The field of a line with its number, from 1.
const FIELD: &str = "line";

/// Gives a line, an object in JSON, its number.
pub(super) fn number(line: &mut Vec<u8>, number: usize) {
    if line.last() == Some(&b'}') {
        line.pop();
        line.extend(format!(",\"{FIELD}\":{number}}}").bytes());
    }
}

/// The number that a line says; `None` if it is of an older program.
fn said(line: &Value) -> Option<usize> {
    line.get(FIELD)?.as_u64().and_then(|number| usize::try_from(number).ok())
}

/// The number of the line that follows these whole lines.
pub(super) fn next(lines: &[u8]) -> usize {
    let last = lines.split(|byte| *byte == b'\n').rfind(|line| !line.is_empty());
    let said = last.and_then(|line| said(&serde_json::from_slice(line).ok()?));
    let counted = || lines.iter().filter(|byte| **byte == b'\n').count();
    said.unwrap_or_else(counted).saturating_add(1)
}

/// Lines as they are read one after the other.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    last: usize,
    faults: Vec<String>,
}

impl Sequence {
    /// The next line, which is the `counted`-th of the file.
    pub(super) fn add(&mut self, line: &Value, counted: usize) {
        let Some(number) = said(line) else {
            self.last = self.last.max(counted);
            return;
        };
        let expected = self.last.saturating_add(1);
        if number > expected {
            let lines = match number - 1 {
                last if last == expected => format!("line {expected} is"),
                last => format!("lines {expected} to {last} are"),
            };
            self.faults.push(format!("{lines} missing: somebody removed what was written there"));
        } else if number < expected {
            self.faults.push(format!("line {number} is there twice, or out of its place"));
        }
        self.last = number;
    }

    /// Faults of the order, in sentences for readers.
    pub(super) fn faults(self) -> Vec<String> {
        self.faults
    }
}
