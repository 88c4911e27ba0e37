//! The verdict: what got slower, by which witness, and whether that can be said at all.

mod counts;
mod row;

use super::plan::{Standing, standing, timed};
use super::waiver::{GateFile, Waiver};
use crate::stats::discoveries;
use row::{Tested, test};
use serde::Serialize;
use simple_records::{Build, Gate, OnlyIn, Retired, Witness};

pub use counts::{CountFinding, recount};
pub use row::{Row, Status, TimeFinding};

/// So large a share of the workloads may stay open in a run that is conclusive. Some always do:
/// those in which threads hand over to each other take one of several times, by where the
/// scheduler has put them.
const MOST_OPEN: f64 = 0.25;

/// So large a share of what was to be judged may be impossible to measure.
const MOST_LEFT_OUT: f64 = 0.1;

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing got slower that was looked at.
    Pass,
    /// Something got slower.
    Regression,
    /// It cannot be said.
    Inconclusive,
}

impl Verdict {
    /// The exit code of the gate.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Regression => 1,
            Self::Inconclusive => 3,
        }
    }

    /// One word for people and records.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Regression => "regression",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// Why a verdict is not a plain pass, and what would help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// These are slower.
    Slower(Vec<String>),
    /// The judged build cannot run these, the other can.
    Broken(Vec<String>),
    /// The null control of these shows a difference.
    NullDiffers(Vec<String>),
    /// These looked slower twice, but not clearly enough for one of so many.
    Undecided(Vec<String>),
    /// These stayed open, too many of them.
    TooNoisy(Vec<String>),
    /// The comparison was interrupted.
    Interrupted,
    /// These were to be judged, or looked slower, and could not be measured; too many of them.
    LeftOut(Vec<String>),
    /// Nothing was measured.
    NothingMeasured,
}

impl Reason {
    /// A sentence, with what to do next.
    pub fn sentence(&self) -> String {
        match self {
            Self::Slower(names) => format!("slower: {}", names.join(", ")),
            Self::Broken(names) => {
                format!("cannot be run any more by the judged build: {}", names.join(", "))
            }
            Self::NullDiffers(names) => format!(
                "the same build measured twice differs ({}): something else changed on the \
                 machine meanwhile, so times prove nothing; run the gate again",
                names.join(", ")
            ),
            Self::Undecided(names) => format!(
                "perhaps slower, but not certainly enough for one of so many: {}; compare these \
                 alone",
                names.join(", ")
            ),
            Self::TooNoisy(names) => format!(
                "the machine is too noisy: {} workloads vary so much that a slow-down could hide \
                 (the first is {}); run the gate again with nothing else running",
                names.len(),
                names.first().map_or("", String::as_str)
            ),
            Self::Interrupted => {
                "the comparison was interrupted: go on with `just gate REV --resume`".to_owned()
            }
            Self::LeftOut(names) => format!(
                "too much could not be measured to say that nothing got slower: {} workloads (the \
                 first is {}); see why in the list of what was left out",
                names.len(),
                names.first().map_or("", String::as_str)
            ),
            Self::NothingMeasured => {
                "nothing was measured: see why in the list of what was left out".to_owned()
            }
        }
    }
}

/// What the gate says.
#[derive(Debug, Clone, Serialize)]
pub struct GateReport {
    /// The name of the comparison.
    pub run: String,
    /// Which set of workloads.
    pub setting: String,
    /// The build that was compared with.
    pub base: Build,
    /// The build that was judged.
    pub head: Build,
    /// The answer.
    pub verdict: Verdict,
    /// Why it is that.
    pub reasons: Vec<Reason>,
    /// All workloads, the worst first.
    pub rows: Vec<Row>,
    /// Workloads that only one build has.
    pub only_in: Vec<OnlyIn>,
    /// What could not be measured.
    pub retired: Vec<Retired>,
    /// Waivers that are over, and other things to know.
    pub notes: Vec<String>,
    /// The slow-down that was looked for, as a share.
    pub min_effect: f64,
    /// How many blocks were measured.
    pub blocks: usize,
    /// How long the comparison took; absent if it was interrupted.
    pub elapsed_s: Option<u64>,
}

