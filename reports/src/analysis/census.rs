//! Workloads that were measured, workloads that were not, and the reasons.

use super::Repeats;
use super::{LeftOut, Timed};
use simple_records::{Instrument, Run, Skipped};
use std::collections::{BTreeMap, BTreeSet};

/// Reason of a round whose figures exist but are not used.
const OTHER: &str = "left out: another regime of the machine";

/// A workload without all of its rounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Its name.
    pub workload: String,
    /// Number of rounds that it has.
    pub rounds: usize,
    /// Number of rounds that were planned; in a run of blocks, at least.
    pub planned: usize,
    /// Unit in which they are counted.
    pub repeats: Repeats,
    /// Reason why there are not more.
    pub why: String,
}

impl Missing {
    /// `2 of 5 rounds`.
    pub fn progress(&self) -> String {
        self.repeats.progress(self.rounds, self.planned)
    }
}

/// Workloads that the records mention, counted by outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Census {
    /// Workloads with figures.
    pub measured: usize,
    /// Those of them whose measurement broke off: they have figures of fewer blocks than they were to
    /// have.
    pub in_part: usize,
    /// Workloads that the records mention.
    pub known: usize,
    /// Planned rounds of wall times; the rounds of the records if the plan is unknown.
    pub rounds: usize,
    /// Workloads with fewer rounds than planned, once per instrument.
    pub missing: Vec<Missing>,
    /// Workloads of the catalogue that were not selected.
    pub not_selected: u64,
    /// True if the run was completed; otherwise the records may not mention all workloads.
    pub is_complete: bool,
}

/// The rounds of each workload, by name.
type Rounds<'a> = BTreeMap<&'a str, BTreeSet<u32>>;

/// Rounds with wall times and latencies.
struct RoundsByKind<'a> {
    /// Rounds in the records, including those whose figures are not used.
    recorded: Rounds<'a>,
    /// Rounds whose figures are used.
    used: Rounds<'a>,
    latencies: Rounds<'a>,
}

impl Census {
    pub(super) fn new(run: &Run, measured: &[Timed], left_out: &[LeftOut]) -> Self {
        let counted = RoundsByKind::new(run, measured);
        let most = |rounds: &Rounds| rounds.values().map(BTreeSet::len).max().unwrap_or(0);
        let planned = |instrument: Instrument, rounds: &Rounds| {
            run.start.rounds.get(&instrument).map_or(most(rounds), |planned| *planned as usize)
        };
        let rounds = planned(Instrument::Wall, &counted.recorded);
        let latency_rounds = planned(Instrument::Latency, &counted.latencies);
        let with_counts = run.counts.iter().map(|counts| counts.subject.workload.as_str());
        let with_times = counted.used.keys().copied();
        let with_latencies = counted.latencies.keys().copied();
        let with_figures: BTreeSet<&str> =
            with_times.chain(with_latencies).chain(with_counts).collect();
        let sampled = run.samples.iter().map(|samples| samples.subject.workload.as_str());
        let skipped = run.skipped.iter().map(|skipped| skipped.workload.as_str());
        let known: BTreeSet<&str> =
            with_figures.iter().copied().chain(sampled).chain(skipped).collect();
        let broke_off = |skipped: &&Skipped| match skipped.instrument {
            Some(Instrument::Wall) => counted.used.contains_key(skipped.workload.as_str()),
            Some(Instrument::Latency) => counted.latencies.contains_key(skipped.workload.as_str()),
            _ => false,
        };
        let in_part = run.skipped.iter().filter(broke_off).map(|skipped| &skipped.workload);
        Self {
            measured: with_figures.len(),
            in_part: in_part.collect::<BTreeSet<_>>().len(),
            known: known.len(),
            rounds,
            missing: counted.missing(run, left_out, rounds, latency_rounds),
            not_selected: run.end.map_or(0, |end| end.not_selected),
            is_complete: run.end.is_some(),
        }
    }

