//! The summary in brief: never more lines than a screen has, however much there is to say.

use super::command::show;
use super::run::RunText;
use super::terminal::write_head;
use super::{Digest, Sentence};
use crate::analysis::Report;
use std::fmt::{self, Write};

/// Maximum number of lines of all.
const MOST_LINES: usize = 40;
/// Maximum number of lines of a list.
const LIST_LINES: usize = 8;
/// Comparisons that are named where the default is right.
const KEEPS_NAMED: usize = 12;
/// Maximum number of characters of a warning.
const WARNING_LENGTH: usize = 150;
/// Lines after the lists: an empty one, and the one that says what shows more.
const LAST_LINES: usize = 2;

/// A list with what is said before and after it. It has at least one line.
struct List {
    /// Empty for none.
    heading: String,
    lines: Vec<String>,
    /// A line after it, if there is one.
    after: Option<String>,
}

/// The verdicts in brief, at most 40 lines. Lists that are longer than there is room end with how many
/// more there are.
pub fn brief(report: &Report) -> String {
    let mut text = String::new();
    write(&mut text, &RunText::new(report)).expect("a string takes what is written to it");
    text
}

fn write(out: &mut String, run: &RunText) -> fmt::Result {
    write_head(out, run)?;
    let lists = lists(run);
    let (all, page) = show(&run.report.start);
    let taken = out.lines().count() + LAST_LINES;
    let shown = shares(&lists, MOST_LINES.saturating_sub(taken));
    lists.iter().zip(shown).try_for_each(|(list, shown)| list.write(out, shown, all))?;
    writeln!(out, "\nAll figures: {all}; the page: {page}")
}

/// All lists that have something to say.
fn lists(run: &RunText) -> Vec<List> {
    let Digest { changes, keeps, behind, verdicts, .. } = &run.digest;
    let verdicts = verdicts.iter().map(|(_, sentence)| format!("  {sentence}")).collect();
    let open: Vec<_> = run
        .questions
        .open
        .iter()
        .map(|one| (one.comparison.clone(), one.sentence.clone()))
        .collect();
    let first = run.questions.open.first();
    let lists = [
        List { heading: "Verdicts:".to_owned(), lines: verdicts, after: None },
        List::of("A peer is ahead:", behind),
        List::of("Choose instead of the default:", changes),
        List::of("Depends on the machine:", &run.questions.depending),
        List { heading: String::new(), lines: kept(keeps), after: None },
        List {
            after: first.map(|first| format!("  To settle the first: {}", first.command)),
            ..List::of("Open:", &open)
        },
        List {
            heading: "Not measured, or not to the end:".to_owned(),
            lines: missing(run.report),
            after: None,
        },
        List { heading: String::new(), lines: warnings(&run.report.warnings), after: None },
    ];
    lists.into_iter().filter(|list| !list.lines.is_empty()).collect()
}

fn kept(keeps: &[String]) -> Vec<String> {
    if keeps.is_empty() {
        return Vec::new();
    }
    let named = keeps.iter().take(KEEPS_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = match keeps.len().saturating_sub(KEEPS_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    vec![format!("Keep the default: {named}{more}")]
}

/// Workloads without figures, by reason: questions about them are not among those that are counted.
fn missing(report: &Report) -> Vec<String> {
    let line = |(why, members): (&str, Vec<&crate::analysis::Missing>)| {
        let (first, more) = (&members[0].workload, members.len() - 1);
        let others = if more == 0 { String::new() } else { format!(" and {more} more") };
        format!("  {first}{others}: {why}")
    };
    report.census.missing_by_reason().into_iter().map(line).collect()
}

/// The beginning of each warning.
fn warnings(warnings: &[String]) -> Vec<String> {
    let line = |warning: &String| match warning.char_indices().nth(WARNING_LENGTH) {
        Some((end, _)) => format!("warning: {}... (--all says all)", &warning[..end]),
        None => format!("warning: {warning}"),
    };
    warnings.iter().map(line).collect()
}

impl List {
    fn of(heading: &str, list: &[(String, Sentence)]) -> Self {
        let line =
            |(comparison, sentence): &(String, Sentence)| format!("  {comparison}: {sentence}");
        Self { heading: heading.to_owned(), lines: list.iter().map(line).collect(), after: None }
    }

    /// Lines that it takes with this many of its own, with the empty one before it.
    fn height(&self, shown: usize) -> usize {
        1 + usize::from(!self.heading.is_empty())
            + shown
            + usize::from(shown < self.lines.len())
            + usize::from(self.after.is_some())
    }

    /// Writes the first lines of it; `all` shows the others.
    fn write(&self, out: &mut String, shown: usize, all: &str) -> fmt::Result {
        writeln!(out)?;
        if !self.heading.is_empty() {
            writeln!(out, "{}", self.heading)?;
        }
        for line in &self.lines[..shown] {
            writeln!(out, "{line}")?;
        }
        if shown < self.lines.len() {
            writeln!(out, "  and {} more: {all}", self.lines.len() - shown)?;
        }
        self.after.iter().try_for_each(|line| writeln!(out, "{line}"))
    }
}

/// Numbers of lines that the lists show in `room` lines: at least one each, then one more of each in
/// turn while there is room.
fn shares(lists: &[List], room: usize) -> Vec<usize> {
    let mut shown = vec![1; lists.len()];
    let height = |shown: &[usize]| -> usize {
        lists.iter().zip(shown).map(|(list, shown)| list.height(*shown)).sum()
    };
    loop {
        let mut grew = false;
        for (at, list) in lists.iter().enumerate() {
            // One more takes no more room than the line that says so.
            let most =
                if list.lines.len() > LIST_LINES + 1 { LIST_LINES } else { list.lines.len() };
            if shown[at] == most {
                continue;
            }
            shown[at] += 1;
            match height(&shown) <= room {
                true => grew = true,
                false => shown[at] -= 1,
            }
        }
        if !grew {
            return shown;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(lines: usize) -> List {
        let line = |number: usize| format!("  line {number}");
        List { heading: "Heading:".to_owned(), lines: (0..lines).map(line).collect(), after: None }
    }

    #[test]
    fn room_goes_to_each_list_in_turn_and_what_is_left_to_the_long_ones() {
        let shown = |lines: &[usize], room| {
            shares(&lines.iter().map(|lines| list(*lines)).collect::<Vec<_>>(), room)
        };
        assert_eq!(shown(&[3, 3], 40), [3, 3]);
        assert_eq!(shown(&[100], 40), [8]);
        assert_eq!(shown(&[9], 40), [9], "the ninth is no longer than the words about it");
        assert_eq!(shown(&[1, 100], 12), [1, 6]);
        assert_eq!(shown(&[100, 100], 12), [3, 3]);
        assert_eq!(shown(&[100, 100], 0), [1, 1]);
    }

    #[test]
    fn a_list_that_is_cut_says_how_many_more_there_are() {
        let mut text = String::new();
        list(5).write(&mut text, 2, "just summary --all").unwrap();
        assert_eq!(text, "\nHeading:\n  line 0\n  line 1\n  and 3 more: just summary --all\n");
        assert_eq!(text.lines().count(), list(5).height(2));
    }
}
