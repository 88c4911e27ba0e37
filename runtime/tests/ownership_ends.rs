//! The end of objects: of long chains without recursion, on whatever thread lets go last,
//! and exactly once.

#[path = "common/c.rs"]
mod c;

use c::*;
use simple_runtime::{RuntimeValue, Value};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

const DEPTH: usize = 1_000_000;
/// Time after which a test fails instead of hanging.
const WATCHDOG: Duration = Duration::from_secs(120);

/// Counts its drops and tells of them.
struct Tracked {
    drops: Arc<AtomicUsize>,
    dropped: mpsc::Sender<()>,
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Ordering::SeqCst);
        // The test may have stopped listening.
        let _ = self.dropped.send(());
    }
}

/// A value that holds a `Tracked`, and how to follow its fate.
struct Probe {
    value: Value,
    drops: Arc<AtomicUsize>,
    dropped: mpsc::Receiver<()>,
}

impl Probe {
    fn new() -> Self {
        let drops = Arc::new(AtomicUsize::new(0));
        let (sender, dropped) = mpsc::channel();
        let tracked = Tracked { drops: drops.clone(), dropped: sender };
        let value = Value::future_of(move || {
            drop(tracked);
            Value::nil()
        });
        Self { value, drops, dropped }
    }
}

fn drops(counter: &AtomicUsize) -> usize {
    counter.load(Ordering::SeqCst)
}

/// Wraps `innermost` a million times, drops the whole, and returns how often it was dropped.
fn drop_chain(wrap: impl Fn(Value) -> Value) -> usize {
    let probe = Probe::new();
    let mut chain = probe.value;
    for _ in 0..DEPTH {
        chain = wrap(chain);
    }
    assert_eq!(drops(&probe.drops), 0);
    rt_value_release(chain);
    drops(&probe.drops)
}

fn in_array(inner: Value) -> Value {
    let array = rt_array_new(0);
    assert!(rt_array_push(&array, &inner));
    array
}

fn in_channel(inner: Value) -> Value {
    let channel = rt_channel_new();
    assert_eq!(rt_channel_send(&channel, &inner), 1);
    channel
}

extern "C-unwind" fn never_run(_context: RuntimeValue) -> Value {
    unreachable!("nobody awaits it")
}

fn in_context(inner: Value) -> Value {
    rt_future_new(body(never_run), &inner)
}

#[test]
fn a_chain_of_a_million_arrays_ends_without_recursion() {
    assert_eq!(drop_chain(in_array), 1);
}

#[test]
fn a_chain_of_a_million_channels_ends_without_recursion() {
    assert_eq!(drop_chain(in_channel), 1);
}

#[test]
fn a_chain_of_a_million_contexts_and_results_ends_without_recursion() {
    assert_eq!(drop_chain(in_context), 1);
    assert_eq!(drop_chain(|inner| rt_future_resolve(&inner)), 1);
}

#[test]
fn a_chain_of_all_kinds_ends_without_recursion() {
    assert_eq!(drop_chain(|inner| in_array(in_channel(in_context(rt_future_reject(&inner))))), 1);
}

/// Closures are dropped by code that is not the runtime's, which must come back to it.
#[test]
fn a_chain_of_a_million_closures_ends_without_running_out_of_stack() {
    let wrap = |inner: Value| {
        Value::future_of(move || {
            drop(inner);
            Value::nil()
        })
    };
    assert_eq!(drop_chain(wrap), 1);
}

#[test]
fn a_chain_may_end_by_set_pop_clear_or_receive() {
    let chain = |probe: &Probe| (0..DEPTH / 10).fold(probe.value.clone(), |c, _| in_array(c));
    let end = |how: fn(Value)| {
        let probe = Probe::new();
        let holder = in_array(chain(&probe));
        let drops_of = probe.drops.clone();
        drop(probe);
        how(holder);
        assert_eq!(drops(&drops_of), 1);
    };
    end(|array| assert!(rt_array_set(&array, 0, &rt_value_nil())));
    end(|array| assert!(rt_array_clear(&array)));
    end(|array| rt_value_release(rt_array_pop(&array)));
    end(|array| rt_value_release(rt_channel_recv(&in_channel(array))));
}

