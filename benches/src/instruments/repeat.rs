//! Running a workload again and again, for somebody who profiles this process from outside or
//! inside; [`simple_records::harness`] says what is asked and what is replied.

#[cfg(not(feature = "sampler"))]
#[path = "repeat/no_sampler.rs"]
mod sampler;
#[cfg(feature = "sampler")]
mod sampler;
mod timeline;
mod windows;

use super::os;
use crate::Prepared;
use anyhow::{Result, ensure};
use sampler::Sampler;
use simple_records::harness::{Amount, Repeat, Repeated};
use std::time::{Duration, Instant};
use timeline::Traced;
use windows::Windows;

/// Maximum length of a window, unless an iteration takes longer.
const WINDOW: Duration = Duration::from_millis(10);

/// Maximum length of a pause between windows.
const MOST_PAUSE_NS: u64 = 1_000_000;

/// Maximum duration of all stages, in multiples of what is to be measured.
const MOST_STAGING: u32 = 6;

/// Runs the amount of a workload that is wanted, after its first iteration.
pub(crate) fn repeat(prepared: &mut Prepared, wanted: &Repeat) -> Result<Repeated> {
    let mut windows = Windows::new(wanted.sample_hz.map(Sampler::new).transpose()?);
    let traced = wanted.timeline.as_deref().map(Traced::start).transpose()?;
    let iterations = match wanted.amount {
        Amount::Iterations(iterations) => {
            if iterations > 0 {
                prepared.time_watched(iterations, &mut windows)?;
            }
            iterations
        }
        Amount::ForMs(ms) => repeat_for(prepared, Duration::from_millis(ms), &mut windows)?,
    };
    let threads = traced.map_or(Ok(Vec::new()), Traced::finish)?;
    let mut repeated = windows.finish()?;
    repeated.threads = threads;
    repeated.iterations = iterations;
    Ok(repeated)
}

/// Runs ever more iterations at once, until all together took long enough. Returns their number.
///
/// Samplers look at regular times, and an iteration may be as regular: if there is a whole number
/// of iterations, or a few thirds more, from one sample to the next, they always see the same places.
/// So after each window there is a pause of a random part of an iteration.
fn repeat_for(prepared: &mut Prepared, duration: Duration, windows: &mut Windows) -> Result<u64> {
    ensure!(!duration.is_zero(), "nothing to measure");
    let began = Instant::now();
    let (mut measured, mut all, mut iterations) = (Duration::ZERO, 0_u64, 1_u64);
    while measured < duration {
        measured += prepared.time_watched(iterations, windows)?.elapsed;
        all += iterations;
        if measured < duration && began.elapsed() > duration * MOST_STAGING {
            windows.note(format!(
                "It ended after {:.1} ms of what is measured: to make the condition of an iteration \
                 takes longer by far.",
                measured.as_secs_f64() * 1e3
            ));
            break;
        }
        // Towards the end no more at once than are missing.
        let mean_ns = (measured.as_nanos() as u64 / all).max(1);
        let missing = duration.saturating_sub(measured).min(WINDOW).as_nanos() as u64 / mean_ns;
        iterations = iterations.saturating_mul(2).min(missing.max(1));
        let pause_ns = fastrand::u64(0..=mean_ns.min(MOST_PAUSE_NS));
        windows::spin_until(windows::now_ns() + pause_ns);
    }
    Ok(all)
}

