//! Rate after rate, until a service is overloaded.

use super::generator::Observed;
use crate::service::MOST_OPERATIONS;
use anyhow::Result;

/// Operations a second: the same for all alternatives, so that they can be compared at a
/// rate, and each about twice the one before.
const RATES_PER_S: [u64; 12] = [
    1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000,
    5_000_000,
];
/// Less than this part of the offered rate is overload.
const ACHIEVED_LEAST: f64 = 0.95;
/// A backlog that grew all the time is overload if it is this part of all operations.
const BACKLOG_LEAST: f64 = 0.01;
/// And at least this many operations.
const BACKLOG_LEAST_OPERATIONS: u64 = 10;
/// The sweep ends after this many overloaded rates in a row: at the end of a short run a single
/// stall of the machine looks the same as overload.
const OVERLOADS: u32 = 2;

/// Runs at all rates up to overload, in ascending order, the overloaded ones included: what
/// is achieved there is the service's throughput.
pub(super) fn sweep(mut run: impl FnMut(u64) -> Result<Observed>) -> Result<Vec<Observed>> {
    let mut runs = Vec::new();
    let mut overloads = 0;
    for rate_per_s in RATES_PER_S {
        let observed = run(rate_per_s)?;
        overloads = if is_overloaded(&observed) { overloads + 1 } else { 0 };
        runs.push(observed);
        if overloads == OVERLOADS {
            break;
        }
    }
    Ok(runs)
}

/// Operations that come due within this many milliseconds, or as many as can be kept.
pub(super) fn operations(rate_per_s: u64, duration_ms: u64) -> u64 {
    (rate_per_s * duration_ms / 1000).clamp(1, MOST_OPERATIONS as u64)
}

fn is_overloaded(observed: &Observed) -> bool {
    let Some(offered_per_s) = observed.offered_per_s else { return false };
    let least = BACKLOG_LEAST * observed.latencies.count() as f64;
    let least = least.max(BACKLOG_LEAST_OPERATIONS as f64);
    let grew = observed.backlogs.is_sorted_by(|before, after| before < after);
    let is_much = observed.backlogs.last().is_some_and(|&backlog| backlog as f64 >= least);
    observed.achieved_per_s() < ACHIEVED_LEAST * offered_per_s as f64 || (grew && is_much)
}

#[cfg(test)]
mod tests {
    use super::super::distribution::Distribution;
    use super::*;

    /// A run of 1000 operations in a second that took `elapsed_ms` altogether.
    fn observed(elapsed_ms: u64, backlogs: [u64; 4]) -> Observed {
        let mut latencies = Distribution::new();
        (0..1000).for_each(|_| latencies.record(1));
        Observed {
            offered_per_s: Some(1000),
            duration_ns: 1_000_000_000,
            elapsed_ns: elapsed_ms * 1_000_000,
            backlogs: backlogs.into(),
            latencies,
        }
    }

    #[test]
    fn overload_is_a_low_rate_or_a_growing_backlog() {
        for (elapsed_ms, backlogs, overloaded) in [
            (1000, [0, 0, 0, 0], false),
            (1052, [0, 0, 0, 0], false),
            (1053, [0, 0, 0, 0], true),
            (1000, [5, 10, 15, 20], true),
            (1000, [1, 2, 3, 9], false),
            (1000, [5, 30, 10, 20], false),
        ] {
            let run = observed(elapsed_ms, backlogs);
            assert_eq!(is_overloaded(&run), overloaded, "{elapsed_ms} ms, {backlogs:?}");
        }
    }

    #[test]
    fn one_stall_does_not_end_the_sweep() {
        let mut rates = Vec::new();
        let runs = sweep(|rate_per_s| {
            rates.push(rate_per_s);
            let slow = rate_per_s == 2000 || rate_per_s >= 20_000;
            Ok(observed(if slow { 3000 } else { 1000 }, [0; 4]))
        });
        assert_eq!(runs.unwrap().len(), 6);
        assert_eq!(rates, RATES_PER_S[..6]);
    }

    #[test]
    fn a_sweep_never_needs_more_slots_than_there_are() {
        assert_eq!(operations(1000, 400), 400);
        assert_eq!(operations(1, 1), 1);
        for rate_per_s in RATES_PER_S {
            assert!(operations(rate_per_s, 60_000) <= MOST_OPERATIONS as u64);
        }
    }
}