    /// Reasons with their workloads, in the order of the records.
    pub fn missing_by_reason(&self) -> Vec<(&str, Vec<&Missing>)> {
        let mut reasons: Vec<(&str, Vec<&Missing>)> = Vec::new();
        for missing in &self.missing {
            match reasons.iter_mut().find(|(why, _)| *why == missing.why) {
                Some((_, members)) => members.push(missing),
                None => reasons.push((&missing.why, vec![missing])),
            }
        }
        reasons
    }

    /// `87 of 90 workloads measured, 2 of them in part`, with a hint when there may be more.
    pub fn headline(&self) -> String {
        let at_least = if self.is_complete { "" } else { "at least " };
        self.of_known(&format!("{at_least}{}", self.known))
    }

    /// The same where all workloads are known, because the run has just ended.
    pub fn outcome(&self) -> String {
        self.of_known(&self.known.to_string())
    }

    fn of_known(&self, known: &str) -> String {
        let in_part = match self.in_part {
            0 => String::new(),
            some => format!(", {some} of them in part"),
        };
        format!("{} of {known} workloads measured{in_part}", self.measured)
    }
}

impl<'a> RoundsByKind<'a> {
    fn new(run: &'a Run, measured: &'a [Timed]) -> Self {
        let (mut recorded, mut latencies) = (Rounds::new(), Rounds::new());
        let walls = run.samples.iter().filter(|samples| samples.instrument == Instrument::Wall);
        for samples in walls {
            recorded.entry(&samples.subject.workload).or_default().insert(samples.round);
        }
        for latency in &run.latencies {
            latencies.entry(&latency.subject.workload).or_default().insert(latency.round);
        }
        let of = |workload: &'a Timed| {
            let rounds = workload.rounds.iter().map(|round| round.number);
            (workload.subject.workload.as_str(), rounds.collect())
        };
        Self { recorded, used: measured.iter().map(of).collect(), latencies }
    }

    fn missing(
        &self,
        run: &Run,
        left_out: &[LeftOut],
        planned: usize,
        latency_planned: usize,
    ) -> Vec<Missing> {
        let mut missing: Vec<Missing> = Vec::new();
        let mut named = BTreeSet::new();
        let used = |name: &str| self.used.get(name).map_or(0, BTreeSet::len);
        let of_times = Repeats::of(&run.start);
        let mut add_of = |repeats, workload: &str, rounds, planned, why: String| {
            missing.push(Missing { workload: workload.to_owned(), rounds, planned, repeats, why });
        };
        let mut add = |workload: &str, rounds, planned, why| {
            add_of(of_times, workload, rounds, planned, why);
        };
        for skipped in &run.skipped {
            if named.insert(skipped.workload.as_str()) {
                add(&skipped.workload, used(&skipped.workload), planned, skipped.why.clone());
            }
        }
        let skipped = named.clone();
        let why = |repeats: Repeats| match run.end {
            Some(_) => {
                format!("the records have fewer {} of it than the run was to have", repeats.many())
            }
            None => "the run was interrupted".to_owned(),
        };
        let why_times = why(of_times);
        for samples in &run.samples {
            let name = samples.subject.workload.as_str();
            let (Some(recorded), rounds) = (self.recorded.get(name), used(name)) else { continue };
            if rounds >= planned || !named.insert(name) {
                continue;
            }
            let is_left_out = |round: &u32| {
                let here =
                    |l: &LeftOut| l.round == *round && l.comparison == samples.subject.comparison;
                left_out.iter().any(here)
            };
            match recorded.iter().any(is_left_out) {
                true if recorded.len() >= planned => add(name, rounds, planned, OTHER.to_owned()),
                true => add(name, rounds, planned, format!("{OTHER}; and {why_times}")),
                false => add(name, rounds, planned, why_times.clone()),
            }
        }
        let mut named_for_latency = BTreeSet::new();
        for latency in &run.latencies {
            let name = latency.subject.workload.as_str();
            let rounds = self.latencies.get(name).map_or(0, BTreeSet::len);
            let is_new = !skipped.contains(name) && named_for_latency.insert(name);
            if rounds < latency_planned && is_new {
                let why = format!("latencies: {}", why(Repeats::Rounds));
                add_of(Repeats::Rounds, name, rounds, latency_planned, why);
            }
        }
        missing
    }
}