/// Counters inside of windows, of the kernel and of the runtime.
fn counters() -> [(&'static str, u64); 11] {
    let usage = os::Usage::now();
    let runtime = simple_runtime::executor::stats();
    let of_kernel = |count: i64| count.max(0) as u64;
    [
        ("processor_time_ns", windows::processor_time_ns()),
        ("context_switches_voluntary", of_kernel(usage.switches_voluntary)),
        ("context_switches_involuntary", of_kernel(usage.switches_involuntary)),
        ("page_faults_minor", of_kernel(usage.page_faults_minor)),
        ("page_faults_major", of_kernel(usage.page_faults_major)),
        ("submitted", runtime.submitted),
        ("completed", runtime.completed),
        ("inline_run", runtime.inline_run),
        ("stolen", runtime.stolen),
        ("parks", runtime.parks),
        ("wakes", runtime.wakes),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;

    fn run(prepared: &mut Prepared, amount: Amount) -> Result<Repeated> {
        repeat(prepared, &Repeat { amount, sample_hz: None, timeline: None })
    }

    #[test]
    fn exactly_as_many_iterations_are_run_as_asked() {
        let runs = Rc::new(Cell::new(0));
        let counted = runs.clone();
        let mut prepared = Prepared::new(1, 5, move || {
            counted.set(counted.get() + 1);
            5
        });
        let repeated = run(&mut prepared, Amount::Iterations(7)).unwrap();
        assert_eq!((repeated.iterations, repeated.windows.len()), (7, 1));
        assert_eq!(runs.get(), 7);
        let none = run(&mut prepared, Amount::Iterations(0)).unwrap();
        assert_eq!((none.iterations, none.windows.len(), runs.get()), (0, 0, 7));
    }

    #[test]
    fn windows_ascend_and_hold_what_is_measured() {
        let mut prepared = Prepared::new(1, 0, || (0..1000).fold(0, |sum, i| sum & i));
        let amount = Amount::ForMs(5);
        let repeated = run(&mut prepared, amount).unwrap();
        assert!(repeated.measured_ns >= 5_000_000, "{repeated:?}");
        assert!(repeated.windows.iter().all(|[began, ended]| began < ended));
        assert!(repeated.windows.windows(2).all(|pair| pair[0][1] <= pair[1][0]));
        assert!(repeated.notes.is_empty(), "{repeated:?}");
    }

    /// Each iteration has a window of its own, and stages are in none.
    #[test]
    fn stages_are_outside_of_windows() {
        let in_stage = Rc::new(Cell::new(Vec::new()));
        let noted = in_stage.clone();
        let stage = move || {
            let mut times = noted.take();
            times.push(windows::now_ns());
            noted.set(times);
            Ok(crate::Condition::Holds)
        };
        let mut prepared = Prepared::staged(1, 3, stage, || 3);
        let repeated = run(&mut prepared, Amount::Iterations(4)).unwrap();
        assert_eq!(repeated.windows.len(), 4);
        let is_inside = |at: &u64| repeated.windows.iter().any(|w| w[0] <= *at && *at < w[1]);
        assert!(!in_stage.take().iter().any(is_inside));
    }

    #[test]
    fn an_end_before_the_time_is_noted() {
        const STAGE_NS: u64 = 5_000_000;
        let stage = || {
            windows::spin_until(windows::now_ns() + STAGE_NS);
            Ok(crate::Condition::Holds)
        };
        let mut prepared = Prepared::staged(1, 3, stage, || 3);
        let amount = Amount::ForMs(2);
        let repeated = run(&mut prepared, amount).unwrap();
        assert!(repeated.notes[0].contains("condition"), "{repeated:?}");
        assert!(repeated.iterations > 0 && repeated.measured_ns < 2_000_000);
    }

    #[test]
    fn a_wrong_answer_is_not_profiled() {
        let wrong = &mut Prepared::new(1, 5, || 6);
        assert!(run(wrong, Amount::Iterations(1)).is_err());
    }

    #[cfg(feature = "sampler")]
    #[test]
    fn stacks_are_taken_also_where_windows_are_shorter_than_a_tick() {
        fn spin() -> u64 {
            let sum = (0..3_000_000_u64).fold(0, |sum, i| std::hint::black_box(sum ^ i));
            u64::from(sum == u64::MAX)
        }
        // A stage that takes as long as what is measured.
        let stage = || {
            std::hint::black_box(spin());
            Ok(crate::Condition::Holds)
        };
        let mut prepared = Prepared::staged(1, 0, stage, spin);
        let amount = Amount::ForMs(500);
        let repeated =
            repeat(&mut prepared, &Repeat { amount, sample_hz: Some(1000), timeline: None })
                .unwrap();
        let count = |wanted: bool| -> u64 {
            let is_measured = |s: &simple_records::harness::SampledStack| {
                s.frames.iter().any(|frame| frame == simple_records::harness::MEASURED)
            };
            repeated.stacks.iter().filter(|s| is_measured(s) == wanted).map(|s| s.count).sum()
        };
        assert!(count(true) > 10 && count(false) > 0, "{repeated:?}");
    }
}
