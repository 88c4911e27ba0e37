//! A process that forks while it has isolated threads: in the child their handles are stale, and
//! it has threads of its own. Alone in its process, whose threads it leaves behind.

#[path = "common/c.rs"]
mod c;
#[path = "common/in_child.rs"]
mod in_child;

use c::*;
use in_child::in_child;
use simple_runtime::file::{self, Prefault};
use simple_runtime::{RuntimeValue, Value};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Forks while other threads are busy.
const FORKS: usize = 150;

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

/// What a process does with threads of its own.
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
    let gate = rt_channel_new();
    let running = rt_thread_spawn_isolated(body(wait_at_gate), &gate);
    let (ended, joined, freed) = (spawn(1), spawn(2), spawn(3));
    while rt_thread_is_done(ended) == 0 {
        rt_thread_yield();
    }
    assert_eq!(rt_value_as_int(&rt_thread_join(joined)), 2);
    rt_thread_free(freed);
    let parents = [running, ended, joined, freed];

    in_child(|| {
        parents.into_iter().for_each(assert_is_stale);
        use_threads();
        let own: Vec<_> = (0..100).map(spawn).collect();
        assert!(own.iter().all(|thread| !parents.contains(thread)));
        // And a child's child.
        in_child(|| {
            own.iter().chain(&parents).copied().for_each(assert_is_stale);
            use_threads();
        });
        for (n, thread) in (0..).zip(own) {
            assert_eq!(rt_value_as_int(&rt_thread_join(thread)), n);
            rt_thread_free(thread);
        }
    });

    // The parent goes on as if nothing had been.
    rt_channel_close(&gate);
    assert_eq!(rt_value_as_int(&quietly(|| rt_thread_join(running))), 7);
    assert_eq!(rt_value_as_int(&quietly(|| rt_thread_join(ended))), 1);
    for thread in [running, ended, joined] {
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
    let handles = rt_channel_new();
    let thread = rt_thread_spawn_isolated(body(fork_inside), &handles);
    rt_channel_send(&handles, &rt_value_int(thread as i64));
    assert!(rt_value_as_bool(&quietly(|| rt_thread_join(thread))));
    rt_thread_free(thread);
}

fn use_files(directory: &Path) {
    for strategy in [Prefault::Auto, Prefault::ParallelTouch, Prefault::Copy] {
        for name in ["small", "large"] {
            let handle = file::create(&directory.join(name), 0, strategy).unwrap();
            file::start_loading(handle).unwrap();
            assert!(file::wait(handle).unwrap().len_bytes > 0);
            file::close(handle).unwrap();
        }
        let started = file::create(&directory.join("small"), 0, strategy).unwrap();
        file::start_loading(started).unwrap();
        while !file::is_ready(started) {
            std::thread::yield_now();
        }
        file::close(started).unwrap();
    }
}

/// Whatever other threads are in the middle of, a child does not miss them.
#[test]
fn no_lock_is_left_taken() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("small"), "small").unwrap();
    std::fs::write(directory.path().join("large"), vec![1; 8 << 20]).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for i in 0..4 {
            let (done, path) = (&done, directory.path());
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    if i % 2 == 0 { use_threads() } else { use_files(path) }
                }
            });
        }
        for _ in 0..FORKS {
            in_child(|| {
                use_threads();
                use_files(directory.path());
            });
        }
        done.store(true, Ordering::Relaxed);
    });
}
