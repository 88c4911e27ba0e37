//! The view of processor time, by the best sampler that works here.

mod in_process;
mod perf;

pub use perf::works as perf_works;

use crate::harness::Harness;
use crate::instructions;
use crate::stacks::Found;
use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use simple_lab::programs;
use simple_profiles::perf::OnCpu;
use simple_records::View;
use simple_records::repeat::{Listed, Repeated};
use std::time::Duration;

/// Samples a second: no multiple of what a program or the kernel does at regular times.
const HZ: u32 = 1499;

/// With fewer samples the picture is no more than a hint.
const FEW: u64 = 300;

/// Who can tell where processor time goes, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sampler {
    /// perf(1): all threads, kernel and program, with inlined functions.
    Perf,
    /// The process itself: the program only, without inlined functions.
    InProcess,
    /// Valgrind's callgrind: instructions instead of time.
    Callgrind,
}

impl Sampler {
    /// The best first.
    const ALL: [Self; 3] = [Self::Perf, Self::InProcess, Self::Callgrind];

    fn name(self) -> &'static str {
        match self {
            Self::Perf => "perf",
            Self::InProcess => "sampling in the process",
            Self::Callgrind => "callgrind",
        }
    }

    fn sample(self, harness: &Harness, listed: &Listed, time: Duration) -> Result<Found> {
        match self {
            Self::Perf => perf::sample(harness, &listed.workload, time),
            Self::InProcess => in_process::sample(harness, &listed.workload, time),
            Self::Callgrind => {
                ensure!(
                    programs::is_there("valgrind"),
                    "valgrind is missing (Debian: apt-get install valgrind)"
                );
                let mut found = instructions::view(harness, listed)?;
                found.view = View::Cpu;
                found.notes.insert(
                    0,
                    "Instructions stand for time here: what waits for memory costs more than it \
                     seems."
                        .to_owned(),
                );
                Ok(found)
            }
        }
    }
}

/// Samples a workload for so long, with `sampler` or the best that works; `tell` gets a line
/// about each that does not.
pub fn view(
    harness: &Harness,
    listed: &Listed,
    time: Duration,
    sampler: Option<Sampler>,
    tell: impl FnMut(&str),
) -> Result<Found> {
    let mut found = match sampler {
        Some(sampler) => sampler.sample(harness, listed, time)?,
        None => by_the_best(harness, listed, time, tell)?,
    };
    if !harness.has_symbols() {
        found.notes.push(
            "Its functions have no names: the program was stripped. Build it without `strip`."
                .to_owned(),
        );
    }
    Ok(found)
}

fn by_the_best(
    harness: &Harness,
    listed: &Listed,
    time: Duration,
    mut tell: impl FnMut(&str),
) -> Result<Found> {
    let mut reasons = Vec::new();
    for sampler in Sampler::ALL {
        match sampler.sample(harness, listed, time) {
            Ok(mut found) => {
                found.notes.extend(reasons);
                return Ok(found);
            }
            Err(error) => {
                let reason = format!("{} does not work: {error:#}.", sampler.name());
                tell(&reason);
                reasons.push(reason);
            }
        }
    }
    Err(anyhow::anyhow!("{}", reasons.join(" "))).context("nothing here can sample")
}

/// What samples came to, with what a reader should know of them.
fn found(on_cpu: OnCpu, sampler: String, repeated: &Repeated) -> Result<Found> {
    ensure!(
        on_cpu.inside > 0,
        "no sample was taken in the measured part, which ran for {:.1} ms{}: let it run longer \
         with --for-ms",
        repeated.measured_ns as f64 / 1e6,
        if on_cpu.outside > 0 { " (set-up was sampled)" } else { "" }
    );
    let mut notes = repeated.notes.clone();
    if on_cpu.inside < FEW {
        notes.push(format!(
            "Only {} samples: shares are rough. Let it run longer with --for-ms.",
            on_cpu.inside
        ));
    }
    let share = |part: u64| 100.0 * part as f64 / on_cpu.inside as f64;
    if on_cpu.truncated > 0 {
        notes.push(format!(
            "The stacks of {} samples ({:.1}%) are too deep to be seen whole: outer callers are \
             missing ([truncated]).",
            on_cpu.truncated,
            share(on_cpu.truncated)
        ));
    }
    if on_cpu.lost > 0 {
        notes.push(format!("{} samples were lost: the machine was too busy.", on_cpu.lost));
    }
    if on_cpu.events.keys().any(|event| leaves_out_kernel(event)) {
        notes.push(
            "The kernel's functions may not be seen here: what they take seems to be the \
             program's. Run as root, or `sysctl kernel.perf_event_paranoid=1`."
                .to_owned(),
        );
    }
    Ok(Found {
        view: View::Cpu,
        sampler,
        unit: "samples",
        stacks: on_cpu.stacks,
        table: None,
        iterations: repeated.iterations,
        count_ns: Some(processor_time_ns(repeated) / on_cpu.inside as f64),
        measured_ns: Some(repeated.measured_ns),
        notes,
    })
}

/// Whether an event, as perf names it, counts while the program runs and not while the kernel
/// does: `cycles:u`, `cycles:uP`, `cpu_core/cycles/u`, `cpu_atom/cycles/Pu`.
fn leaves_out_kernel(event: &str) -> bool {
    const MODIFIERS: &str = "ukhGHpPSDIeWbR";
    // They stand at the end: after a colon, after the slash that closes a unit's event, or
    // before it. What stands there may also be the event's name.
    let (_, last) = event.trim_end_matches([':', '/']).rsplit_once([':', '/']).unwrap_or_default();
    let are_modifiers = last.chars().all(|one| MODIFIERS.contains(one));
    are_modifiers && last.contains('u') && !last.contains('k')
}

fn processor_time_ns(repeated: &Repeated) -> f64 {
    repeated.counters.get("processor_time_ns").copied().unwrap_or(0) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_without_the_kernel_are_known_by_their_modifiers() {
        let without = [
            "cycles:u",
            "cycles:Pu",
            "cycles:uP",
            "cpu_core/cycles/u",
            "cpu_core/cycles/:u",
            "cpu_atom/cycles:Pu/",
            "cpu_core/cycles/Pu",
            "cpu-clock:u",
            "cpu_atom/cycles/uH:",
            "cpu_core/instructions/u",
        ];
        let with = [
            "cycles",
            "cycles:",
            "cycles:P",
            "cycles:uk",
            "cpu_core/cycles/",
            "cpu_core/cycles/P",
            "cpu-clock",
            "instructions",
            "sched:sched_switch",
            "cpu/event=0x3c/",
            "cpu_core/instructions/",
            "cpu_atom/branches/",
        ];
        assert_eq!(without.map(leaves_out_kernel), [true; 10]);
        assert_eq!(with.map(leaves_out_kernel), [false; 12]);
    }
}
