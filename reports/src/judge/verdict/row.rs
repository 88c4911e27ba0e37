//! One workload, judged.

use super::counts::{self, CountFinding};
use crate::judge::confirm::confirmation;
use crate::judge::effect::{BlockTimes, Effect, Effects, block_times, effects, flag_threshold};
use crate::judge::plan::{Standing, standing};
use crate::judge::waiver::Waiver;
use serde::Serialize;
use simple_records::{Gate, GateLimits, Profiled, Side, Stage, Witness};

/// The verdict on a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is slower.
    Slower,
    /// The judged build cannot run it; the base can.
    Broken,
    /// Its null control shows a difference.
    NullDiffers,
    /// It varies too much to exclude a slow-down.
    Open,
    /// It is faster.
    Faster,
    /// It has no slow-down of the size that was looked for.
    Same,
    /// It could not be measured in either build.
    NotMeasured,
}

/// The finding of a workload's times.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TimeFinding {
    /// Additional time of the head, as a share: 0.05 is 5%.
    pub change: f64,
    /// Interval of the change.
    pub interval: [f64; 2],
    /// Additional time of the second copy of the base, as a share of the first.
    pub null_change: f64,
    /// Interval of the null control.
    pub null_interval: [f64; 2],
    /// Number of blocks behind these figures.
    pub blocks: usize,
    /// True of fresh blocks, which were measured to confirm a suspicion.
    pub is_confirmed: bool,
    /// Time of an iteration in the base, in nanoseconds.
    pub base_ns: f64,
    /// Page faults per iteration, in base and head.
    pub page_faults: [f64; 2],
    /// Verdict by time alone.
    pub status: Status,
}

/// A workload with all its witnesses.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Name of the workload.
    pub workload: String,
    /// Verdict on it.
    pub status: Status,
    /// Finding by time; `None` if it was not timed.
    pub time: Option<TimeFinding>,
    /// Finding by instructions; `None` unless both builds were counted.
    pub instructions: Option<CountFinding>,
    /// Finding by calls of allocating functions, which alone are no regression.
    pub allocations: Option<CountFinding>,
    /// The waiver that excuses it.
    pub waiver: Option<Waiver>,
    /// Profiles of its instructions, if it was profiled.
    pub profiled: Option<Profiled>,
    /// Times of its blocks, in the order of the record.
    #[serde(skip)]
    pub blocks: Vec<BlockTimes>,
}

/// A workload whose blocks were tested, before all workloads are judged together.
#[derive(Debug)]
pub(super) struct Tested<'g> {
    pub(super) workload: &'g str,
    pub(super) p_slower: f64,
    pub(super) p_faster: f64,
    pub(super) p_null: f64,
    effects: Option<(Effects, Stage)>,
    is_open: bool,
}

/// Tests a workload. Only suspects can be rejected.
pub(super) fn test<'g>(gate: &'g Gate, workload: &'g str) -> Tested<'g> {
    let mut tested = Tested {
        workload,
        p_slower: 1.0,
        p_faster: 1.0,
        p_null: 1.0,
        effects: effects(gate, workload, Stage::Screen).map(|effects| (effects, Stage::Screen)),
        is_open: true,
    };
    match standing(gate, workload) {
        Standing::Clear(_) => tested.is_open = false,
        Standing::Open(_) | Standing::Unfinished => {}
        Standing::Suspect(_) => {
            if let Some(judged) = confirmation(gate, workload) {
                tested = Tested {
                    workload,
                    p_slower: judged.p_slower,
                    p_faster: judged.p_faster,
                    p_null: judged.p_null,
                    is_open: judged.is_open,
                    effects: Some((judged.effects, Stage::Confirm)),
                };
            }
        }
    }
    tested
}

/// The tests of a workload that are rejected.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rejected {
    /// "The head is not slower."
    pub(super) slower: bool,
    /// "The head is not faster."
    pub(super) faster: bool,
    /// "Both copies of the base are equal."
    pub(super) null: bool,
}

