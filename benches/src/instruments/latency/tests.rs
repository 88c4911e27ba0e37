//! The generator against a server whose stall is known to the nanosecond, and against the
//! runtime with its only worker blocked.

use super::generator::{Observed, closed_loop, open_loop};
use super::sweep;
use crate::clock::tests::VirtualClock;
use crate::clock::{Clock, ProcessClock};
use crate::service::{Operation, Service};
use simple_runtime::executor;
use simple_runtime::ffi::executor::rt_executor_submit;
use simple_runtime::{RuntimeValue, Value};
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

const MS: u64 = 1_000_000;
const SERVICE_NS: u64 = 100_000;
const STALL_NS: u64 = 100 * MS;
const RATE_PER_S: u64 = 1000;
const OPERATIONS: u64 = 10_000;

/// A single server that takes [`SERVICE_NS`] for each operation, one after the other, and
/// that does nothing for [`STALL_NS`] from the first operation on that comes 5 s after the
/// very first.
fn stalling_server(clock: Rc<VirtualClock>) -> Service {
    let (mut stall_at_ns, mut stalled) = (None, false);
    let mut free_ns = 0;
    Service::new(move |operation: Operation| {
        let now_ns = clock.now_ns();
        let stall_at_ns = *stall_at_ns.get_or_insert(now_ns + 5000 * MS);
        let mut start_ns = now_ns.max(free_ns);
        if !stalled && start_ns >= stall_at_ns {
            stalled = true;
            start_ns += STALL_NS;
        }
        free_ns = start_ns + SERVICE_NS;
        operation.complete_at(free_ns);
    })
}

/// The right latencies, computed without any server: operation `k` of the stall waits for
/// what is left of it and for the `k` before it.
fn stall_latencies_ns() -> Vec<u64> {
    let interval_ns = 1_000_000_000 / RATE_PER_S;
    let mut latencies_ns: Vec<_> = (0..)
        .map_while(|k| (STALL_NS + (k + 1) * SERVICE_NS).checked_sub(k * interval_ns))
        .take_while(|&latency_ns| latency_ns > SERVICE_NS)
        .collect();
    latencies_ns.resize(OPERATIONS as usize, SERVICE_NS);
    latencies_ns.sort_unstable();
    latencies_ns
}

#[test]
fn the_open_loop_finds_exactly_the_percentiles_of_a_stall() {
    let clock = Rc::new(VirtualClock::default());
    let mut server = stalling_server(clock.clone());
    let observed = open_loop(&*clock, &mut server, RATE_PER_S, OPERATIONS).unwrap();
    let right = stall_latencies_ns();
    let stalled = right.iter().filter(|&&latency_ns| latency_ns > SERVICE_NS).count();
    assert!((100..120).contains(&stalled), "{stalled}");

    let found = observed.latencies.percentiles_ns();
    // Ranks from 1, of 10,000.
    for (name, rank) in
        [("p50", 5000), ("p90", 9000), ("p99", 9900), ("p99.9", 9990), ("p99.99", 9999)]
    {
        assert_near(found[name], right[rank - 1], name);
    }
    assert_near(found["max"], STALL_NS + SERVICE_NS, "max");
    assert!(found["p99"] > 10 * SERVICE_NS && found["p99.9"] > 90 * MS, "{found:?}");
    assert_eq!(observed.latencies.count(), OPERATIONS);
    assert!((observed.achieved_per_s() - 1000.0).abs() < 1.0, "{}", observed.achieved_per_s());
}

/// A service that stalls whoever asks it, as a full queue would: the generator itself comes too
/// late, and that is counted all the same. The latencies are 100, 99, ... 1 ms.
#[test]
fn the_open_loop_counts_from_the_intended_start() {
    let clock = Rc::new(VirtualClock::default());
    let (asked_clock, mut begun) = (clock.clone(), 0);
    let mut service = Service::new(move |operation: Operation| {
        begun += 1;
        if begun == OPERATIONS / 2 {
            asked_clock.wait_until(asked_clock.now_ns() + STALL_NS);
        }
        operation.complete_at(asked_clock.now_ns());
    });
    let observed = open_loop(&*clock, &mut service, RATE_PER_S, OPERATIONS).unwrap();
    let found = observed.latencies.percentiles_ns();
    for (name, right_ms) in [("p50", 0), ("p99", 0), ("p99.9", 90), ("p99.99", 99), ("max", 100)] {
        assert_near(found[name], right_ms * MS, name);
    }
}

fn assert_near(found_ns: u64, right_ns: u64, name: &str) {
    let off_ns = found_ns.abs_diff(right_ns);
    assert!(off_ns <= right_ns / 1000, "{name}: {found_ns} ns, {right_ns} ns is right");
}