/// Judges a comparison. `today` is a day in UTC as `2027-01-31`; `allowed` are waivers of this
/// run only.
pub fn judge_gate(gate: &Gate, file: &GateFile, allowed: &[Waiver], today: &str) -> GateReport {
    let mut rows = rows(gate);
    for row in &mut rows {
        let waiver = allowed.iter().find(|waiver| waiver.is_for(&row.workload));
        row.waiver = waiver.or_else(|| file.waiver(&row.workload, today)).cloned();
    }
    let (verdict, reasons) = conclude(gate, &rows);
    rows.sort_by(|one, other| one.order().total_cmp(&other.order()));
    let mut notes = [gate.start.notes.clone(), gate.warnings.clone()].concat();
    notes.extend(file.over(today).map(|waiver| {
        format!("the waiver for {} is over: remove it from the file", waiver.workload)
    }));
    GateReport {
        run: gate.start.run.clone(),
        setting: gate.start.effort.to_string(),
        base: gate.start.base.clone(),
        head: gate.start.head.clone(),
        verdict,
        reasons,
        rows,
        only_in: gate.only_in.clone(),
        retired: gate.retired.clone(),
        notes,
        min_effect: gate.start.limits.min_effect,
        blocks: gate.blocks.len(),
        elapsed_s: gate
            .end
            .map(|end| end.finished_unix_s.saturating_sub(gate.start.started_unix_s)),
    }
}

/// All workloads, judged together.
fn rows(gate: &Gate) -> Vec<Row> {
    let tested: Vec<Tested> = timed(gate).map(|workload| test(gate, workload)).collect();
    let rate = gate.start.limits.false_discovery_rate;
    let of = |p: fn(&Tested) -> f64| -> Vec<bool> {
        discoveries(&tested.iter().map(p).collect::<Vec<_>>(), rate)
    };
    let (slower, faster) = (of(|one| one.p_slower), of(|one| one.p_faster));
    let null = of(|one| one.p_null);
    let found = |workload: &str| {
        let at = tested.iter().position(|one| one.workload == workload)?;
        Some(tested[at].finding(slower[at], faster[at], null[at], &gate.start.limits))
    };
    let candidates = gate.candidates.iter();
    candidates
        .map(|candidate| {
            let workload = candidate.subject.workload.as_str();
            Row::new(gate, workload, found(workload).flatten())
        })
        .collect()
}

/// What was to be judged and could not be measured, if it is too much for a verdict; and
/// whatever could no longer be measured after it had begun to look slower.
fn left_out(gate: &Gate, rows: &[Row]) -> Vec<String> {
    let is_broken = |workload: &str| {
        rows.iter().any(|row| row.workload == workload && row.status == Status::Broken)
    };
    let lost: Vec<&Retired> =
        gate.retired.iter().filter(|retired| !is_broken(&retired.workload)).collect();
    let planned: usize = gate.candidates.iter().map(|one| one.instruments.len()).sum();
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

fn conclude(gate: &Gate, rows: &[Row]) -> (Verdict, Vec<Reason>) {
    let names = |wanted: &dyn Fn(&Row) -> bool| -> Vec<String> {
        let rows = rows.iter().filter(|row| wanted(row));
        rows.map(|row| row.workload.clone()).collect()
    };
    let null_differs = names(&|row| row.null_differs());
    let open = names(&|row| row.status == Status::Open);
    let timed = rows.iter().filter(|row| row.time.is_some()).count();
    // Those of an interrupted comparison were only not measured often enough.
    let too_noisy = gate.end.is_some() && open.len() as f64 > MOST_OPEN * timed as f64;
    let time_holds = null_differs.is_empty() && !too_noisy;
    let counts = |row: &Row| row.waiver.is_none() && row.more_instructions();
    let slower =
        names(&|row| counts(row) || (time_holds && row.waiver.is_none() && row.takes_longer()));
    let undecided = names(&|row| row.waiver.is_none() && row.is_undecided());
    // No waiver is for that.
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
    add(left_out(gate, rows), Reason::LeftOut);
    if gate.end.is_none() {
        reasons.push(Reason::Interrupted);
    }
    if rows.iter().all(|row| row.time.is_none() && row.instructions.is_none()) {
        reasons.push(Reason::NothingMeasured);
    }
    let verdict = match (is_regression, reasons.is_empty()) {
        (true, _) => Verdict::Regression,
        (false, true) => Verdict::Pass,
        (false, false) => Verdict::Inconclusive,
    };
    (verdict, reasons)
}