/// A wide tree whose leaves are all one object: as many releases as leaves, one end.
#[test]
fn an_object_that_is_shared_many_times_is_freed_once() {
    let probe = Probe::new();
    let root = rt_array_new(0);
    for _ in 0..100 {
        let branch = rt_array_new(0);
        (0..1000).for_each(|_| assert!(rt_array_push(&branch, &probe.value)));
        assert!(rt_array_push(&root, &branch) && rt_array_push(&root, &branch));
    }
    rt_value_release(probe.value);
    assert_eq!(drops(&probe.drops), 0);
    rt_value_release(root);
    assert_eq!(drops(&probe.drops), 1);
}

#[test]
fn references_given_back_by_many_threads_free_once() {
    const THREADS: usize = 4;
    for _ in 0..200 {
        let probe = Probe::new();
        let together = Arc::new(Barrier::new(THREADS));
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                let (value, together) = (rt_value_retain(&probe.value), together.clone());
                thread::spawn(move || {
                    together.wait();
                    for _ in 0..20 {
                        rt_value_release(rt_value_retain(&value));
                    }
                    rt_value_release(value);
                })
            })
            .collect();
        rt_value_release(probe.value);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(drops(&probe.drops), 1);
    }
}

#[test]
fn a_body_that_ran_has_dropped_its_closure_once() {
    let probe = Probe::new();
    assert!(rt_value_is_nil(&rt_future_await(&probe.value)));
    assert_eq!(drops(&probe.drops), 1);
    rt_value_release(probe.value);
    assert_eq!(drops(&probe.drops), 1);
}

#[test]
fn a_destructor_that_panics_does_not_cross_into_the_caller() {
    struct Panics(#[allow(dead_code, reason = "held")] Tracked);
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }
    let drops_of = Arc::new(AtomicUsize::new(0));
    let (sender, _) = mpsc::channel();
    let panics = Panics(Tracked { drops: drops_of.clone(), dropped: sender });
    let value = Value::future_of(move || {
        drop(panics);
        Value::nil()
    });
    let chain = in_array(in_array(value));
    rt_value_release(chain);
    assert_eq!(drops(&drops_of), 1);
}

/// `gate` holds the thread back until the test lets it go.
fn answer_with_gate(probe: Value, gate: mpsc::Receiver<()>) -> impl FnOnce() -> Value + Send {
    move || {
        gate.recv_timeout(WATCHDOG).expect("the test opens the gate");
        probe
    }
}

#[test]
fn the_result_of_a_thread_that_nobody_joins_is_released() {
    use simple_runtime::thread as isolated;
    for free_while_it_runs in [true, false] {
        let probe = Probe::new();
        let (open, gate) = mpsc::channel();
        let handle = isolated::spawn(answer_with_gate(probe.value, gate)).unwrap();
        if free_while_it_runs {
            assert!(isolated::free(handle));
            open.send(()).unwrap();
        } else {
            open.send(()).unwrap();
            while isolated::is_done(handle) == Some(false) {
                thread::yield_now();
            }
            assert!(isolated::free(handle));
        }
        probe.dropped.recv_timeout(WATCHDOG).expect("the result is released");
        assert_eq!(drops(&probe.drops), 1);
    }
}

#[test]
fn the_data_of_a_thread_that_panics_is_released() {
    let probe = Probe::new();
    let value = probe.value;
    let panics = move || -> Value {
        let _held = value;
        panic!("on purpose")
    };
    let handle = simple_runtime::thread::spawn(panics).unwrap();
    assert!(simple_runtime::thread::join(handle).is_err());
    assert!(simple_runtime::thread::free(handle));
    assert_eq!(drops(&probe.drops), 1);
}
