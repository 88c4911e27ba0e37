//! Timing by turns: the processes of two builds sample one after the other, so that both see the
//! same machine. This is what one of them does when it has the turn.

use super::os;
use crate::Prepared;
use anyhow::{Result, ensure};
use simple_records::harness::Reply;
use std::time::Instant;

/// Runs ever more iterations at once, until all together took long enough, with what is not
/// measured of them; the duration of one is that of the last ones.
pub(crate) fn warm_up(prepared: &mut Prepared, at_least_ns: u64) -> Result<Reply> {
    let began = Instant::now();
    let mut iterations = 1_u64;
    loop {
        let before = began.elapsed();
        prepared.time(iterations)?;
        let after = began.elapsed();
        if after.as_nanos() >= u128::from(at_least_ns) {
            let iteration_ns = (after - before).as_nanos() as f64 / iterations as f64;
            return Ok(Reply::WarmedUp { iteration_ns });
        }
        iterations = iterations.saturating_mul(2);
    }
}

/// Times samples, after an iteration that brings the caches back: another process ran meanwhile.
pub(crate) fn time(prepared: &mut Prepared, iterations: u64, samples: u32) -> Result<Reply> {
    ensure!(
        iterations > 0 && samples > 0,
        "there is nothing to time: {samples} samples of {iterations} iterations"
    );
    prepared.time(1)?;
    let sample = || Ok(prepared.time(iterations)?.elapsed.as_nanos() as f64);
    let samples = std::iter::repeat_with(sample).take(samples as usize);
    let (totals_ns, page_faults_minor, involuntary_switches) =
        os::faults_and_switches(|| samples.collect::<Result<Vec<f64>>>());
    let totals_ns = totals_ns?;
    ensure!(
        totals_ns.iter().all(|total| *total > 0.0),
        "{iterations} iterations are too short for the clock"
    );
    Ok(Reply::Timed { totals_ns, page_faults_minor, involuntary_switches })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_has_as_many_samples_as_asked() {
        let mut prepared = Prepared::new(1, 5, || (0..1000).fold(5, |sum, i| sum & (i | 5)));
        let Reply::WarmedUp { iteration_ns } = warm_up(&mut prepared, 1000).unwrap() else {
            panic!("not warmed up")
        };
        assert!(iteration_ns > 0.0);
        let Reply::Timed { totals_ns, .. } = time(&mut prepared, 3, 2).unwrap() else {
            panic!("not timed")
        };
        assert_eq!(totals_ns.len(), 2);
        assert!(time(&mut prepared, 0, 1).is_err() && time(&mut prepared, 1, 0).is_err());
    }
}
