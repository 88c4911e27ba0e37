//! The comparison of two runs as text.

use super::number::{
    count, percent, probability, rate_per_s, shift, time_ns, times as times_of, utc,
};
use super::table::Table;
use super::{markdown, terminal};
use crate::analysis::Repeats;
use crate::analysis::{Change, CountChange, RunComparison, Verdict};
use crate::stats::{NEGLIGIBLE_DIFFERENCE, Ratio};

/// `+4.2% [+3.1%, +5.0%]`, from twice on `2.1x [1.9, 2.2]`; without brackets if there is no
/// interval.
pub fn change(ratio: &Ratio) -> String {
    if !(0.5..2.0).contains(&ratio.median) {
        return super::ratio(ratio);
    }
    let shown = |ratio: f64| shift(ratio - 1.0);
    match ratio.interval {
        None => shown(ratio.median),
        Some(interval) => {
            format!("{} [{}, {}]", shown(ratio.median), shown(interval.low), shown(interval.high))
        }
    }
}

/// The change of a workload's time, as [`change`] has it. The medians that are shown beside it may have
/// moved the other way, because it is over all pairs of rounds; then their change is added.
pub fn change_of_time(row: &Change) -> String {
    let (pairs, medians) = (row.ratio.median - 1.0, row.after_ns / row.before_ns - 1.0);
    let shown = change(&row.ratio);
    // A smaller one is not visible in the medians.
    match pairs * medians < 0.0 && medians.abs() >= 0.001 {
        true => format!("{shown}; of the medians {}", shift(medians)),
        false => shown,
    }
}

/// A ratio without interval as a change.
pub fn change_of(ratio: f64) -> String {
    if (0.5..2.0).contains(&ratio) { shift(ratio - 1.0) } else { times_of(ratio) }
}

/// Name of a verdict.
pub fn verdict(verdict: Verdict, repeats: Repeats) -> String {
    match verdict {
        Verdict::Better => "better".to_owned(),
        Verdict::Worse => "worse".to_owned(),
        Verdict::Unclear => "unclear".to_owned(),
        Verdict::TooFewRounds => format!("too few {}", repeats.many()),
    }
}

/// The change of a count: `+3 (+0.1%)`, or `same`.
pub fn count_change(change: &CountChange) -> String {
    let difference = change.after - change.before;
    if difference == 0.0 {
        return "same".to_owned();
    }
    let sign = if difference < 0.0 { "-" } else { "+" };
    let size = format!("{sign}{}", count(difference.abs()));
    match change.share() {
        Some(share) if share.abs() < 0.000_5 => format!("{size} (less than 0.1%)"),
        Some(share) => format!("{size} ({})", shift(share)),
        None => size,
    }
}

/// Numbers of better and worse workloads, and the median change of all of them.
pub fn change_headline(comparison: &RunComparison) -> Vec<String> {
    let count = |verdict| comparison.count(verdict);
    let undecided = match count(Verdict::TooFewRounds) {
        0 => String::new(),
        few => {
            let many = Repeats::of(&comparison.after).many();
            format!(", {few} with too few {many} to decide")
        }
    };
    let unclear = count(Verdict::Unclear);
    let unchanged = comparison.changes.iter().filter(|change| change.is_within_interval()).count();
    let of_these = match (unclear, unchanged) {
        (0, _) => String::new(),
        (1, 1) => " (it did not change beyond its interval)".to_owned(),
        _ => format!(" ({unchanged} of them did not change beyond their interval)"),
    };
    let mut lines = vec![format!(
        "Of {} workloads with times in both runs: {} better, {} worse, {unclear} unclear{of_these}{undecided}.",
        comparison.changes.len(),
        count(Verdict::Better),
        count(Verdict::Worse),
    )];
    if let Some(overall) = comparison.overall {
        lines.push(format!(
            "The median change of all of them is {}: a slower or faster machine would change \
             each by as much.",
            shift(overall - 1.0)
        ));
    }
    lines
}

/// Meaning of the figures, and its limits.
pub fn change_method(comparison: &RunComparison) -> String {
    let coverages =
        comparison.changes.iter().filter_map(|change| Some(change.ratio.interval?.coverage));
    let coverage: Vec<f64> = coverages.collect();
    let Some(covers) = crate::stats::median(&coverage).map(probability) else {
        return "No workload has enough times in both runs for an interval.".to_owned();
    };
    let chance: f64 = coverage.iter().map(|coverage| 1.0 - coverage).sum();
    let repeats = Repeats::of(&comparison.after);
    let (one, many) = (repeats.one(), repeats.many());
    format!(
        "The change is the time in the second run divided by the time in the first: the median \
         over all pairs of a {one} of each (Hodges and Lehmann), which need not be the change of \
         the medians, with the interval of the rank-sum test, in which it lies with a probability of {covers}, one workload at a time. Even if nothing \
         had changed, {:.0} of the intervals would be expected to miss that. A change is better or worse if its interval \
         excludes no change and it is {} or more; otherwise it is unclear. Intervals reflect how \
         {many} of a run differ, not how the machine changes between two runs.",
        chance.ceil(),
        percent(NEGLIGIBLE_DIFFERENCE)
    )
}

