//! Two names for a frame: the one it shows, and the one it has.
//!
//! Inferno knows one name, and its script takes the shown name from the title of the frame. So
//! inferno gets short names with a number, which are replaced in its picture.

use crate::names::short;
use crate::xml::{escaped, well_formed};
use std::collections::{BTreeSet, HashMap};

/// Separates a short name from its number. A character for private use is in no function's name.
const MARK: char = '\u{E000}';

/// The place where inferno's script takes the shown name, and its replacement.
const SHOWN: (&str, &str) = (
    r#"find_child(e, "title").textContent.replace(/\([^(]*\)$/,"")"#,
    r#"e.getAttribute("fg:label")"#,
);

/// The button for searches, which inferno draws almost invisibly, and its replacement.
const SEARCH: (&str, &str) =
    ("#search { text-anchor:end; opacity:0.1;", "#search { text-anchor:end; opacity:0.7;");

/// Beginning of a frame.
const FRAME: &str = "<g><title>";

pub(super) struct Labels<'a> {
    names: Vec<&'a str>,
    marked: HashMap<&'a str, String>,
}

impl<'a> Labels<'a> {
    pub(super) fn new(stacks: impl Iterator<Item = &'a [String]>) -> Self {
        let names: BTreeSet<&str> = stacks.flatten().map(String::as_str).collect();
        let marked =
            |(number, name): (usize, &&'a str)| (*name, format!("{}{MARK}{number}", shown(name)));
        let marked = names.iter().enumerate().map(marked).collect();
        Self { names: names.into_iter().collect(), marked }
    }

    /// Each name, with the one that inferno gets.
    pub(super) fn marked(&self) -> impl Iterator<Item = (&str, &str)> {
        self.marked.iter().map(|(name, marked)| (*name, marked.as_str()))
    }

    /// A stack, which must be one of those given at first, as inferno reads it.
    pub(super) fn join(&self, stack: &[String]) -> String {
        let frames: Vec<_> = stack.iter().map(|name| self.marked[name.as_str()].as_str()).collect();
        frames.join(";")
    }

    /// Replaces marked names in a picture: frames have the whole one, and show the short one.
    pub(super) fn put(&self, svg: &str) -> String {
        let mut frames = svg.split(FRAME);
        let mut labelled =
            frames.next().unwrap_or_default().replace(SHOWN.0, SHOWN.1).replace(SEARCH.0, SEARCH.1);
        for frame in frames {
            let (title, drawn) = frame.split_once("</title>").unwrap_or((frame, ""));
            let (label, title) = self.title(title);
            labelled += &format!("<g fg:label=\"{label}\"><title>{title}</title>");
            labelled += &without_mark(drawn);
        }
        labelled
    }

    /// The label of a frame, and its title: the name with what follows it, in parentheses.
    fn title(&self, title: &str) -> (String, String) {
        let named = title.split_once(MARK).and_then(|(label, rest)| {
            let (number, counts) = rest.split_once(' ')?;
            Some((label, self.names.get(number.parse::<usize>().ok()?)?, counts))
        });
        match named {
            Some((label, name, counts)) => {
                (label.to_owned(), format!("{} {counts}", escaped(name)))
            }
            // The frame below all others.
            None => ("all".to_owned(), title.to_owned()),
        }
    }
}

/// The short name, without characters that would confuse inferno or the mark.
fn shown(name: &str) -> String {
    well_formed(&short(name)).replace(MARK, "\u{FFFD}")
}

/// The text in a frame without the number, and without the dots of a shortened number.
fn without_mark(drawn: &str) -> String {
    let Some((before, after)) = drawn.split_once(MARK) else { return drawn.to_owned() };
    let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}{}", after.strip_prefix("..").unwrap_or(after))
}
