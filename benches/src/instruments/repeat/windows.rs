//! Windows in which the measured part runs, and the counters inside of them.

use super::counters;
use super::sampler::Sampler;
use crate::watch::Watch;
use anyhow::Result;
use simple_records::harness::Repeated;
use std::collections::BTreeMap;

/// Notes windows, and lets stacks be taken from the first on.
#[derive(Debug)]
pub(super) struct Windows {
    sampler: Option<Sampler>,
    windows: Vec<[u64; 2]>,
    counts: BTreeMap<String, u64>,
    notes: Vec<String>,
}

impl Windows {
    pub(super) fn new(sampler: Option<Sampler>) -> Self {
        Self { sampler, windows: Vec::new(), counts: BTreeMap::new(), notes: Vec::new() }
    }

    /// Notes what a reader should know, in a sentence.
    pub(super) fn note(&mut self, sentence: String) {
        self.notes.push(sentence);
    }

    /// All that was noted.
    pub(super) fn finish(self) -> Result<Repeated> {
        Ok(Repeated {
            stacks: self.sampler.map_or(Ok(Vec::new()), Sampler::finish)?,
            measured_ns: self.windows.iter().map(|[began, ended]| ended - began).sum(),
            windows: self.windows,
            counters: self.counts,
            notes: self.notes,
            ..Repeated::default()
        })
    }
}

impl Watch for Windows {
    fn measured<R>(&mut self, part: impl FnOnce() -> R) -> R {
        let (mut part, mut result) = (Some(part), None);
        let before = counters();
        if let Some(sampler) = self.sampler.as_ref().filter(|_| self.windows.is_empty()) {
            sampler.resume();
        }
        let began = now_ns();
        measured(&mut || result = part.take().map(|part| part()));
        let ended = now_ns();
        for ((name, before), (_, after)) in before.into_iter().zip(counters()) {
            *self.counts.entry(name.to_owned()).or_default() += after.saturating_sub(before);
        }
        self.windows.push([began, ended]);
        result.expect("the part was run")
    }
}

/// Calls the measured part. Under this name, without mangling, for profilers:
/// [`MEASURED`](simple_records::harness::MEASURED).
#[unsafe(export_name = "simple_bench_measured")]
#[inline(never)]
fn measured(part: &mut dyn FnMut()) {
    part();
    // The call above must not be the last thing, or there would be no frame of this function.
    std::hint::black_box(());
}

/// `CLOCK_MONOTONIC` in nanoseconds, the clock that profilers use.
pub(super) fn now_ns() -> u64 {
    clock_ns(libc::CLOCK_MONOTONIC)
}

/// Passes time without work.
pub(super) fn spin_until(goal_ns: u64) {
    while now_ns() < goal_ns {
        std::hint::spin_loop();
    }
}

/// Processor time of all threads of the process.
pub(super) fn processor_time_ns() -> u64 {
    clock_ns(libc::CLOCK_PROCESS_CPUTIME_ID)
}

fn clock_ns(clock: libc::clockid_t) -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a `timespec` of ours. Both clocks exist on every Linux, so that
    // the call cannot fail.
    unsafe { libc::clock_gettime(clock, &raw mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}
