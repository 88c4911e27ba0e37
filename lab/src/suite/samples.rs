//! Samples of a turn from what a program reported, with one number of iterations for all.

use super::Timed;
use crate::owned::Usage;
use anyhow::{Context, Result, bail};
use simple_reports::stats::median;

/// Most attempts at a turn. A benchmark that sets its number of iterations itself is short each time.
const ATTEMPTS: u32 = 3;
/// Factor by which a turn may be shorter than it was to be.
const FAR_SHORTER: f64 = 4.0;

/// A sample: its iterations and the time of all of them together, in ns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reported {
    pub(super) iterations: f64,
    pub(super) total_ns: f64,
}

/// The samples of a turn. Programs give samples different numbers of iterations; each is scaled to the
/// median of them.
///
/// # Errors
/// If there is no sample, or one has no iterations or no time.
pub(super) fn timed(reported: &[Reported], usage: Usage) -> Result<Timed> {
    for Reported { iterations, total_ns } in reported {
        if !iterations.is_finite() || *iterations < 1.0 {
            bail!("it reports a sample of {iterations} iterations");
        }
        if !total_ns.is_finite() || *total_ns <= 0.0 {
            bail!(
                "it reports {total_ns} ns for {iterations} iterations: nothing is left to time, if the \
                 compiler removed it; pass its result to black_box or DoNotOptimize"
            );
        }
    }
    let counts: Vec<f64> = reported.iter().map(|one| one.iterations).collect();
    let iterations = median(&counts).context("no samples")?;
    let iterations = iterations.round().max(1.0);
    let total_ns = |one: &Reported| one.total_ns / one.iterations * iterations;
    Ok(Timed {
        iterations: iterations as u64,
        totals_ns: reported.iter().map(total_ns).collect(),
        page_faults_minor: usage.page_faults_minor,
        involuntary_switches: usage.switches_involuntary,
    })
}

/// Takes a turn of about `about_ns` ns, again if it was far shorter. Frameworks choose the number of iterations by
/// a first try; if the process lost its processor in it, they choose far too few, and reading the clock is a
/// large part of the samples.
///
/// # Errors
/// As `measure`.
pub(super) fn long_enough(
    about_ns: u64,
    mut measure: impl FnMut() -> Result<Timed>,
) -> Result<Timed> {
    let mut timed = measure()?;
    for _ in 1..ATTEMPTS {
        if usual_ns(&timed) >= about_ns as f64 / FAR_SHORTER {
            break;
        }
        timed = measure()?;
    }
    Ok(timed)
}

/// The time of a turn if all samples were like the middle one, in ns: one that was interrupted does not count.
fn usual_ns(timed: &Timed) -> f64 {
    let count = timed.totals_ns.len() as f64;
    median(&timed.totals_ns).map_or(0.0, |total_ns| total_ns * count)
}

/// The median time of an iteration, in ns; `None` if there is no sample.
pub(super) fn iteration_ns(timed: &Timed) -> Option<f64> {
    Some(median(&timed.totals_ns)? / timed.iterations as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reported(samples: &[(f64, f64)]) -> Result<Timed> {
        let one = |&(iterations, total_ns): &(f64, f64)| Reported { iterations, total_ns };
        let usage = Usage { page_faults_minor: 7, switches_involuntary: 2, ..Usage::default() };
        timed(&samples.iter().map(one).collect::<Vec<_>>(), usage)
    }

    #[test]
    fn samples_are_scaled_to_one_number_of_iterations() {
        let timed = reported(&[(1.0, 10.0), (2.0, 22.0), (4.0, 40.0)]).unwrap();
        assert_eq!((timed.iterations, timed.totals_ns.as_slice()), (2, &[20.0, 22.0, 20.0][..]));
        assert_eq!((timed.page_faults_minor, timed.involuntary_switches), (7, 2));
        assert_eq!(iteration_ns(&timed), Some(10.0));
    }

    #[test]
    fn a_turn_that_is_far_too_short_is_taken_again() {
        let mut turns = vec![(4.0, 500.0), (1.0, 100.0), (1.0, 10.0)];
        let timed = long_enough(1000, || reported(&[turns.pop().unwrap()])).unwrap();
        assert_eq!((timed.iterations, turns.len()), (4, 0));
        let mut count = 0;
        let short = long_enough(1000, || {
            count += 1;
            reported(&[(1.0, 10.0)])
        });
        assert_eq!((short.unwrap().totals_ns, count), (vec![10.0], ATTEMPTS));
        let once = long_enough(1000, || reported(&[(1.0, 250.0)])).unwrap();
        assert_eq!(once.totals_ns, [250.0]);
        // The first sample was interrupted, and made the number of iterations small.
        let mut count = 0;
        let mut interrupted = || {
            count += 1;
            reported(&[(1.0, 5000.0), (1.0, 1.0), (1.0, 1.0)])
        };
        assert_eq!(long_enough(1000, &mut interrupted).unwrap().totals_ns.len(), 3);
        assert_eq!(count, ATTEMPTS);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for (samples, part) in [
            (vec![], "no samples"),
            (vec![(1.0, 5.0), (1.0, 0.0)], "0 ns for 1 iterations"),
            (vec![(1.0, f64::NAN)], "NaN ns"),
            (vec![(1.0, -1.0)], "-1 ns"),
            (vec![(1.0, f64::INFINITY)], "inf ns"),
            (vec![(0.0, 1.0)], "0 iterations"),
        ] {
            let error = reported(&samples).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
