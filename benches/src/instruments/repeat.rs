//! Running a workload again and again, for somebody who profiles this process from outside or
//! inside; see `simple_records::repeat` for what is said.

#[cfg(not(feature = "sampler"))]
#[path = "repeat/no_sampler.rs"]
mod sampler;
#[cfg(feature = "sampler")]
mod sampler;
mod timeline;
mod windows;

use super::{find, os};
use crate::{Data, Prepared};
use anyhow::{Context, Result, ensure};
use sampler::Sampler;
use simple_records::repeat::Repeated;
use std::path::Path;
use std::time::{Duration, Instant};
use timeline::Traced;
use windows::Windows;

/// So long is a window at the most, unless an iteration takes longer.
const WINDOW: Duration = Duration::from_millis(10);

/// So long is a pause between windows at the most.
const MOST_PAUSE_NS: u64 = 1_000_000;

/// What makes iterations' conditions may take so many times as long as what is measured.
const MOST_STAGING: u32 = 6;

/// How much of a workload is run.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Amount {
    /// So many iterations.
    Iterations(u64),
    /// As many as take so long in the measured part.
    For(Duration),
}

/// What the process looks at itself meanwhile.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Looks<'a> {
    /// So many stacks are taken in a second of processor time.
    pub(crate) sample_hz: Option<u32>,
    /// A timeline of the executor is written here.
    pub(crate) timeline: Option<&'a Path>,
}

/// Prepares `workload`, runs it once, and then runs the amount of it that is watched.
pub(crate) fn repeat(
    workload: &str,
    data: &Path,
    amount: Amount,
    looks: Looks<'_>,
) -> Result<Repeated> {
    let prepared = find(workload)?.prepare(&Data::new(data.to_owned()));
    let mut prepared = prepared.context("it cannot be prepared here")?;
    repeat_prepared(&mut prepared, amount, looks)
}

fn repeat_prepared(prepared: &mut Prepared, amount: Amount, looks: Looks<'_>) -> Result<Repeated> {
    // The first iteration makes what later ones find made, and its answer is checked.
    prepared.time(1)?;
    let mut windows = Windows::new(looks.sample_hz.map(Sampler::new).transpose()?);
    let traced = looks.timeline.map(Traced::start).transpose()?;
    let iterations = match amount {
        Amount::Iterations(iterations) => {
            if iterations > 0 {
                prepared.time_watched(iterations, &mut windows)?;
            }
            iterations
        }
        Amount::For(duration) => repeat_for(prepared, duration, &mut windows)?,
    };
    let threads = traced.map_or(Ok(Vec::new()), Traced::finish)?;
    let mut repeated = windows.finish()?;
    repeated.threads = threads;
    repeated.iterations = iterations;
    Ok(repeated)
}

/// Runs ever more iterations at once, until all together took long enough; answers how many.
///
/// Samplers look at regular times, and an iteration may be as regular: if there is a whole number
/// of iterations, or a few thirds more, from one look to the next, they always see the same places.
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

/// What is counted inside of windows, by the kernel and by the runtime.
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

    #[test]
    fn exactly_so_many_iterations_are_run_and_one_before() {
        let runs = Rc::new(Cell::new(0));
        let counted = runs.clone();
        let mut prepared = Prepared::new(1, 5, move || {
            counted.set(counted.get() + 1);
            5
        });
        let repeated =
            repeat_prepared(&mut prepared, Amount::Iterations(7), Looks::default()).unwrap();
        assert_eq!((repeated.iterations, repeated.windows.len()), (7, 1));
        assert_eq!(runs.get(), 8);
        let none = repeat_prepared(&mut prepared, Amount::Iterations(0), Looks::default()).unwrap();
        assert_eq!((none.iterations, none.windows.len(), runs.get()), (0, 0, 9));
    }

    #[test]
    fn windows_ascend_and_hold_what_is_measured() {
        let mut prepared = Prepared::new(1, 0, || (0..1000).fold(0, |sum, i| sum & i));
        let amount = Amount::For(Duration::from_millis(5));
        let repeated = repeat_prepared(&mut prepared, amount, Looks::default()).unwrap();
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
        let repeated =
            repeat_prepared(&mut prepared, Amount::Iterations(4), Looks::default()).unwrap();
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
        let amount = Amount::For(Duration::from_millis(2));
        let repeated = repeat_prepared(&mut prepared, amount, Looks::default()).unwrap();
        assert!(repeated.notes[0].contains("condition"), "{repeated:?}");
        assert!(repeated.iterations > 0 && repeated.measured_ns < 2_000_000);
    }

    #[test]
    fn a_wrong_answer_is_not_profiled() {
        let wrong = &mut Prepared::new(1, 5, || 6);
        assert!(repeat_prepared(wrong, Amount::Iterations(1), Looks::default()).is_err());
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
        let amount = Amount::For(Duration::from_millis(500));
        let repeated =
            repeat_prepared(&mut prepared, amount, Looks { sample_hz: Some(1000), timeline: None })
                .unwrap();
        let count = |wanted: bool| -> u64 {
            let is_measured = |s: &simple_records::repeat::SampledStack| {
                s.frames.iter().any(|frame| frame == simple_records::repeat::MEASURED)
            };
            repeated.stacks.iter().filter(|s| is_measured(s) == wanted).map(|s| s.count).sum()
        };
        assert!(count(true) > 10 && count(false) > 0, "{repeated:?}");
    }
}