/// The same server, asked the other way for as long: of 100,000 operations one was caught.
#[test]
fn the_closed_loop_does_not_see_the_same_stall() {
    let clock = Rc::new(VirtualClock::default());
    let mut server = stalling_server(clock.clone());
    let observed = closed_loop(&*clock, &mut server, 10_000 * MS).unwrap();
    let found = observed.latencies.percentiles_ns();
    for name in ["p50", "p99", "p99.9", "p99.99"] {
        assert_near(found[name], SERVICE_NS, name);
    }
    assert_near(found["max"], STALL_NS + SERVICE_NS, "max");
    assert_eq!(observed.offered_per_s, None);
    assert_eq!(observed.latencies.count(), 99_000);
}

/// A server of 100 us is overloaded beyond 10,000 operations a second.
#[test]
fn the_sweep_ends_beyond_the_capacity_and_finds_it() {
    let clock = Rc::new(VirtualClock::default());
    let (server_clock, mut free_ns) = (clock.clone(), 0);
    let mut server = Service::new(move |operation: Operation| {
        free_ns = server_clock.now_ns().max(free_ns) + SERVICE_NS;
        operation.complete_at(free_ns);
    });
    let runs = sweep::sweep(|rate_per_s| {
        open_loop(&*clock, &mut server, rate_per_s, sweep::operations(rate_per_s, 1000))
    })
    .unwrap();
    let offered: Vec<_> = runs.iter().filter_map(|run| run.offered_per_s).collect();
    assert_eq!(offered, [1000, 2000, 5000, 10_000, 20_000, 50_000]);
    for run in &runs[4..] {
        assert!((run.achieved_per_s() - 10_000.0).abs() < 1.0, "{}", run.achieved_per_s());
    }
}

#[test]
fn lost_operations_end_the_run_with_an_error() {
    let clock = VirtualClock::default();
    let mut begun = 0;
    let mut forgetful = Service::new(move |operation: Operation| {
        begun += 1;
        if begun != 77 {
            operation.complete_at(1);
        }
    });
    let error = open_loop(&clock, &mut forgetful, 1000, 100).unwrap_err().to_string();
    assert!(error.contains("1 of 100 operations were never done"), "{error}");
    let mut idle = Service::new(|_| ());
    assert!(closed_loop(&clock, &mut idle, MS).is_err());
}

/// Where the worker is blocked, and where it is let go.
const BLOCKED: usize = 50;
const RELEASED: usize = 150;

/// The message of the blocking task when it has begun, and the one that it waits for.
static BLOCKADE: Mutex<Option<(SyncSender<()>, Receiver<()>)>> = Mutex::new(None);

extern "C-unwind" fn block(_: RuntimeValue) -> Value {
    let blockade = BLOCKADE.lock().expect("nobody panics here").take();
    if let Some((begun, release)) = blockade {
        // Errors mean that the test has failed and gone.
        let _ = begun.send(());
        let _ = release.recv();
    }
    Value::nil()
}

extern "C-unwind" fn operate(context: RuntimeValue) -> Value {
    let address = context.small_int().expect("it is an address");
    // SAFETY: every context of this function is an operation's address.
    unsafe { Operation::from_address(address) }.complete();
    Value::nil()
}

fn submit(function: extern "C-unwind" fn(RuntimeValue) -> Value, context: i64) {
    let context = RuntimeValue::from_small_int(context).expect("addresses are small");
    // SAFETY: the address is that of a function of the right type, the word is an integer.
    let id = unsafe { rt_executor_submit(function as usize as u64, context) };
    assert!(id > 0);
}

/// The runtime with one worker, which is blocked from operation 50 until 150 is due.
fn blocked_worker() -> Observed {
    executor::shutdown().unwrap();
    executor::set_workers(1).unwrap();
    executor::start().unwrap();
    let (begun, has_begun) = sync_channel(1);
    let (release, released) = sync_channel(1);
    *BLOCKADE.lock().unwrap() = Some((begun, released));
    let mut index = 0;
    let mut service = Service::new(move |operation: Operation| {
        if index == BLOCKED {
            submit(block, 0);
            has_begun.recv().expect("the task runs some time");
        }
        if index == RELEASED {
            release.send(()).expect("the task waits");
        }
        index += 1;
        submit(operate, operation.to_address());
    });
    let observed = open_loop(&ProcessClock, &mut service, RATE_PER_S, 1000).unwrap();
    service.close().unwrap();
    executor::shutdown().unwrap();
    observed
}

/// Operation `i` of the blocked ones cannot be done before 150 is due: it takes at least
/// `150 - i` ms, however slow the machine. No upper limit holds on every machine.
#[test]
fn a_blocked_worker_is_in_the_percentiles() {
    let _alone = crate::peers::ONE_EXECUTOR.lock().expect("the other test has not failed");
    let found = blocked_worker().latencies.percentiles_ns();
    // Of 1000 operations p99.9 is the second largest, p99 the eleventh.
    for (name, rank) in [("max", 0), ("p99.9", 1), ("p99", 10)] {
        let least_ns = (RELEASED - BLOCKED - rank) as u64 * MS;
        assert!(found[name] >= least_ns, "{name}: {found:?}");
    }
}
