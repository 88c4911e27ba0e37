//! One run of each command in both builds before anything is measured: a command that cannot run is told
//! at once and in its own words, not in those of a tool that watches it.

use crate::compare::fault::Fault;
use crate::console::{Amount, Progress, interrupt};
use crate::gate::matter::Matter;
use crate::gate::repository::Sides;
use crate::suite::{self, Part, Place, Suite};
use anyhow::{Error, Result, bail};
use simple_records::{Candidate, OnlyIn, Retired, Side, Witness};

/// Most commands whose faults an error quotes.
const MOST_QUOTED: usize = 5;

/// A command that did not run in both builds.
#[derive(Debug)]
struct Fails {
    workload: String,
    /// The build in which it fails; `None` if it fails in both.
    side: Option<Side>,
    why: Error,
}

/// Runs each command of `matter` once in both builds. One whose program only the head has is not compared,
/// and one that fails is not measured.
///
/// # Errors
/// If nothing is left to compare, because no command runs, or each is only in one build.
pub(super) fn try_commands(mut matter: Matter, suite: &Suite, sides: &Sides) -> Result<Matter> {
    let commands = matter.candidates.iter().filter_map(|one| command(suite, one)).count();
    let mut progress = Progress::of(Amount::Steps(commands as u64));
    let mut failed = Vec::new();
    for candidate in &matter.candidates {
        let Some((part, name)) = command(suite, candidate) else { continue };
        let workload = &candidate.subject.workload;
        progress.show("trying each command", workload);
        failed.extend(try_one(part, name, workload, sides));
        progress.step();
    }
    drop(progress);
    let (missing, failed): (Vec<Fails>, Vec<Fails>) = failed.into_iter().partition(is_only_in_head);
    let is_missing = |one: &Candidate| missing.iter().any(|it| it.workload == one.subject.workload);
    matter.candidates.retain(|one| !is_missing(one));
    check(&matter, &missing, &failed, sides)?;
    let only = missing.into_iter().map(|one| OnlyIn { workload: one.workload, side: Side::Head });
    matter.only_in.extend(only);
    let candidates = &matter.candidates;
    matter.retired.extend(failed.iter().flat_map(|one| retired(one, candidates)));
    Ok(matter)
}

/// The part and the name of a candidate that is a command.
fn command<'a>(suite: &'a Suite, candidate: &'a Candidate) -> Option<(&'a Part, &'a str)> {
    let found = suite.benchmark(&candidate.subject.workload);
    found.filter(|(part, _)| part.is_of_processes())
}

fn try_one(part: &Part, name: &str, workload: &str, sides: &Sides) -> Option<Fails> {
    let fails = |side, why| Some(Fails { workload: workload.to_owned(), side, why });
    let base = try_in(part, name, &sides.base_place);
    match (base, try_in(part, name, &sides.head_place)) {
        (Ok(()), Ok(())) => None,
        (Err(why), Ok(())) => fails(Some(Side::Base), why),
        (Ok(()), Err(why)) => fails(Some(Side::Head), why),
        (Err(_), Err(why)) => fails(None, why),
    }
}

/// Runs a command once, and once more if it fails for a reason that may have been chance.
fn try_in(part: &Part, name: &str, place: &Place) -> Result<()> {
    let run = || part.adapter.start(place, name)?.warm_up(0).map(|_| ());
    let outcome = run().or_else(|error| {
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
        "no [[command]] of {} that is to be compared can be run, neither in {base} nor in {head}:{}{more}",
        suite::FILE,
        faults.concat()
    );
}

/// The instruments that a failed command is not measured by.
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