impl Tested<'_> {
    /// The finding that these rejections allow; `None` without blocks.
    pub(super) fn finding(&self, rejected: Rejected, limits: &GateLimits) -> Option<TimeFinding> {
        let (Effects { head, null: control, base_ns, page_faults }, stage) = self.effects?;
        let threshold = flag_threshold(limits);
        let reaches = |effect: &Effect| effect.estimate.abs() >= threshold;
        let status = if rejected.null && reaches(&control) {
            Status::NullDiffers
        } else if rejected.slower && head.estimate >= threshold {
            Status::Slower
        } else if rejected.faster && head.estimate <= -threshold {
            Status::Faster
        } else if self.is_open {
            Status::Open
        } else {
            Status::Same
        };
        Some(TimeFinding {
            change: head.share(),
            interval: head.interval_of_shares(),
            null_change: control.share(),
            null_interval: control.interval_of_shares(),
            blocks: head.blocks,
            is_confirmed: stage == Stage::Confirm,
            base_ns,
            page_faults,
            status,
        })
    }
}

/// Returns whether the judged build alone cannot run a workload under an instrument. Both builds
/// are counted independently, so the count of the base must exist.
fn is_broken(gate: &Gate, workload: &str, witness: Witness) -> bool {
    let mut retired = gate
        .retired
        .iter()
        .filter(|one| one.workload == workload && one.instrument == witness)
        .peekable();
    let mut counted = gate.counted.iter();
    let base_runs = witness != Witness::Instructions
        || counted.any(|one| one.workload == workload && one.side == Side::Base);
    retired.peek().is_some() && base_runs && retired.all(|one| one.side == Some(Side::Head))
}

impl Row {
    pub(super) fn new(gate: &Gate, workload: &str, time: Option<TimeFinding>) -> Self {
        let instructions = counts::instructions(gate, workload);
        let mut row = Self {
            workload: workload.to_owned(),
            status: Status::NotMeasured,
            time,
            instructions,
            allocations: counts::allocations(gate, workload),
            waiver: None,
            profiled: gate.profiled.iter().find(|one| one.workload == workload).cloned(),
            blocks: block_times(gate, workload),
        };
        let is_broken = Witness::ALL.into_iter().any(|one| is_broken(gate, workload, one));
        row.status = row.sum_up(is_broken);
        row
    }

    fn sum_up(&self, is_broken: bool) -> Status {
        let time = self.time.as_ref().map(|time| time.status);
        let change = self.instructions.map(|found| (found.change, found.limit));
        match (time, change) {
            _ if is_broken => Status::Broken,
            _ if self.more_instructions() => Status::Slower,
            (Some(status), _) if status != Status::Same => status,
            (_, Some((change, limit))) if change < -limit => Status::Faster,
            (None, None) => Status::NotMeasured,
            _ => Status::Same,
        }
    }

    /// Returns whether the head executes more instructions than the limit allows.
    pub fn more_instructions(&self) -> bool {
        self.instructions.is_some_and(|found| found.is_beyond)
    }

    /// Returns whether the head takes longer.
    pub fn takes_longer(&self) -> bool {
        self.time.as_ref().is_some_and(|time| time.status == Status::Slower)
    }

    /// Returns whether fresh blocks found it slower too, but not clearly enough given the number of
    /// workloads.
    pub fn is_undecided(&self) -> bool {
        self.time.as_ref().is_some_and(|time| {
            time.status == Status::Open && time.is_confirmed && time.interval[0] > 0.0
        })
    }

    /// Returns whether its null control shows a difference.
    pub fn null_differs(&self) -> bool {
        self.time.as_ref().is_some_and(|time| time.status == Status::NullDiffers)
    }

    /// Sort key: the worst has the smallest.
    pub(in crate::judge) fn order(&self) -> f64 {
        let rank = match self.status {
            Status::Broken => 0.0,
            Status::Slower => 1.0,
            Status::NullDiffers => 2.0,
            Status::Open => 3.0,
            Status::Faster => 4.0,
            Status::Same => 5.0,
            Status::NotMeasured => 6.0,
        };
        let time = self.time.as_ref().map_or(0.0, |time| time.change);
        let growth = self.instructions.map_or(0.0, |found| found.change.min(1e6));
        // Within a rank, by the larger growth.
        rank - (time.max(growth)).clamp(-1.0, 1e6) / 1e7
    }
}
