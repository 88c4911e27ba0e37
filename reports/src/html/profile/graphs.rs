//! A flame graph, and a table of the most expensive functions.

use crate::text;
use simple_records::{FunctionShare, ProfileStart, StackProfile, Unit};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Maximum number of functions in the table; the picture has all.
const MOST_FUNCTIONS: usize = 15;

/// Number of bytes that are read of a picture to find its size.
const HEAD_BYTES: u64 = 2048;

/// Stacks of functions.
pub(in crate::html) struct Graph {
    /// Instrument and total.
    pub(in crate::html) what: String,
    pub(in crate::html) unit: String,
    /// Path of the picture relative to the page; `None` if the file is missing.
    pub(in crate::html) picture: Option<String>,
    /// Its width and height in pixels: without them the page would jump when it is loaded.
    pub(in crate::html) size: Option<(u32, u32)>,
    pub(in crate::html) functions: Vec<Function>,
    pub(in crate::html) notes: Vec<String>,
}

/// Counts of a function.
pub(in crate::html) struct Function {
    pub(in crate::html) name: String,
    pub(in crate::html) short: String,
    /// Count in the function itself: the text, and the share to sort by.
    pub(in crate::html) own: (String, Option<f64>),
    /// Count including callees.
    pub(in crate::html) inclusive: (String, Option<f64>),
}

/// The subject of figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Iterations of a workload.
    Iterations,
    /// A program of anybody, as a whole.
    Whole,
}

impl Scope {
    pub(super) fn of(start: &ProfileStart) -> Self {
        if start.program.is_some() { Self::Whole } else { Self::Iterations }
    }

    /// `20 iterations`, `all`.
    pub(super) fn words(self, number: u64) -> String {
        match self {
            Self::Iterations => iterations(number),
            Self::Whole => "all".to_owned(),
        }
    }
}

pub(super) fn graph(
    stacks: &StackProfile,
    scope: Scope,
    picture: Option<String>,
    size: Option<(u32, u32)>,
) -> Graph {
    let mut functions: Vec<&FunctionShare> = stacks.functions.iter().collect();
    functions.sort_by_key(|function| std::cmp::Reverse(function.own));
    let functions = functions.into_iter().take(MOST_FUNCTIONS);
    Graph {
        what: what(stacks, scope),
        unit: if stacks.unit == Unit::Ns { "time".to_owned() } else { stacks.unit.to_string() },
        picture,
        size,
        functions: functions.map(|function| self::function(function, stacks.total)).collect(),
        notes: stacks.notes.clone(),
    }
}

fn function(function: &FunctionShare, total: u64) -> Function {
    let part = |count| match share(count, total) {
        Some(share) => (text::percent(share), Some(share)),
        None => (String::new(), None),
    };
    Function {
        name: function.function.clone(),
        short: function.short.clone(),
        own: part(function.own),
        inclusive: part(function.inclusive),
    }
}

/// A share of the total; `None` if nothing was counted.
pub(super) fn share(count: u64, total: u64) -> Option<f64> {
    (total > 0).then(|| count as f64 / total as f64)
}

fn what(stacks: &StackProfile, scope: Scope) -> String {
    let total = if stacks.unit == Unit::Ns {
        text::time_ns(stacks.total as f64)
    } else {
        format!("{} {}", text::exactly(stacks.total), stacks.unit)
    };
    let lasted = stacks.measured_ns.map(|ns| format!(", which took {}", text::time_ns(ns as f64)));
    format!(
        "{}; {total} in {}{}",
        stacks.sampler,
        scope.words(stacks.iterations),
        lasted.unwrap_or_default()
    )
}

/// `1 iteration`, `20,000 iterations`.
fn iterations(number: u64) -> String {
    format!("{} iteration{}", text::exactly(number), if number == 1 { "" } else { "s" })
}

/// Width and height of an SVG in pixels, as it says itself.
pub(super) fn size_of(picture: &Path) -> Option<(u32, u32)> {
    let mut head = Vec::new();
    File::open(picture).ok()?.take(HEAD_BYTES).read_to_end(&mut head).ok()?;
    size_in(&String::from_utf8_lossy(&head))
}

fn size_in(svg: &str) -> Option<(u32, u32)> {
    let (_, tag) = svg.split_once("<svg ")?;
    let (tag, _) = tag.split_once('>')?;
    let pixels = |name: &str| {
        let (_, value) = tag.split_once(&format!("{name}=\""))?;
        value.split('"').next()?.parse().ok().filter(|pixels| *pixels > 0)
    };
    Some((pixels(" width").or_else(|| pixels("width"))?, pixels("height")?))
}

#[cfg(test)]
mod tests {
    use super::size_in;

    #[test]
    fn pictures_tell_their_size() {
        let svg = "<?xml?><svg version=\"1.1\" width=\"1200\" height=\"390\" viewBox=\"0 0 1 2\">";
        assert_eq!(size_in(svg), Some((1200, 390)));
        assert_eq!(size_in("<svg width=\"100%\" height=\"390\">"), None);
        assert_eq!(size_in("<svg width=\"0\" height=\"390\">"), None);
        assert_eq!(size_in("not a picture"), None);
    }
}
