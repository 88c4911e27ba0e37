//! A process that forks while it has isolated threads: in the child their handles are stale, and
//! it has threads of its own.
//!
//! Forks in the midst of other threads' calls are tested in C (`c/forked_threads.c`): in a Rust
//! program the standard library has a lock of its own around the start and end of every thread,
//! which a fork may leave taken. So these tests fork while no thread starts or ends, one at a time.

#[path = "common/c.rs"]
mod c;
#[path = "common/in_child.rs"]
mod in_child;

use c::*;
use in_child::in_child;
use simple_runtime::{RuntimeValue, Value};
use std::sync::{Mutex, PoisonError};

static ALONE: Mutex<()> = Mutex::new(());

extern "C-unwind" fn give_back(data: RuntimeValue) -> Value {
    rt_value_retain(lent(&data))
}

/// Runs until the channel that it is given is closed.
extern "C-unwind" fn wait_at_gate(gate: RuntimeValue) -> Value {
    drop(rt_channel_recv(lent(&gate)));
    rt_value_int(7)
}

fn spawn(n: i64) -> u64 {
    quietly(|| rt_thread_spawn_isolated(body(give_back), &rt_value_int(n)))
}

/// Starts, joins and frees threads of its own.
fn use_threads() {
    let threads: Vec<_> = (0..4).map(|n| (spawn(n), n)).collect();
    for (thread, n) in threads {
        assert!(quietly(|| rt_thread_id(thread)) > 0);
        assert_eq!(rt_value_as_int(&quietly(|| rt_thread_join(thread))), n);
        assert_eq!(quietly(|| rt_thread_is_done(thread)), 1);
        quietly(|| rt_thread_free(thread));
    }
}

fn assert_is_stale(thread: u64) {
    for _ in 0..2 {
        assert!(rt_value_is_nil(&failing("rt_thread_join", || rt_thread_join(thread))));
        assert_eq!(failing("rt_thread_is_done", || rt_thread_is_done(thread)), 1);
        assert_eq!(failing("rt_thread_id", || rt_thread_id(thread)), 0);
        failing("rt_thread_free", || rt_thread_free(thread));
    }
}

#[test]
fn a_child_has_threads_of_its_own_and_none_of_its_parents() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let gate = rt_channel_new();
    let running = rt_thread_spawn_isolated(body(wait_at_gate), &gate);
    let (joined, freed) = (spawn(2), spawn(3));
    assert_eq!(rt_value_as_int(&rt_thread_join(joined)), 2);
    drop(rt_thread_join(freed));
    rt_thread_free(freed);
    let parents = [running, joined, freed];

    in_child(|| {
        parents.into_iter().for_each(assert_is_stale);
        use_threads();
        let own: Vec<_> = (0..100).map(spawn).collect();
        assert!(own.iter().all(|thread| !parents.contains(thread)));
        for (n, &thread) in (0..).zip(&own) {
            assert_eq!(rt_value_as_int(&rt_thread_join(thread)), n);
        }
        // And a child's child.
        in_child(|| {
            own.iter().chain(&parents).copied().for_each(assert_is_stale);
            use_threads();
        });
        own.into_iter().for_each(|thread| quietly(|| rt_thread_free(thread)));
    });

    // The parent goes on as if nothing had been.
    rt_channel_close(&gate);
    assert_eq!(rt_value_as_int(&quietly(|| rt_thread_join(running))), 7);
    for thread in [running, joined] {
        quietly(|| rt_thread_free(thread));
    }
    use_threads();
}

/// Gets its own handle, and forks.
extern "C-unwind" fn fork_inside(handles: RuntimeValue) -> Value {
    let own = rt_value_as_int(&rt_channel_recv(lent(&handles))) as u64;
    in_child(|| {
        assert_is_stale(own);
        use_threads();
    });
    let (answer, message) = with_message(|| rt_thread_join(own));
    assert!(rt_value_is_nil(&answer));
    rt_value_bool(message.is_some_and(|message| message.contains("itself")))
}

#[test]
fn an_isolated_thread_may_fork() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let handles = rt_channel_new();
    let thread = rt_thread_spawn_isolated(body(fork_inside), &handles);
    rt_channel_send(&handles, &rt_value_int(thread as i64));
    assert!(rt_value_as_bool(&quietly(|| rt_thread_join(thread))));
    rt_thread_free(thread);
}
