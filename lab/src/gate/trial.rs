//! One run of benchmarks in both builds before anything is measured: one that cannot run is told at once
//! and in its own words, not in those of a tool that watches it.
//!
//! Each command is run. Of others, which take longer, one that runs is enough: it shows that its program
//! can be measured, and how long that takes.

use crate::compare::fault::Fault;
use crate::console::{Amount, Progress, interrupt};
use crate::gate::forecast::first_words;
use crate::gate::matter::Matter;
use crate::gate::repository::Sides;
use crate::say;
use crate::suite::{self, Part, Place, Suite};
use anyhow::{Error, Result, bail};
use simple_records::{Candidate, GateLimits, OnlyIn, Retired, Side, Witness};
use std::time::{Duration, Instant};

/// Most benchmarks whose faults an error quotes.
const MOST_QUOTED: usize = 5;

/// Processes of a block: three are warmed up, and take two turns each.
const PROCESSES: f64 = 9.0;

/// A benchmark that did not run in both builds.
#[derive(Debug)]
struct Fails {
    workload: String,
    /// The build in which it fails; `None` if it fails in both.
    side: Option<Side>,
    why: Error,
}

/// Runs each command of `matter` once in both builds, and benchmarks of each other part until one runs. One
/// whose program only the head has is not compared, and one that fails is not measured. Says how long the
/// blocks will take if they do not fit into the budget.
///
/// # Errors
/// If nothing is left to compare, because nothing runs, or each is only in one build.
pub(super) fn try_out(
    mut matter: Matter,
    suite: &Suite,
    sides: &Sides,
    limits: &GateLimits,
) -> Result<Matter> {
    let tried = try_all(&matter, suite, sides);
    let Tried { failed, block_s, timed } = tried;
    let (missing, failed): (Vec<Fails>, Vec<Fails>) = failed.into_iter().partition(is_only_in_head);
    let is_missing = |one: &Candidate| missing.iter().any(|it| it.workload == one.subject.workload);
    matter.candidates.retain(|one| !is_missing(one));
    check(&matter, &missing, &failed, sides)?;
    let only = missing.into_iter().map(|one| OnlyIn { workload: one.workload, side: Side::Head });
    matter.only_in.extend(only);
    let candidates = &matter.candidates;
    matter.retired.extend(failed.iter().flat_map(|one| retired(one, candidates)));
    if let Some(words) = first_words(block_s, timed, limits) {
        say!("{words}");
    }
    Ok(matter)
}

/// The outcome of all trials.
#[derive(Debug, Default)]
struct Tried {
    failed: Vec<Fails>,
    /// Rough time of one block of each workload that is timed, in seconds.
    block_s: f64,
    /// Number of workloads that are timed.
    timed: usize,
}

fn try_all(matter: &Matter, suite: &Suite, sides: &Sides) -> Tried {
    let mut progress = Progress::of(Amount::Steps(matter.candidates.len() as u64));
    let mut tried = Tried::default();
    // The time of a benchmark of a part that ran: others of that part are not run.
    let mut ran: Option<(&str, Duration)> = None;
    for candidate in &matter.candidates {
        let workload = &candidate.subject.workload;
        let Some((part, name)) = suite.benchmark(workload) else { continue };
        let known = ran.filter(|(prefix, _)| *prefix == part.prefix).map(|(_, took)| took);
        let outcome = match known.filter(|_| !part.is_of_processes()) {
            Some(took) => Ok(took),
            None => {
                progress.show("trying benchmarks", workload);
                try_one(part, name, workload, sides)
            }
        };
        progress.step();
        match outcome {
            Ok(took) => {
                ran = Some((&part.prefix, took));
                if candidate.instruments.contains(&Witness::Time) {
                    tried.block_s += PROCESSES * took.as_secs_f64();
                    tried.timed += 1;
                }
            }
            Err(fails) => tried.failed.push(fails),
        }
    }
    tried
}

/// Runs a benchmark in both builds; returns the time that it took in the head.
fn try_one(part: &Part, name: &str, workload: &str, sides: &Sides) -> Result<Duration, Fails> {
    let fails = |side, why| Err(Fails { workload: workload.to_owned(), side, why });
    let base = try_in(part, name, &sides.base_place);
    match (base, try_in(part, name, &sides.head_place)) {
        (Ok(_), Ok(took)) => Ok(took),
        (Err(why), Ok(_)) => fails(Some(Side::Base), why),
        (Ok(_), Err(why)) => fails(Some(Side::Head), why),
        (Err(_), Err(why)) => fails(None, why),
    }
}

/// Runs a benchmark once, and once more if it fails for a reason that may have been chance; returns the time
/// that it took.
fn try_in(part: &Part, name: &str, place: &Place) -> Result<Duration> {
    let run = || {
        let began = Instant::now();
        part.adapter.start(place, name)?.warm_up(0)?;
        Ok(began.elapsed())
    };
    let outcome = run().or_else(|error: Error| {
        // A process that was ended by an interrupt has not failed.
        interrupt::hold_if_ending();
        if error.is::<Fault>() { Err(error) } else { run() }
    });
    interrupt::hold_if_ending();
    outcome
}

fn is_only_in_head(one: &Fails) -> bool {
    let is_missing = matches!(one.why.downcast_ref(), Some(Fault::Missing(_)));
    one.side == Some(Side::Base) && is_missing
}

/// Refuses to compare if nothing is left.
fn check(matter: &Matter, missing: &[Fails], failed: &[Fails], sides: &Sides) -> Result<()> {
    let (base, head) = (&sides.base.name, &sides.head.name);
    if matter.candidates.is_empty() && !missing.is_empty() {
        let names: Vec<&str> = missing.iter().map(|one| one.workload.as_str()).collect();
        bail!(
            "nothing can be compared: only {head} has the program of {}; compare with a revision \
             that has it",
            names.join(", ")
        );
    }
    let runs_nowhere = |one: &Candidate| {
        let mut failed = failed.iter();
        failed.any(|it| it.workload == one.subject.workload && it.side.is_none())
    };
    if matter.candidates.is_empty() || !matter.candidates.iter().all(runs_nowhere) {
        return Ok(());
    }
    let faults: Vec<String> =
        failed.iter().take(MOST_QUOTED).map(|one| format!("\n  {:#}", one.why)).collect();
    let more = match failed.len().saturating_sub(MOST_QUOTED) {
        0 => String::new(),
        more => format!("\n  and {more} more"),
    };
    bail!(
        "no benchmark of {} that is to be compared can be run, neither in {base} nor in {head}:{}{more}",
        suite::FILE,
        faults.concat()
    );
}

/// The instruments that a failed benchmark is not measured by.
fn retired(fails: &Fails, candidates: &[Candidate]) -> Vec<Retired> {
    let Some(candidate) =
        candidates.iter().find(|candidate| candidate.subject.workload == fails.workload)
    else {
        return Vec::new();
    };
    let is_timed = candidate.instruments.contains(&Witness::Time);
    let side = |instrument| match instrument {
        // The base is counted to prove that only the head fails, where no time does.
        Witness::Instructions => fails.side.filter(|side| *side == Side::Head && !is_timed),
        Witness::Time => fails.side,
    };
    let retired = |instrument: &Witness| Retired {
        workload: fails.workload.clone(),
        instrument: *instrument,
        side: side(*instrument),
        why: format!("{:#}", fails.why),
    };
    candidate.instruments.iter().map(retired).collect()
}