/// The title of the comparison, and its warnings.
fn head(comparison: &RunComparison) -> (String, Vec<String>) {
    let run =
        |start: &simple_records::RunStart| format!("{} ({})", start.run, utc(start.started_unix_s));
    let title = format!("{} against {}", run(&comparison.after), run(&comparison.before));
    let differences = comparison
        .differences
        .iter()
        .map(|d| format!("not comparable: {} is {} there and {} here", d.field, d.left, d.right));
    (title, differences.chain(comparison.notes.iter().cloned()).collect())
}

fn times(comparison: &RunComparison) -> Table {
    let repeats = Repeats::of(&comparison.after);
    let header = ["workload", "before", "after", "change", "verdict"];
    let rows = comparison.changes.iter().map(|row| {
        vec![
            row.workload.clone(),
            time_ns(row.before_ns),
            time_ns(row.after_ns),
            change_of_time(row),
            verdict(row.verdict, repeats),
        ]
    });
    Table {
        caption: format!("time per item: the median of a run's {}", repeats.many()),
        header: header.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

/// Exact counts that differ.
fn counts(comparison: &RunComparison) -> Table {
    let header = ["workload", "counted", "before", "after", "change"];
    let rows = comparison.counts.iter().filter(|row| row.is_exact() && row.before != row.after);
    let rows = rows.map(|row| {
        vec![
            row.workload.clone(),
            row.name.clone(),
            count(row.before),
            count(row.after),
            count_change(row),
        ]
    });
    Table {
        caption: "counts per iteration that differ; they are exact".to_owned(),
        header: header.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

fn latencies(comparison: &RunComparison) -> Table {
    let header = ["workload", "rate", "percentile", "before", "after", "change"];
    let rows = comparison.latencies.iter().map(|row| {
        vec![
            row.workload.clone(),
            rate(row.offered_per_s),
            row.percentile.clone(),
            time_ns(row.before_ns),
            time_ns(row.after_ns),
            change_of(row.ratio()),
        ]
    });
    Table {
        caption: "latencies at the same rate; without intervals, so without verdicts".to_owned(),
        header: header.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

/// The rate of a latency: `1.00 k/s`, `closed loop`.
pub fn rate(offered_per_s: Option<f64>) -> String {
    offered_per_s.map_or("closed loop".to_owned(), rate_per_s)
}

/// Tables and lists for both formats.
fn parts(comparison: &RunComparison) -> (Vec<Table>, Vec<(&'static str, &[String])>) {
    let tables = [times(comparison), counts(comparison), latencies(comparison)];
    let lists = [
        ("Only in the first run", &comparison.only_before[..]),
        ("Only in the second run", &comparison.only_after[..]),
    ];
    (
        tables.into_iter().filter(|table| !table.rows.is_empty()).collect(),
        lists.into_iter().filter(|(_, names)| !names.is_empty()).collect(),
    )
}

/// The comparison for a terminal, with a line break at its end.
pub fn changes_terminal(comparison: &RunComparison) -> String {
    let (title, warnings) = head(comparison);
    let mut text = format!("{title}\n");
    for warning in warnings {
        text += &format!("warning: {warning}\n");
    }
    for line in change_headline(comparison) {
        text += &format!("{line}\n");
    }
    let (tables, lists) = parts(comparison);
    for table in tables {
        text += &format!("\n  {}\n{}", table.caption, terminal::table_text(&table));
    }
    for (title, names) in lists {
        text += &format!("\n{title}:\n");
        names.iter().for_each(|name| text += &format!("    {name}\n"));
    }
    text + "\n" + &change_method(comparison) + "\n"
}

/// The comparison in Markdown, with a line break at its end.
pub fn changes_markdown(comparison: &RunComparison) -> String {
    let (title, warnings) = head(comparison);
    let mut text = format!("# {}\n", markdown::escaped(&title));
    for warning in warnings {
        text += &format!("\n> **Warning**: {}\n", markdown::escaped(&warning));
    }
    for line in change_headline(comparison) {
        text += &format!("\n{line}\n");
    }
    let (tables, lists) = parts(comparison);
    for table in tables {
        text += &format!("\n{}\n\n{}", table.caption, markdown::table_text(&table));
    }
    for (title, names) in lists {
        text += &format!("\n## {title}\n\n");
        names.iter().for_each(|name| text += &format!("* {}\n", markdown::escaped(name)));
    }
    text + "\n" + &change_method(comparison) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_that_moved_the_other_way_are_told() {
        let row = |after_ns| Change {
            workload: "a/b".to_owned(),
            before_ns: 100.0,
            after_ns,
            ratio: Ratio { median: 0.99, interval: None, rounds: 6 },
            verdict: Verdict::Unclear,
        };
        assert_eq!(change_of_time(&row(99.0)), "-1.0%");
        assert_eq!(change_of_time(&row(100.01)), "-1.0%");
        assert_eq!(change_of_time(&row(102.0)), "-1.0%; of the medians +2.0%");
    }
}
