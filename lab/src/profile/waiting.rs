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

/// Options of `perf script` for a recording of waits.
pub(super) const SCRIPT_OPTIONS: &[&str] = &["--show-switch-events", "--show-lost-events"];
/// Fields that `perf script` prints of it.
pub(super) const SCRIPT_FIELDS: &str = "comm,tid,cpu,time,event,ip,sym,dso,trace";

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
    let options = record_options();
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let recording = harness.record(workload, time.min(MOST), Event::Tracepoint, &options)?;
    let script = recording.script(SCRIPT_OPTIONS, SCRIPT_FIELDS)?;
    let (windows, cut) = (windows(&recording.repeated), Cut::at(MEASURED));
    let waiting = waiting(script::read(script), &windows, Symbols::new(), &cut)?;
    let Repeated { notes, iterations, measured_ns, .. } = recording.repeated;
    let measured_ns = Some(measured_ns);
    Ok(collected(waiting, Watched { notes, iterations, measured_ns }))
}

/// Options for `perf record` by which it records waits.
pub(super) fn record_options() -> Vec<String> {
    let events = ["sched:sched_switch", "sched:sched_waking"];
    let mut options: Vec<_> = events.iter().flat_map(|event| ["-e", event]).collect();
    let call_graph = format!("dwarf,{STACK_BYTES}");
    options.extend(["--switch-events", "--call-graph", &call_graph]);
    options.into_iter().map(str::to_owned).collect()
}

/// The subject of a recording of waits.
pub(super) struct Watched {
    /// Notes for readers, in sentences.
    pub notes: Vec<String>,
    /// Iterations of a workload; 1 for a program.
    pub iterations: u64,
    /// Their duration, if it is known.
    pub measured_ns: Option<u64>,
}

/// Waits as stacks, none if nothing waited, and by kind.
pub(super) fn collected(
    mut waiting: Waiting,
    watched: Watched,
) -> (Option<CollectedStacks>, Waits) {
    let Watched { notes, iterations, measured_ns } = watched;
    let notes = self::notes(&waiting, notes);
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
        counts: StackCounts { stacks, iterations, period_ns: None },
        measured_ns,
        notes,
    });
    (collected, waits)
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

fn notes(waiting: &Waiting, mut notes: Vec<String>) -> Vec<String> {
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
