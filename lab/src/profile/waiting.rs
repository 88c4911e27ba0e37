//! The view of waiting: waits of threads, with their reasons and wakers.

use crate::harness::perf::Event;
use crate::profile::harness::{Harness, windows};
use crate::profile::stacks::CollectedStacks;
use anyhow::Result;
use simple_profiles::normalize::StackCounts;
use simple_profiles::perf::script;
use simple_profiles::sample::Cut;
use simple_profiles::symbols::Symbols;
use simple_profiles::waiting::{Kind, Waiting, sites, waiting};
use simple_records::harness::{MEASURED, Repeated};
use simple_records::{Unit, View, Wait, Waits};
use std::time::Duration;

/// Bytes of the stack that are copied with each event: there are many.
const STACK_BYTES: u32 = 8192;

/// Maximum duration: there may be a hundred thousand switches a second.
const MOST: Duration = Duration::from_millis(500);

const SAMPLER: &str = "perf (sched:sched_switch)";

/// Records the waits of a workload's threads for `time`; by counters alone where the scheduler's
/// events may not be seen, of which `tell` gets a line.
pub fn view(
    harness: &Harness,
    workload: &str,
    time: Duration,
    mut tell: impl FnMut(&str),
) -> Result<(Option<CollectedStacks>, Waits)> {
    match by_events(harness, workload, time) {
        Ok(view) => Ok(view),
        Err(error) => {
            let reason = format!("waits are counted only, not seen: {error:#}");
            tell(&reason);
            Ok((None, by_counters(harness, workload, time, reason)?))
        }
    }
}

fn by_events(
    harness: &Harness,
    workload: &str,
    time: Duration,
) -> Result<(Option<CollectedStacks>, Waits)> {
    let call_graph = format!("dwarf,{STACK_BYTES}");
    let options = [
        "-e",
        "sched:sched_switch",
        "-e",
        "sched:sched_waking",
        "--switch-events",
        "--call-graph",
        &call_graph,
    ];
    let recording = harness.record(workload, time.min(MOST), Event::Tracepoint, &options)?;
    let options = ["--show-switch-events", "--show-lost-events"];
    let script = recording.script(&options, "comm,tid,cpu,time,event,ip,sym,dso,trace")?;
    let (windows, cut) = (windows(&recording.repeated), Cut::at(MEASURED));
    let mut waiting = waiting(script::read(script), &windows, Symbols::new(), &cut)?;
    let notes = notes(&waiting, &recording.repeated);
    let kinds = kinds(&waiting);
    let stacks = std::mem::take(&mut waiting.stacks);
    // Notes are shown once.
    let of_waits = if stacks.is_empty() { notes.clone() } else { Vec::new() };
    let waits = Waits { sampler: SAMPLER.to_owned(), kinds, notes: of_waits };
    let collected = (!stacks.is_empty()).then(|| CollectedStacks {
        view: View::Waiting,
        sampler: SAMPLER.to_owned(),
        unit: Unit::Ns,
        table: Some(sites(&stacks)),
        counts: StackCounts { stacks, iterations: recording.repeated.iterations, period_ns: None },
        measured_ns: Some(recording.repeated.measured_ns),
        notes,
    });
    Ok((collected, waits))
}

fn kinds(waiting: &Waiting) -> Vec<Wait> {
    let mut kinds: Vec<Wait> = waiting
        .by_kind
        .iter()
        .map(|(kind, sum)| Wait {
            kind: kind.to_string(),
            count: sum.count,
            total_ns: Some(sum.ns),
            longest_ns: Some(sum.longest_ns),
        })
        .collect();
    kinds.sort_by_key(|wait| std::cmp::Reverse(wait.total_ns));
    kinds
}

fn notes(waiting: &Waiting, repeated: &Repeated) -> Vec<String> {
    let mut notes = repeated.notes.clone();
    if let Some(preempted) = waiting.by_kind.get(&Kind::Preempted) {
        notes.push(format!(
            "Besides, threads that could have gone on were kept from a processor {} times, for \
             {:.1} ms together; the picture is without that.",
            preempted.count,
            preempted.ns as f64 / 1e6
        ));
    }
    if waiting.lost > 0 || waiting.unknown_end > 0 {
        notes.push(format!(
            "{} events were lost: the sums are too small.",
            waiting.lost.max(waiting.unknown_end)
        ));
    }
    if waiting.unread > 0 {
        notes.push(format!("{} events could not be read and are left out.", waiting.unread));
    }
    notes.push("To be told of every switch makes switching slower.".to_owned());
    notes
}

/// Counts of waits that the kernel and the runtime keep by themselves.
fn by_counters(harness: &Harness, workload: &str, time: Duration, reason: String) -> Result<Waits> {
    const WAITS: [(&str, &str); 4] = [
        ("context_switches_voluntary", "any (voluntary context switches)"),
        ("context_switches_involuntary", "preempted (involuntary context switches)"),
        ("page_faults_major", "page fault from disk"),
        ("parks", "worker without work (parks)"),
    ];
    let repeated = harness.repeat_for(workload, time)?;
    let wait = |(name, kind): (&str, &str)| Wait {
        kind: kind.to_owned(),
        count: repeated.counters.get(name).copied().unwrap_or(0),
        total_ns: None,
        longest_ns: None,
    };
    Ok(Waits {
        sampler: "counters of the kernel and the runtime".to_owned(),
        kinds: WAITS.into_iter().map(wait).filter(|wait| wait.count > 0).collect(),
        notes: vec![format!("{reason}.")],
    })
}
