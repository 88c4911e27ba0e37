//! Workloads of a gate, in words and figures.

use super::grown::Grown;
use super::power::power_share;
use crate::judge::{CountFinding, GateReport, Power, Reason, Row, Status, TimeFinding};
use crate::stats::{Interval, Ratio, TARGET_COVERAGE};
use crate::text::change;
use crate::text::number::{count, exactly, percent, time_ns, times};
use crate::text::table::Table;

/// Minimum cost of a page fault without input or output, about, in nanoseconds.
const FAULT_NS: f64 = 250.0;

/// A workload in words and figures. Texts of what is not known are empty.
#[derive(Debug)]
pub(crate) struct RowText {
    /// Name of the workload.
    pub(crate) workload: String,
    /// The list that it belongs to.
    pub(crate) kind: RowKind,
    /// The verdict, with its witnesses: `slower by time, instructions`.
    pub(crate) outcome: String,
    /// Tone of the verdict.
    pub(crate) tone: Tone,
    /// Times, if it was timed.
    pub(crate) time: Option<TimeText>,
    /// Instructions, if both builds were counted.
    pub(crate) instructions: Option<CountText>,
    /// `12 to 13`, if the number of allocations changed.
    pub(crate) allocations: String,
    /// `0.100 to 2.10`, if page faults can explain a change of time.
    pub(crate) page_faults: String,
    /// Functions that grew, if any.
    pub(crate) grown: Option<Grown>,
}

/// The list that a workload belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowKind {
    /// Regressions.
    Slower,
    /// Open workloads, and those whose null control differs.
    Undecided,
    /// Regressions that are excused.
    Waived,
    /// Improvements.
    Faster,
    /// Nothing to report.
    Unchanged,
}

/// Good or bad news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Good news.
    Better,
    /// Bad news.
    Worse,
    /// Neither.
    Neutral,
}

/// Time of a workload.
#[derive(Debug)]
pub(crate) struct TimeText {
    /// Time of an iteration in the base.
    pub(crate) base: String,
    /// `+4.2% [+3.1%, +5.0%]`: additional time of the head.
    pub(crate) change: String,
    /// The change as a ratio.
    pub(crate) ratio: Ratio,
    /// Additional time of the second copy of the base.
    pub(crate) null: String,
    /// That change as a ratio.
    pub(crate) null_ratio: Ratio,
    /// Tone of the change.
    pub(crate) tone: Tone,
    /// Number of blocks.
    pub(crate) blocks: usize,
    /// `97%`: chance that the slow-down that was looked for would have been found; empty if unknown.
    pub(crate) power: String,
}

/// A count of a workload.
#[derive(Debug)]
pub(crate) struct CountText {
    /// Count in the base.
    pub(crate) base: String,
    /// Count in the head.
    pub(crate) head: String,
    /// `+0.60%`, `2.5x`, `same`, `from none`.
    pub(crate) growth: String,
    /// Growth that is a regression.
    pub(crate) limit: String,
}

/// A waiver that excuses a regression.
#[derive(Debug)]
pub(crate) struct WaiverText {
    /// Name of the workload.
    pub(crate) workload: String,
    /// `until 2027-01-31`, or `this run only`.
    pub(crate) until: String,
    /// Reason for it.
    pub(crate) reason: String,
}

impl RowText {
    pub(super) fn new(report: &GateReport, row: &Row, power: Option<&Power>) -> Self {
        Self {
            workload: row.workload.clone(),
            kind: kind(row),
            outcome: outcome(report, row),
            tone: tone(row, row.status),
            time: row.time.as_ref().map(|time| TimeText::new(row, time, power)),
            instructions: row.instructions.as_ref().map(CountText::new),
            allocations: allocations(row).unwrap_or_default(),
            page_faults: page_faults(row).unwrap_or_default(),
            grown: row.profiled.as_ref().and_then(Grown::new),
        }
    }
}

impl TimeText {
    fn new(row: &Row, time: &TimeFinding, power: Option<&Power>) -> Self {
        let ratio = as_ratio(time.change, time.interval);
        let null_ratio = as_ratio(time.null_change, time.null_interval);
        Self {
            base: time_ns(time.base_ns),
            change: change(&ratio),
            ratio,
            null: change(&null_ratio),
            null_ratio,
            tone: tone(row, time.status),
            blocks: time.blocks,
            power: power.map(power_share).unwrap_or_default(),
        }
    }
}

impl CountText {
    fn new(found: &CountFinding) -> Self {
        Self {
            base: count(found.base as f64),
            head: count(found.head as f64),
            growth: counted_change(found),
            limit: percent(found.limit),
        }
    }
}

