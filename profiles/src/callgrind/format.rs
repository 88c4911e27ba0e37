//! Callgrind's file format, version 1, as the "Callgrind Format Specification" in valgrind's
//! manual describes it. Positions in sources and objects are left out, and all
//! events but the instructions.

use super::Error;
use std::collections::HashMap;

/// The event that is read: instructions that were executed.
const INSTRUCTIONS: &str = "Ir";

/// First line of every file since valgrind 3.13.
const MARKER: &str = "# callgrind format";

/// A file, with functions under the names that callgrind gave them.
#[derive(Debug, Default, PartialEq)]
pub(super) struct File {
    /// Names of functions, with callers and recursion in them if callgrind was asked for it.
    pub(super) names: Vec<String>,
    /// Instructions of each function itself.
    pub(super) own: Vec<u64>,
    /// Calls between functions.
    pub(super) calls: Vec<Call>,
    /// Instructions of all functions.
    pub(super) total: u64,
}

/// Calls from one place. Functions are indices of names.
#[derive(Debug, PartialEq)]
pub(super) struct Call {
    pub(super) caller: usize,
    pub(super) callee: usize,
    /// Number of calls.
    pub(super) count: u64,
    /// Instructions during all of these calls.
    pub(super) inclusive: u64,
}

pub(super) fn read(text: &str) -> Result<File, Error> {
    let mut reader = Reader::default();
    for (line, number) in text.lines().zip(1..) {
        reader.line(line.trim()).map_err(|problem| match problem {
            Problem::Line(_) if !reader.is_callgrind => Error::NotCallgrind,
            Problem::Line(reason) => Error::Line { line: number, reason },
            Problem::File(error) => error,
        })?;
    }
    match reader {
        Reader { is_callgrind: false, .. } => Err(Error::NotCallgrind),
        Reader { part: Part::Ended, file, .. } => Ok(file),
        _ => Err(Error::CutOff),
    }
}

enum Problem {
    /// This line is wrong.
    Line(&'static str),
    /// The file as a whole is wrong.
    File(Error),
}

impl From<&'static str> for Problem {
    fn from(reason: &'static str) -> Self {
        Self::Line(reason)
    }
}

/// A file has one or several parts, each with a header, costs, and totals at its end.
#[derive(Default)]
enum Part {
    #[default]
    NotBegun,
    Begun {
        /// Index of the number of instructions, behind the positions.
        column: usize,
        /// Maximum number of costs in a line.
        columns: usize,
        /// Instructions so far.
        sum: u64,
    },
    Ended,
}

