//! Stacks that this process takes of itself, by pprof: for machines where perf may not be used.
//!
//! A timer of the kernel counts the processor time of all threads, and interrupts one of them
//! at regular intervals, but only at the kernel's ticks, and not before the second of them. So it runs
//! from the first window to the last: windows may be shorter. The stacks of the thread that
//! runs iterations show what it does in between: they do not have the function of the measured part.

use anyhow::{Context, Result};
use pprof::{Frames, ProfilerGuard, ProfilerGuardBuilder};
use simple_records::harness::SampledStack;

/// Takes stacks while it is not paused.
pub(super) struct Sampler {
    guard: ProfilerGuard<'static>,
    interval_us: i64,
}

impl std::fmt::Debug for Sampler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sampler(every {} us)", self.interval_us)
    }
}

impl Sampler {
    /// A paused sampler that takes this many stacks in a second of processor time.
    pub(super) fn new(hz: u32) -> Result<Self> {
        let hz = hz.clamp(1, 100_000);
        let guard = ProfilerGuardBuilder::default().frequency(hz as i32).build();
        let guard = guard.context("this process cannot sample itself")?;
        let sampler = Self { guard, interval_us: i64::from(1_000_000 / hz) };
        sampler.pause();
        Ok(sampler)
    }

    fn pause(&self) {
        set_timer(0, 0);
    }

    pub(super) fn resume(&self) {
        set_timer(1, self.interval_us);
    }

    /// All stacks that were taken.
    pub(super) fn finish(self) -> Result<Vec<SampledStack>> {
        self.pause();
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

/// Innermost first, without the handler that took the stack, and without functions that were
/// inlined: pprof takes stacks of the same functions together, wherever in these they were.
fn names(frames: &Frames) -> Vec<String> {
    let names = frames.frames.iter().filter_map(|inlined| Some(inlined.last()?.name()));
    let mut names: Vec<String> = names.collect();
    let of_handler = names
        .iter()
        .rposition(|name| name.contains("perf_signal_handler") || name.contains("__restore_rt"));
    if let Some(of_handler) = of_handler {
        names.drain(..=of_handler);
    }
    names
}

/// Sets the timer that pprof uses, to a first time and an interval; zero stops it.
fn set_timer(first_us: i64, interval_us: i64) {
    let time = |us: i64| libc::timeval { tv_sec: us / 1_000_000, tv_usec: us % 1_000_000 };
    let timer = libc::itimerval { it_interval: time(interval_us), it_value: time(first_us) };
    // SAFETY: the pointer is to a timer of ours, the old one is not asked for. The handler of
    // its signal is installed by the profiler, which outlives all that calls this.
    unsafe { libc::setitimer(libc::ITIMER_PROF, &raw const timer, std::ptr::null_mut()) };
}
