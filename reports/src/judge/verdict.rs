//! The verdict: which workloads got slower, by which witness, and whether times prove it.

mod counts;
mod row;

use super::plan::{Standing, out_of_time, standing, timed};
use super::power::Rules;
use crate::stats::discoveries;
use row::{Rejected, Tested, test};
use serde::Serialize;
use simple_records::{Build, Gate, GateSuite, OnlyIn, Retired, SameProgram, Witness};

pub use counts::{CountFinding, recount};
pub use row::{Row, Status, TimeFinding};

/// Largest share of the workloads that may stay open in a conclusive run. Some always do: if
/// threads hand over to each other, the time depends on where the scheduler has put them.
const MOST_OPEN: f64 = 0.25;

/// Largest share of what was to be judged that may be impossible to measure.
const MOST_LEFT_OUT: f64 = 0.1;

/// The verdict on a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// No workload got slower.
    Pass,
    /// A workload got slower.
    Regression,
    /// The data decide nothing.
    Inconclusive,
}

impl Verdict {
    /// Exit code of the gate.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Regression => 1,
            Self::Inconclusive => 3,
        }
    }

    /// Word for it in records.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Regression => "regression",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// Reason why a verdict is not a pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// These workloads are slower.
    Slower(Vec<String>),
    /// The judged build cannot run these; the base can.
    Broken(Vec<String>),
    /// The null control of these shows a difference.
    NullDiffers(Vec<String>),
    /// These looked slower twice, but not clearly enough given the number of workloads.
    Undecided(Vec<String>),
    /// These stayed open; they are too many.
    TooNoisy(Vec<String>),
    /// The budget ended before these had the blocks without which there is no verdict.
    OutOfTime(Vec<String>),
    /// The comparison was interrupted.
    Interrupted,
    /// These could not be measured; they are too many, or had looked slower.
    LeftOut(Vec<String>),
    /// Nothing was measured.
    NothingMeasured,
}

impl Reason {
    /// The workloads that it is about, in the order of the record; none where it is about the
    /// comparison as a whole.
    pub fn workloads(&self) -> &[String] {
        match self {
            Self::Slower(names)
            | Self::Broken(names)
            | Self::NullDiffers(names)
            | Self::Undecided(names)
            | Self::TooNoisy(names)
            | Self::OutOfTime(names)
            | Self::LeftOut(names) => names,
            Self::Interrupted | Self::NothingMeasured => &[],
        }
    }
}

/// The way on with a comparison that was interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resume {
    /// It can go on where it was.
    Possible,
    /// It has to begin again: it is complete, had hardly begun, or a newer one is resumed instead.
    Impossible,
}

impl Resume {
    pub(super) fn of(gate: &Gate) -> Self {
        let is_begun = gate.candidates.len() as u64 == gate.start.candidates;
        if is_begun && gate.end.is_none() { Self::Possible } else { Self::Impossible }
    }
}

/// A comparison of two builds, judged.
#[derive(Debug, Clone, Serialize)]
pub struct GateReport {
    /// Name of the comparison.
    pub run: String,
    /// Set of workloads: `quick` or `full`.
    pub setting: String,
    /// The suite that the workloads are of, if they are benchmarks of anybody's repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suite: Option<GateSuite>,
    /// The part that is the same in both builds if they are one program, so that nothing was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_program: Option<SameProgram>,
    /// Number of code layouts of each side in each stage, if blocks ran them in turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layouts: Option<u32>,
    /// The build that it was compared with.
    pub base: Build,
    /// The build that was judged.
    pub head: Build,
    /// The verdict.
    pub verdict: Verdict,
    /// Reasons for the verdict; none of a pass.
    pub reasons: Vec<Reason>,
    /// All workloads, the worst first.
    pub rows: Vec<Row>,
    /// Workloads that only one build has.
    pub only_in: Vec<OnlyIn>,
    /// Workloads that could not be measured, with the instrument and the reason.
    pub retired: Vec<Retired>,
    /// Expired waivers, and warnings, in sentences.
    pub notes: Vec<String>,
    /// The slow-down that was looked for, as a share.
    pub min_effect: f64,
    /// Number of blocks that were measured.
    pub blocks: usize,
    /// Duration of the comparison in seconds; absent if it was interrupted.
    pub elapsed_s: Option<u64>,
    /// The way on if it was interrupted.
    #[serde(skip)]
    pub resume: Resume,
    /// Rules of the comparison, from which its power follows.
    #[serde(skip)]
    pub rules: Rules,
}

/// All workloads, judged together, in the order of the record.
pub(super) fn rows(gate: &Gate) -> Vec<Row> {
    let tested: Vec<Tested> = timed(gate).map(|workload| test(gate, workload)).collect();
    let rejected = reject(&tested, gate.start.limits.false_discovery_rate);
    let finding = |workload: &str| {
        let (tested, rejected) =
            tested.iter().zip(&rejected).find(|(tested, _)| tested.workload == workload)?;
        tested.finding(*rejected, &gate.start.limits)
    };
    let workloads = gate.candidates.iter().map(|candidate| &candidate.subject.workload);
    workloads.map(|workload| Row::new(gate, workload, finding(workload))).collect()
}

