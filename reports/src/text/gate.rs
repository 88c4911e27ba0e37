//! What a gate's report says, in the words that all formats share.

use super::change;
use super::number::{count, duration, exactly, percent, times};
use super::table::Table;
use crate::judge::{CountFinding, GateReport, Reason, Row, Status, TimeFinding, Verdict};
use crate::stats::{Interval, Ratio, TARGET_COVERAGE};
use simple_records::Build;
use std::collections::HashSet;

/// About what a page fault without input or output costs at least.
const FAULT_NS: f64 = 250.0;

/// How many names a sentence lists before it counts the rest.
const NAMES_SHOWN: usize = 5;

/// The verdict as a word that stands out.
pub fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "PASS",
        Verdict::Regression => "REGRESSION",
        Verdict::Inconclusive => "INCONCLUSIVE",
    }
}

/// `this checkout (0123456789ab, with changes) against main (fedcba987654)`.
pub fn builds(report: &GateReport) -> String {
    let build = |build: &Build| {
        let commit = build.commit.as_ref().map(|commit| commit.chars().take(12).collect());
        let changes = build.modified.then(|| "with changes".to_owned());
        let known: Vec<String> = commit.into_iter().chain(changes).collect();
        let aside =
            if known.is_empty() { String::new() } else { format!(" ({})", known.join(", ")) };
        format!("{}{aside}", build.name)
    };
    format!("{} against {}", build(&report.head), build(&report.base))
}

/// How much was measured: `quick set, 120 workloads, 912 blocks, 34 min`.
pub fn measured(report: &GateReport) -> String {
    let took = report.elapsed_s.map_or("interrupted".to_owned(), duration);
    let (workloads, blocks) = (report.rows.len(), report.blocks);
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    format!(
        "{} set, {workloads} workload{}, {blocks} block{}, {took}; looked for {} more time",
        report.setting,
        plural(workloads),
        plural(blocks),
        percent(report.min_effect)
    )
}

/// Why the verdict is what it is: a sentence each.
pub fn why(report: &GateReport) -> Vec<String> {
    let listed = |what: &str, names: &[String]| {
        let names: HashSet<&String> = names.iter().collect();
        // In the order of rows, which begins with the worst.
        let rows = report.rows.iter().map(|row| &row.workload);
        let sorted: Vec<&str> =
            rows.filter(|name| names.contains(name)).map(String::as_str).collect();
        let shown = sorted[..sorted.len().min(NAMES_SHOWN)].join(", ");
        let more = match sorted.len().saturating_sub(NAMES_SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("{what}: {shown}{more}")
    };
    let sentence = |reason: &Reason| match reason {
        Reason::Slower(names) => listed("slower", names),
        Reason::Broken(names) => listed("cannot be run any more", names),
        other => super::reason(other),
    };
    report.reasons.iter().map(sentence).collect()
}

/// Whether times prove anything: no null control differs, and few workloads stayed open.
pub fn times_hold(report: &GateReport) -> bool {
    let undone = |reason: &Reason| matches!(reason, Reason::NullDiffers(_) | Reason::TooNoisy(_));
    !report.reasons.iter().any(undone)
}

/// Whether it would be a regression but for a waiver.
pub fn is_waived(row: &Row) -> bool {
    row.waiver.is_some() && matches!(row.status, Status::Slower | Status::Broken)
}

/// What is said of a workload and by which witness: `slower by time, instructions`.
pub fn outcome(report: &GateReport, row: &Row) -> String {
    let outcome = match row.status {
        Status::Slower => slower(report, row),
        Status::Broken => "broken".to_owned(),
        Status::NullDiffers => "null control differs".to_owned(),
        Status::Open => open(row).to_owned(),
        Status::Faster => faster(row),
        Status::Same => "same".to_owned(),
        Status::NotMeasured => "not measured".to_owned(),
    };
    if is_waived(row) { format!("waived: {outcome}") } else { outcome }
}

fn slower(report: &GateReport, row: &Row) -> String {
    match (row.takes_longer(), row.more_instructions()) {
        (true, true) if times_hold(report) => "slower by time, instructions".to_owned(),
        (true, false) if times_hold(report) => "slower by time".to_owned(),
        // Said, but not counted.
        (true, false) => "looks slower by time".to_owned(),
        _ => "slower by instructions".to_owned(),
    }
}

/// What was suspected and could not be confirmed is worth another look.
fn open(row: &Row) -> &'static str {
    match row.time.as_ref().filter(|time| time.is_confirmed) {
        Some(time) if time.change > 0.0 => "open, looked slower",
        Some(_) => "open, looked faster",
        None => "open",
    }
}

fn faster(row: &Row) -> String {
    let less = row.instructions.is_some_and(|found| found.change < -found.limit);
    match (row.time.as_ref().is_some_and(|time| time.status == Status::Faster), less) {
        (true, true) => "faster by time, instructions".to_owned(),
        (true, false) => "faster by time".to_owned(),
        _ => "faster by instructions".to_owned(),
    }
}

/// `+4.2% [+3.1%, +5.0%]`: how much longer the head takes.
pub fn time_change(time: &TimeFinding) -> String {
    change(&as_ratio(time.change, time.interval))
}

/// The same of the second copy of the base.
pub fn null_change(time: &TimeFinding) -> String {
    change(&as_ratio(time.null_change, time.null_interval))
}