#[derive(Default)]
struct Reader {
    file: File,
    is_callgrind: bool,
    part: Part,
    /// Number of positions before the costs; one if the header does not say.
    positions: Option<usize>,
    /// Functions by the numbers that abbreviate their names.
    by_id: HashMap<u64, usize>,
    by_name: HashMap<String, usize>,
    function: Option<usize>,
    callee: Option<usize>,
    /// A call was announced: the next line has its cost.
    call: Option<(usize, u64)>,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), Problem> {
        self.is_callgrind |= line == MARKER;
        match line.as_bytes().first() {
            None | Some(b'#') => return Ok(()),
            Some(b'0'..=b'9' | b'+' | b'-' | b'*') => return self.costs(line),
            Some(_) if self.call.is_some() => return Err("the cost of a call is missing".into()),
            Some(_) => {}
        }
        if let Some((key, value)) = line.split_once('=') {
            match key {
                "fn" => return self.name(value).map(|function| self.function = Some(function)),
                // The target of a jump: the name may appear here first.
                "jfn" => return self.name(value).map(drop),
                "cfn" => return self.name(value).map(|function| self.callee = Some(function)),
                "calls" => return self.call(value),
                // Objects, files, and jumps, behind which a line without costs says from where.
                "ob" | "fl" | "fi" | "fe" | "cob" | "cfi" | "cfl" | "jfi" | "jump" | "jcnd" => {
                    return Ok(());
                }
                _ => {}
            }
        }
        let (key, value) = line.split_once(':').ok_or("neither costs, nor a name, nor a header")?;
        self.header(key, value.trim())
    }

    fn header(&mut self, key: &str, value: &str) -> Result<(), Problem> {
        match key {
            "version" if value != "1" => Err("this version of the format is not known".into()),
            "positions" => {
                self.positions = Some(value.split_whitespace().count());
                Ok(())
            }
            "events" => self.begin(value),
            "totals" => self.end(value),
            // The process, descriptions, and a summary, which repeats the totals.
            _ => Ok(()),
        }
    }

    fn begin(&mut self, events: &str) -> Result<(), Problem> {
        if let Part::Begun { .. } = self.part {
            return Err(Problem::File(Error::CutOff));
        }
        self.is_callgrind = true;
        let columns = events.split_whitespace().count();
        let column = events.split_whitespace().position(|event| event == INSTRUCTIONS);
        let column = column.ok_or(Problem::File(Error::NoInstructions))?;
        self.part = Part::Begun { column, columns, sum: 0 };
        (self.function, self.callee) = (None, None);
        Ok(())
    }

    fn end(&mut self, totals: &str) -> Result<(), Problem> {
        let Part::Begun { column, sum, .. } = self.part else {
            return Err("totals of nothing".into());
        };
        let totals = totals.split_whitespace().nth(column).map_or(Ok(0), number)?;
        if totals != sum {
            return Err(Problem::File(Error::Totals { totals, sum }));
        }
        self.file.total = self.file.total.checked_add(sum).ok_or(TOO_LARGE)?;
        self.part = Part::Ended;
        Ok(())
    }

    /// `name`, `(7) name`, or `(7)` for a name that was there before.
    fn name(&mut self, text: &str) -> Result<usize, Problem> {
        let text = text.trim();
        let compressed = text.strip_prefix('(').and_then(|rest| rest.split_once(')'));
        let compressed = compressed.and_then(|(id, name)| Some((number(id).ok()?, name.trim())));
        let Some((id, name)) = compressed else { return Ok(self.intern(text)) };
        if name.is_empty() {
            return Ok(*self.by_id.get(&id).ok_or("a number that stands for no name")?);
        }
        let function = self.intern(name);
        self.by_id.insert(id, function);
        Ok(function)
    }

    fn intern(&mut self, name: &str) -> usize {
        if let Some(function) = self.by_name.get(name) {
            return *function;
        }
        let function = self.file.names.len();
        self.file.names.push(name.to_owned());
        self.file.own.push(0);
        self.by_name.insert(name.to_owned(), function);
        function
    }

    /// `12 +3`: number of calls, and the position of the callee, which is not used.
    fn call(&mut self, text: &str) -> Result<(), Problem> {
        let count = text.split_whitespace().next().ok_or("no number of calls")?;
        let callee = self.callee.take().ok_or("a call of no function")?;
        self.call = Some((callee, number(count)?));
        Ok(())
    }

    /// `+3 * 12 7`: positions, then costs; those that are left out are zero.
    fn costs(&mut self, line: &str) -> Result<(), Problem> {
        let Part::Begun { column, columns, sum } = &mut self.part else {
            return Err("costs outside of a part".into());
        };
        let mut words = line.split_whitespace();
        for _ in 0..self.positions.unwrap_or(1) {
            position(words.next().ok_or("a position is missing")?)?;
        }
        let costs = words.map(number).collect::<Result<Vec<_>, _>>()?;
        if costs.len() > *columns {
            return Err("more costs than events".into());
        }
        let cost = costs.get(*column).copied().unwrap_or(0);
        let function = self.function.ok_or("costs of no function")?;
        if let Some((callee, count)) = self.call.take() {
            self.file.calls.push(Call { caller: function, callee, count, inclusive: cost });
            return Ok(());
        }
        *sum = sum.checked_add(cost).ok_or(TOO_LARGE)?;
        // Not larger than the sum, which fits.
        self.file.own[function] = self.file.own[function].checked_add(cost).ok_or(TOO_LARGE)?;
        Ok(())
    }
}

const TOO_LARGE: &str = "the sum of the costs is too large";

fn number(word: &str) -> Result<u64, Problem> {
    let number = match word.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => word.parse(),
    };
    number.map_err(|_| "something that is no whole number".into())
}

/// An absolute one, one relative to the line before, or the same as there.
fn position(word: &str) -> Result<(), Problem> {
    if word != "*" {
        number(word.trim_start_matches(['+', '-']))?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
