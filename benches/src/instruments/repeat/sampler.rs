//! Stacks that this process takes of itself, by pprof: for machines where perf may not be used.
//!
//! A timer of the kernel counts the processor time of all threads, and interrupts one of them
//! every so often. It is stopped outside of the measured part.

use anyhow::{Context, Result};
use pprof::{Frames, ProfilerGuard, ProfilerGuardBuilder};
use simple_records::repeat::SampledStack;
use std::cell::Cell;

/// Takes stacks while it is not paused.
pub(super) struct Sampler {
    guard: ProfilerGuard<'static>,
    interval_us: i64,
    /// What was left until the next stack when it was paused last.
    left: Cell<libc::timeval>,
}

impl std::fmt::Debug for Sampler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sampler(every {} us)", self.interval_us)
    }
}

impl Sampler {
    /// One that takes so many stacks in a second of processor time, paused.
    pub(super) fn new(hz: u32) -> Result<Self> {
        let hz = hz.clamp(1, 100_000);
        let guard = ProfilerGuardBuilder::default().frequency(hz as i32).build();
        let guard = guard.context("this process cannot sample itself")?;
        let interval_us = i64::from(1_000_000 / hz);
        let sampler = Self { guard, interval_us, left: Cell::new(as_time(interval_us)) };
        sampler.pause();
        Ok(sampler)
    }

    /// Windows may be shorter than the interval: what is left of it is kept.
    pub(super) fn pause(&self) {
        let left = set_timer(as_time(0), as_time(0));
        if (left.tv_sec, left.tv_usec) != (0, 0) {
            self.left.set(left);
        }
    }

    pub(super) fn resume(&self) {
        set_timer(as_time(1), as_time(self.interval_us));
    }

    /// All stacks that were taken.
    pub(super) fn finish(self) -> Result<Vec<SampledStack>> {
        let report = self.guard.report().build().context("the samples cannot be read")?;
        let stacks = report.data.iter().map(|(frames, count)| SampledStack {
            thread: frames.thread_name.clone(),
            tid: frames.thread_id,
            frames: names(frames),
            count: u64::try_from(*count).unwrap_or(0),
        });
        Ok(stacks.collect())
    }
}

/// Innermost first, without the handler that took the stack.
fn names(frames: &Frames) -> Vec<String> {
    let names = frames.frames.iter().flatten().map(|symbol| symbol.name());
    let mut names: Vec<String> = names.collect();
    let of_handler = names
        .iter()
        .rposition(|name| name.contains("perf_signal_handler") || name.contains("__restore_rt"));
    if let Some(of_handler) = of_handler {
        names.drain(..=of_handler);
    }
    names
}

fn as_time(us: i64) -> libc::timeval {
    libc::timeval { tv_sec: us / 1_000_000, tv_usec: us % 1_000_000 }
}

/// Sets the timer that pprof uses, to a first time and an interval; zero stops it. Answers what
/// was left until the next time.
fn set_timer(first: libc::timeval, interval: libc::timeval) -> libc::timeval {
    let timer = libc::itimerval { it_interval: interval, it_value: first };
    let mut before = libc::itimerval { it_interval: as_time(0), it_value: as_time(0) };
    // SAFETY: both pointers are to timers of ours. The handler of the signal is installed by
    // the profiler, which outlives all that calls this.
    unsafe { libc::setitimer(libc::ITIMER_PROF, &raw const timer, &raw mut before) };
    before.it_value
}