/// A table of workloads, without columns that are empty in all rows.
pub(super) fn table(rows: &[&RowText]) -> Table {
    type Cell = fn(&RowText) -> &str;
    let columns: [(&str, Cell); 6] = [
        ("workload", |row| &row.workload),
        ("verdict", |row| &row.outcome),
        ("time", |row| row.time.as_ref().map_or("", |time| &time.change)),
        ("instructions", |row| row.instructions.as_ref().map_or("", |count| &count.growth)),
        ("allocations", |row| &row.allocations),
        ("page faults", |row| &row.page_faults),
    ];
    let has_cells = |(_, cell): &(&str, Cell)| rows.iter().any(|row| !cell(row).is_empty());
    let columns: Vec<_> = columns.into_iter().filter(has_cells).collect();
    let cells = |row: &&RowText| columns.iter().map(|(_, cell)| cell(row).to_owned()).collect();
    Table {
        caption: String::new(),
        header: columns.iter().map(|(name, _)| (*name).to_owned()).collect(),
        rows: rows.iter().map(cells).collect(),
    }
}

/// The waivers that excuse a regression, in the order of rows.
pub(super) fn waivers(report: &GateReport) -> Vec<WaiverText> {
    let waived = report.rows.iter().filter(|row| is_waived(row));
    let text = |row: &Row| {
        let waiver = row.waiver.as_ref()?;
        let until = waiver.expires.as_ref().map(|day| format!("until {day}"));
        Some(WaiverText {
            workload: row.workload.clone(),
            until: until.unwrap_or_else(|| "this run only".to_owned()),
            reason: waiver.reason.clone(),
        })
    };
    waived.filter_map(text).collect()
}

fn kind(row: &Row) -> RowKind {
    match row.status {
        _ if is_waived(row) => RowKind::Waived,
        Status::Slower | Status::Broken => RowKind::Slower,
        Status::NullDiffers | Status::Open => RowKind::Undecided,
        Status::Faster => RowKind::Faster,
        Status::Same | Status::NotMeasured => RowKind::Unchanged,
    }
}

/// The tone of a status, which is the row's or that of its time.
fn tone(row: &Row, status: Status) -> Tone {
    match status {
        _ if is_waived(row) => Tone::Neutral,
        Status::Slower | Status::Broken => Tone::Worse,
        Status::Faster => Tone::Better,
        Status::NullDiffers | Status::Open | Status::Same | Status::NotMeasured => Tone::Neutral,
    }
}

/// Returns whether times prove anything: no null control differs, and few workloads stayed open.
pub(super) fn times_hold(report: &GateReport) -> bool {
    let undone = |reason: &Reason| matches!(reason, Reason::NullDiffers(_) | Reason::TooNoisy(_));
    !report.reasons.iter().any(undone)
}

/// Returns whether a waiver excuses a regression.
pub(super) fn is_waived(row: &Row) -> bool {
    row.waiver.is_some() && matches!(row.status, Status::Slower | Status::Broken)
}

/// The verdict on a workload, with its witnesses: `slower by time, instructions`.
fn outcome(report: &GateReport, row: &Row) -> String {
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
        // Times prove nothing, so it does not count.
        (true, false) => "looks slower by time".to_owned(),
        _ => "slower by instructions".to_owned(),
    }
}

/// A suspicion that could not be confirmed is worth another comparison.
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

/// A change as a ratio of times.
fn as_ratio(change: f64, [low, high]: [f64; 2]) -> Ratio {
    let interval = Interval { low: 1.0 + low, high: 1.0 + high, coverage: TARGET_COVERAGE };
    Ratio { median: 1.0 + change, interval: Some(interval), rounds: 0 }
}

/// The growth of a count: `+0.60%`, `2.5x`, `same`, `from none`.
fn counted_change(found: &CountFinding) -> String {
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
fn allocations(row: &Row) -> Option<String> {
    let found = row.allocations.filter(|found| found.base != found.head)?;
    Some(format!("{} to {}", exactly(found.base), exactly(found.head)))
}

/// `0.100 to 2.10` where page faults changed enough to explain a difference: by a tenth, and by
/// a hundredth of the time.
fn page_faults(row: &Row) -> Option<String> {
    let time = row.time.as_ref()?;
    let [base, head] = time.page_faults;
    let moved = (head - base).abs();
    let matters = moved >= 0.1 * base.max(head) && moved * FAULT_NS >= 0.01 * time.base_ns;
    (moved > 0.0 && matters).then(|| format!("{} to {}", count(base), count(head)))
}
