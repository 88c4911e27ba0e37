//! The two ways to ask for operations.
//!
//! **Open loop**: each operation is begun when the schedule says, however many are still
//! going on, and its latency counts from that time, also when the generator itself came too
//! late to begin it. A service that stalls for 100 ms is asked meanwhile all the same, as it
//! would be by users who know nothing of each other.
//!
//! **Closed loop**: the next operation is begun when the previous one is done. A service that
//! stalls is not asked meanwhile; the one operation that was caught is one of millions, and
//! the percentiles know nothing of the stall. Gil Tene calls that coordinated omission ("How
//! NOT to Measure Latency", 2013); wrk2 (<https://github.com/giltene/wrk2>) corrects wrk for it
//! as it is done here. The closed loop is measured beside the open one to show the
//! difference, and for what it does say: how long an operation takes that is alone.

use super::distribution::Distribution;
use super::schedule::Schedule;
use crate::clock::Clock;
use crate::service::{MOST_OPERATIONS, Service};
use anyhow::Result;

/// From the making of the schedule to its first operation.
const LEAD_NS: u64 = 100_000;
/// Parts of a run at whose ends the backlog is counted.
const PARTS: u64 = 4;

/// Observations of a run.
#[derive(Debug, Clone)]
pub(super) struct Observed {
    /// The rate that the schedule asked for; `None` in a closed loop.
    pub(super) offered_per_s: Option<u64>,
    /// Time during which operations were begun.
    pub(super) duration_ns: u64,
    /// From the first operation's intended start until the last was done, and at least
    /// `duration_ns`.
    pub(super) elapsed_ns: u64,
    /// Number of operations that were due but not done at the end of each quarter of the schedule.
    pub(super) backlogs: Vec<u64>,
    pub(super) latencies: Distribution,
}

impl Observed {
    /// Operations a second, until the last was done.
    pub(super) fn achieved_per_s(&self) -> f64 {
        self.latencies.count() as f64 * 1e9 / self.elapsed_ns.max(1) as f64
    }
}

/// Asks for `operations` at a fixed rate and waits until all are done.
pub(super) fn open_loop(
    clock: &impl Clock,
    service: &mut Service,
    rate_per_s: u64,
    operations: u64,
) -> Result<Observed> {
    let schedule = Schedule::new(rate_per_s);
    service.open(operations as usize);
    let start_ns = clock.now_ns() + LEAD_NS;
    for index in 0..operations {
        clock.wait_until(start_ns + schedule.intended_ns(index));
        service.begin(index as usize);
    }
    service.drain(clock)?;
    let observed = observe(service, schedule, rate_per_s, operations, start_ns);
    wait_for(clock, start_ns + observed.elapsed_ns);
    Ok(observed)
}

/// Lets the clock come to the end of a run. A virtual server knows beforehand when operations
/// will be done; on the real clock that is over.
fn wait_for(clock: &impl Clock, done_ns: u64) {
    clock.wait_until(done_ns);
}

/// Reads the slots of operations that are all done.
fn observe(
    service: &Service,
    schedule: Schedule,
    rate_per_s: u64,
    operations: u64,
    start_ns: u64,
) -> Observed {
    let ends: Vec<_> = (1..=PARTS)
        .map(|part| operations * part / PARTS)
        .map(|end| (end, start_ns + schedule.intended_ns(end)))
        .collect();
    let mut backlogs = vec![0; ends.len()];
    let mut latencies = Distribution::new();
    let mut last_ns = start_ns + schedule.intended_ns(operations);
    for index in 0..operations {
        let due_ns = start_ns + schedule.intended_ns(index);
        let done_ns = service.done_ns(index as usize).unwrap_or(due_ns);
        latencies.record(done_ns.saturating_sub(due_ns));
        last_ns = last_ns.max(done_ns);
        for (backlog, (end, end_ns)) in backlogs.iter_mut().zip(&ends) {
            *backlog += u64::from(index < *end && done_ns > *end_ns);
        }
    }
    Observed {
        offered_per_s: Some(rate_per_s),
        duration_ns: schedule.intended_ns(operations),
        elapsed_ns: last_ns - start_ns,
        backlogs,
        latencies,
    }
}

/// Asks for one operation after the other for so long (and for as many as the open loop would
/// at the most).
pub(super) fn closed_loop(
    clock: &impl Clock,
    service: &mut Service,
    duration_ns: u64,
) -> Result<Observed> {
    let mut latencies = Distribution::new();
    let start_ns = clock.now_ns();
    let mut now_ns = start_ns;
    while now_ns - start_ns < duration_ns && latencies.count() < MOST_OPERATIONS as u64 {
        service.open(1);
        service.begin(0);
        service.drain(clock)?;
        let done_ns = service.done_ns(0).unwrap_or(now_ns);
        latencies.record(done_ns.saturating_sub(now_ns));
        wait_for(clock, done_ns);
        now_ns = clock.now_ns();
    }
    let elapsed_ns = now_ns - start_ns;
    let duration_ns = elapsed_ns;
    Ok(Observed { offered_per_s: None, duration_ns, elapsed_ns, backlogs: Vec::new(), latencies })
}