/// A change as a ratio, as the rest of the crate has them.
pub fn as_ratio(change: f64, [low, high]: [f64; 2]) -> Ratio {
    let interval = Interval { low: 1.0 + low, high: 1.0 + high, coverage: TARGET_COVERAGE };
    Ratio { median: 1.0 + change, interval: Some(interval), rounds: 0 }
}

/// The growth of a count: `+0.60%`, `2.5x`, `same`, `from none`.
pub fn counted_change(found: &CountFinding) -> String {
    let share = found.change;
    match share {
        _ if found.base == found.head => "same".to_owned(),
        _ if found.base == 0 => "from none".to_owned(),
        _ if !(-0.5..1.0).contains(&share) => times(1.0 + share),
        _ if share.abs() < 0.000_05 => {
            format!("{}<0.01%", if share < 0.0 { "-" } else { "+" })
        }
        _ if share.abs() < 0.099_5 => format!("{:+.2}%", share * 100.0),
        _ => format!("{:+.0}%", share * 100.0),
    }
}

/// `12 to 13` where the number of allocations changed.
pub fn allocations(row: &Row) -> Option<String> {
    let found = row.allocations.filter(|found| found.base != found.head)?;
    Some(format!("{} to {}", exactly(found.base), exactly(found.head)))
}

/// `0.100 to 2.10` where page faults changed so much that they can explain a difference: by
/// a tenth, and by what takes a hundredth of the time.
pub fn moved_faults(row: &Row) -> Option<String> {
    let time = row.time.as_ref()?;
    let [base, head] = time.page_faults;
    let moved = (head - base).abs();
    let matters = moved >= 0.1 * base.max(head) && moved * FAULT_NS >= 0.01 * time.base_ns;
    (moved > 0.0 && matters).then(|| format!("{} to {}", count(base), count(head)))
}

/// How many of the workloads are what: `113 of 120 workloads show no ...`.
pub fn outcomes_line(report: &GateReport) -> String {
    let count = |status| report.rows.iter().filter(|row| row.status == status).count();
    let same = count(Status::Same);
    let others = [
        (count(Status::Open), "stayed open, too noisy to exclude that"),
        (count(Status::NotMeasured), "could not be measured"),
    ];
    let mut line = format!(
        "{same} of {} workloads take no {} more time and no more instructions than they may",
        report.rows.len(),
        percent(report.min_effect)
    );
    for (count, what) in others.into_iter().filter(|(count, _)| *count > 0) {
        line += &format!("; {count} {what}");
    }
    line + "."
}

/// A table of workloads; what no row has to say gets no column.
pub(super) fn table(report: &GateReport, rows: &[&Row]) -> Table {
    type Cell = fn(&GateReport, &Row) -> String;
    let columns: [(&str, Cell); 6] = [
        ("workload", |_, row| row.workload.clone()),
        ("verdict", outcome),
        ("time", |_, row| row.time.as_ref().map(time_change).unwrap_or_default()),
        ("instructions", |_, row| {
            row.instructions.as_ref().map(counted_change).unwrap_or_default()
        }),
        ("allocations", |_, row| allocations(row).unwrap_or_default()),
        ("page faults", |_, row| moved_faults(row).unwrap_or_default()),
    ];
    let says = |(_, cell): &(&str, Cell)| rows.iter().any(|row| !cell(report, row).is_empty());
    let columns: Vec<_> = columns.into_iter().filter(says).collect();
    let cells = |row: &&Row| columns.iter().map(|(_, cell)| cell(report, row)).collect();
    Table {
        caption: String::new(),
        header: columns.iter().map(|(name, _)| (*name).to_owned()).collect(),
        rows: rows.iter().map(cells).collect(),
    }
}

/// What waivers say: the workload, until when, and why.
pub fn waivers(report: &GateReport) -> Vec<[String; 3]> {
    let waived = report.rows.iter().filter(|row| is_waived(row));
    waived
        .filter_map(|row| {
            let waiver = row.waiver.as_ref()?;
            let until = waiver
                .expires
                .as_ref()
                .map_or("this run only".to_owned(), |day| format!("until {day}"));
            Some([row.workload.clone(), until, waiver.reason.clone()])
        })
        .collect()
}

/// Workloads of one build only, with a title each.
pub fn only_in(report: &GateReport) -> Vec<(String, Vec<&str>)> {
    let of = |is_head: bool, build: &Build| {
        let here = report.only_in.iter();
        let here = here.filter(|one| (one.side == simple_records::Side::Head) == is_head);
        (
            format!("Only in {}, so not compared", build.name),
            here.map(|one| one.workload.as_str()).collect(),
        )
    };
    let both = [of(false, &report.base), of(true, &report.head)];
    both.into_iter().filter(|(_, names): &(String, Vec<&str>)| !names.is_empty()).collect()
}

/// What could not be measured by what, by reason: the reason, then `name (instrument, side)`.
pub fn not_measured(report: &GateReport) -> Vec<(&str, Vec<String>)> {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for one in &report.retired {
        let side = one.side.map(|side| format!(", in the {side}")).unwrap_or_default();
        let name = format!("{} ({}{side})", one.workload, one.instrument);
        match reasons.iter_mut().find(|(why, _)| *why == one.why) {
            Some((_, names)) => names.push(name),
            None => reasons.push((&one.why, vec![name])),
        }
    }
    reasons
}