/// The tests of each workload that are rejected, with the rate of false discoveries controlled
/// over all workloads.
fn reject(tested: &[Tested], rate: f64) -> Vec<Rejected> {
    let column = |p: fn(&Tested) -> f64| {
        discoveries(&tested.iter().map(p).collect::<Vec<_>>(), rate).into_iter()
    };
    column(|tested| tested.p_slower)
        .zip(column(|tested| tested.p_faster))
        .zip(column(|tested| tested.p_null))
        .map(|((slower, faster), null)| Rejected { slower, faster, null })
        .collect()
}

/// Workloads that could not be measured: all of them if they are too many for a verdict,
/// otherwise those that had begun to look slower.
fn left_out(gate: &Gate, rows: &[Row]) -> Vec<String> {
    let is_broken = |workload: &str| {
        rows.iter().any(|row| row.workload == workload && row.status == Status::Broken)
    };
    // Not every program of anybody's runs under valgrind; it is judged by its times.
    let is_second_witness = |retired: &Retired| {
        gate.start.suite.is_some()
            && retired.instrument == Witness::Instructions
            && timed(gate).any(|workload| workload == retired.workload)
    };
    let lost: Vec<&Retired> = gate
        .retired
        .iter()
        .filter(|retired| !is_broken(&retired.workload) && !is_second_witness(retired))
        .collect();
    let planned: usize = gate.candidates.iter().map(|candidate| candidate.instruments.len()).sum();
    let is_too_much = lost.len() as f64 > MOST_LEFT_OUT * planned as f64;
    let was_suspect = |retired: &Retired| {
        retired.instrument == Witness::Time
            && matches!(standing(gate, &retired.workload), Standing::Suspect(_))
    };
    let mut names: Vec<String> = lost
        .into_iter()
        .filter(|retired| is_too_much || was_suspect(retired))
        .map(|retired| retired.workload.clone())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The verdict, and the reasons for it; no reasons of a pass.
pub(super) fn conclude(gate: &Gate, rows: &[Row]) -> (Verdict, Vec<Reason>) {
    if gate.start.same_program.is_some() && gate.end.is_some() {
        return (Verdict::Pass, Vec::new());
    }
    let names = |wanted: &dyn Fn(&Row) -> bool| -> Vec<String> {
        let rows = rows.iter().filter(|row| wanted(row));
        rows.map(|row| row.workload.clone()).collect()
    };
    let null_differs = names(&|row| row.null_differs());
    let cut = if gate.end.is_some() { out_of_time(gate) } else { Vec::new() };
    let cut = names(&|row| row.waiver.is_none() && cut.contains(&row.workload));
    let open = names(&|row| row.status == Status::Open && !cut.contains(&row.workload));
    let timed = rows.iter().filter(|row| row.time.is_some()).count();
    // In an interrupted comparison, workloads are open because blocks are missing.
    let too_noisy = gate.end.is_some() && open.len() as f64 > MOST_OPEN * timed as f64;
    let time_holds = null_differs.is_empty() && !too_noisy;
    let counts = |row: &Row| row.waiver.is_none() && row.more_instructions();
    let slower =
        names(&|row| counts(row) || (time_holds && row.waiver.is_none() && row.takes_longer()));
    let undecided = names(&|row| row.waiver.is_none() && row.is_undecided());
    // No waiver excuses this.
    let broken = names(&|row| row.status == Status::Broken);
    let mut reasons = Vec::new();
    let is_regression = !slower.is_empty() || !broken.is_empty();
    let mut add = |names: Vec<String>, reason: fn(Vec<String>) -> Reason| {
        if !names.is_empty() {
            reasons.push(reason(names));
        }
    };
    add(slower, Reason::Slower);
    add(broken, Reason::Broken);
    add(null_differs, Reason::NullDiffers);
    add(undecided, Reason::Undecided);
    add(if too_noisy { open } else { Vec::new() }, Reason::TooNoisy);
    let is_cut = !cut.is_empty();
    add(cut, Reason::OutOfTime);
    add(left_out(gate, rows), Reason::LeftOut);
    if gate.end.is_none() {
        reasons.push(Reason::Interrupted);
    }
    let is_measured = |row: &Row| row.time.is_some() || row.instructions.is_some();
    if !is_cut && !rows.iter().any(is_measured) {
        reasons.push(Reason::NothingMeasured);
    }
    let verdict = match (is_regression, reasons.is_empty()) {
        (true, _) => Verdict::Regression,
        (false, true) => Verdict::Pass,
        (false, false) => Verdict::Inconclusive,
    };
    (verdict, reasons)
}
