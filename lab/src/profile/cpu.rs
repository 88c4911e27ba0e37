//! The view of processor time, by the best sampler that works here.

mod in_process;
mod perf;

use crate::console::print::number_of;
use crate::harness::valgrind;
use crate::profile::harness::Harness;
use crate::profile::instructions;
use crate::profile::stacks::CollectedStacks;
use crate::programs;
use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use simple_profiles::normalize::StackCounts;
use simple_profiles::sample::OnCpu;
use simple_records::harness::{Listed, Repeated};
use simple_records::{Unit, View};
use std::time::Duration;

/// Samples a second: not a multiple of the frequencies at which programs or the kernel work.
const HZ: u32 = 1499;

/// Number of samples below which the picture is only a hint.
const FEW: u64 = 300;

/// A note on instructions in the place of time.
pub(super) const FOR_TIME: &str =
    "Instructions stand for time here: what waits for memory costs more than it seems.";

/// Samplers of processor time, the best first.
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
    /// All samplers, the best first.
    const ALL: [Self; 3] = [Self::Perf, Self::InProcess, Self::Callgrind];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Perf => "perf",
            Self::InProcess => "sampling in the process",
            Self::Callgrind => "callgrind",
        }
    }

    fn sample(self, harness: &Harness, listed: &Listed, time: Duration) -> Result<CollectedStacks> {
        match self {
            Self::Perf => perf::sample(harness, &listed.workload, time),
            Self::InProcess => in_process::sample(harness, &listed.workload, time),
            Self::Callgrind => {
                ensure!(programs::is_there("valgrind"), valgrind::MISSING);
                let mut stacks = instructions::view(harness, listed)?;
                stacks.view = View::Cpu;
                stacks.notes.insert(0, FOR_TIME.to_owned());
                Ok(stacks)
            }
        }
    }
}

/// Samples a workload for `time`, with `sampler` or the best that works; `tell` gets a line
/// about each that does not work.
pub fn view(
    harness: &Harness,
    listed: &Listed,
    time: Duration,
    sampler: Option<Sampler>,
    tell: impl FnMut(&str),
) -> Result<CollectedStacks> {
    let mut stacks = match sampler {
        Some(sampler) => sampler.sample(harness, listed, time)?,
        None => by_best(harness, listed, time, tell)?,
    };
    if !harness.has_symbols() {
        stacks.notes.push(
            "Its functions have no names: the program was stripped. Build it without `strip`."
                .to_owned(),
        );
    }
    Ok(stacks)
}

fn by_best(
    harness: &Harness,
    listed: &Listed,
    time: Duration,
    mut tell: impl FnMut(&str),
) -> Result<CollectedStacks> {
    let mut reasons = Vec::new();
    for sampler in Sampler::ALL {
        match sampler.sample(harness, listed, time) {
            Ok(mut stacks) => {
                stacks.notes.extend(reasons);
                return Ok(stacks);
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

/// Adds notes for readers to stacks of samples.
fn collected(on_cpu: OnCpu, sampler: String, repeated: &Repeated) -> Result<CollectedStacks> {
    ensure!(
        on_cpu.inside > 0,
        "no sample was taken in the measured part, which ran for {:.1} ms{}: let it run longer \
         with --for-ms",
        repeated.measured_ns as f64 / 1e6,
        if on_cpu.outside > 0 { " (set-up was sampled)" } else { "" }
    );
    let mut notes = repeated.notes.clone();
    notes.extend(self::notes(&on_cpu, "Let it run longer with --for-ms.", None));
    Ok(CollectedStacks {
        view: View::Cpu,
        sampler,
        unit: Unit::Samples,
        counts: StackCounts {
            stacks: on_cpu.stacks,
            iterations: repeated.iterations,
            period_ns: Some(processor_time_ns(repeated) / on_cpu.inside as f64),
        },
        table: None,
        measured_ns: Some(repeated.measured_ns),
        notes,
    })
}

/// Notes for readers on samples; `more` says how to get more of them, `broken` why stacks may end early
/// other than by their depth.
pub(super) fn notes(on_cpu: &OnCpu, more: &str, broken: Option<&str>) -> Vec<String> {
    let mut notes = Vec::new();
    if on_cpu.inside < FEW {
        notes.push(format!(
            "Only {}: shares are rough. {more}",
            number_of(on_cpu.inside as usize, "sample")
        ));
    }
    let share = |part: u64| 100.0 * part as f64 / on_cpu.inside as f64;
    if on_cpu.truncated > 0 {
        let why = broken.unwrap_or("are too deep to be seen whole");
        notes.push(format!(
            "The stacks of {} ({:.1}%) {why}: outer callers are missing ([truncated]).",
            number_of(on_cpu.truncated as usize, "sample"),
            share(on_cpu.truncated)
        ));
    }
    if on_cpu.lost > 0 {
        notes.push(format!("{} samples were lost: the machine was too busy.", on_cpu.lost));
    }
    if on_cpu.unread > 0 {
        notes.push(format!("{} samples could not be read and are left out.", on_cpu.unread));
    }
    if on_cpu.events.keys().any(|event| simple_profiles::perf::is_of_user_only(event)) {
        notes.push(
            "The kernel's functions may not be seen here: what they take seems to be the \
             program's. Run as root, or `sysctl kernel.perf_event_paranoid=1`."
                .to_owned(),
        );
    }
    notes
}

/// The sampler that took these samples, with its settings.
pub(super) fn perf_at(on_cpu: &OnCpu, hz: u32) -> String {
    let events: Vec<&str> = on_cpu.events.keys().map(String::as_str).collect();
    format!("perf ({} at {hz} Hz)", events.join(", "))
}

fn processor_time_ns(repeated: &Repeated) -> f64 {
    repeated.counters.get("processor_time_ns").copied().unwrap_or(0) as f64
}
