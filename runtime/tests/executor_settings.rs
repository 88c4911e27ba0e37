//! Settings of the executor: when they can be changed, and what is refused.

#[path = "common/tasks.rs"]
mod tasks;

use simple_runtime::executor::{ExecutorError, MAX_WORKERS, Mode};
use simple_runtime::ffi::executor as c;
use simple_runtime::{Value, error, executor, thread};
use std::collections::HashSet;
use std::sync::{Arc, Barrier, mpsc};
use tasks::{address, alone, alone_by_hand, identity, message};

/// Checks that there are exactly this many workers: as many tasks run at the same time, and
/// there are no more threads of that name.
fn assert_workers(workers: usize) {
    let together = Arc::new(Barrier::new(workers));
    let (tell, told) = mpsc::channel();
    for _ in 0..workers {
        let (together, tell) = (together.clone(), tell.clone());
        executor::submit_closure(move || {
            together.wait();
            tell.send(std::thread::current().id()).unwrap();
        });
    }
    let seen: HashSet<_> = told.iter().take(workers).collect();
    assert_eq!(seen.len(), workers);
    assert_worker_threads(workers);
}

/// Checks how many threads the executor has. A thread that was joined stays in the list for
/// a moment longer: the kernel wakes the joiner before it takes the thread out.
fn assert_worker_threads(workers: usize) {
    const LOOKS: usize = 100_000;
    let is_right = |_| {
        std::thread::yield_now();
        worker_threads() == workers
    };
    assert!((0..LOOKS).any(is_right), "{} workers", worker_threads());
}

/// Threads of this process that the executor has named.
fn worker_threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let name = |task: std::io::Result<std::fs::DirEntry>| {
        std::fs::read_to_string(task.unwrap().path().join("comm")).unwrap_or_default()
    };
    tasks.map(name).filter(|name| name.starts_with("simple-worker")).count()
}

/// Checks the two questions about the mode.
fn assert_mode(mode: i64) {
    assert_eq!((c::rt_executor_get_mode(), c::rt_executor_is_manual()), (mode, mode));
}

#[test]
fn the_default_is_threaded_with_the_available_parallelism() {
    let _alone = alone();
    assert_mode(0);
    assert_workers(thread::available_parallelism());
}

#[test]
fn the_number_of_workers_is_what_was_set_before_the_start() {
    for workers in [1, 2, 3, 5, 64] {
        let _alone = alone();
        c::rt_executor_set_workers(7);
        c::rt_executor_set_workers(workers as i64);
        c::rt_executor_start();
        assert_workers(workers);
    }
    assert_eq!(error::last_error(), None);
}

#[test]
fn after_the_start_settings_are_refused_with_a_message() {
    let by_start: fn() = || c::rt_executor_start();
    let by_a_task: fn() = || assert!(executor::submit_closure(|| {}) > 0);
    let by_a_future: fn() = || {
        assert!(Value::future(Some(identity), Value::nil()).as_future().unwrap().start());
    };
    for start in [by_start, by_a_task, by_a_future] {
        for mode in [0, 1] {
            let _alone = alone();
            assert_eq!(c::rt_executor_set_mode(mode), 1);
            c::rt_executor_set_workers(2);
            start();
            assert_eq!(c::rt_executor_set_mode(1 - mode), 0);
            assert!(message().starts_with("rt_executor_set_mode:"), "{}", message());
            assert!(message().contains("has started"), "{}", message());
            assert_eq!(c::rt_executor_set_mode(mode), 0, "not even to what it is");
            c::rt_executor_set_workers(1);
            assert!(message().starts_with("rt_executor_set_workers:"), "{}", message());
            assert!(message().contains("has started"), "{}", message());
            assert_mode(mode);
            if mode == 0 {
                assert_workers(2);
            }
        }
    }
}

#[test]
fn an_unknown_mode_is_refused_with_a_message() {
    let _alone = alone_by_hand();
    for mode in [2, -1, 100, i64::MIN, i64::MAX, 1 << 32, 1 << 8] {
        assert_eq!(c::rt_executor_set_mode(mode), 0);
        let message = message();
        assert!(message.contains("unknown") && message.contains(&mode.to_string()), "{message}");
        assert_mode(1);
        assert_eq!(Mode::try_from(mode), Err(ExecutorError::UnknownMode(mode)));
    }
}

#[test]
fn a_number_of_workers_that_makes_no_sense_is_refused_with_a_message() {
    let _alone = alone();
    c::rt_executor_set_workers(3);
    let absurd = MAX_WORKERS as i64 + 1;
    for workers in [0, -1, i64::MIN, absurd, i64::MAX, 1 << 32] {
        assert_eq!(executor::set_workers(workers), Err(ExecutorError::BadWorkerCount(workers)));
        c::rt_executor_set_workers(workers);
        let message = message();
        assert!(message.starts_with(&format!("rt_executor_set_workers: {workers} ")), "{message}");
    }
    assert_workers(3);
}

#[test]
fn to_start_is_idempotent() {
    let _alone = alone();
    c::rt_executor_set_workers(2);
    for _ in 0..5 {
        c::rt_executor_start();
        assert_workers(2);
    }
    assert_eq!(error::last_error(), None);
}

#[test]
fn manual_mode_has_no_threads() {
    let _alone = alone_by_hand();
    c::rt_executor_set_workers(3);
    c::rt_executor_start();
    executor::submit_closure(|| {});
    assert_worker_threads(0);
    assert_eq!(executor::pending_count(), 1);
}

#[test]
fn workers_end_with_the_shutdown() {
    let _alone = alone();
    c::rt_executor_set_workers(3);
    assert_worker_threads(0);
    c::rt_executor_start();
    assert_workers(3);
    c::rt_executor_shutdown();
    assert_worker_threads(0);
}

#[test]
fn starts_and_settings_of_many_threads_agree() {
    let _alone = alone();
    for _ in 0..20 {
        let together = Barrier::new(4);
        std::thread::scope(|scope| {
            for workers in 1..=2 {
                let together = &together;
                scope.spawn(move || {
                    together.wait();
                    let set = executor::set_workers(workers);
                    assert!(matches!(set, Ok(()) | Err(ExecutorError::Started("workers"))));
                });
                scope.spawn(|| {
                    together.wait();
                    executor::start().unwrap();
                    executor::set_mode(Mode::Manual).unwrap_err();
                });
            }
        });
        assert_eq!(executor::mode(), Mode::Threaded);
        executor::shutdown().unwrap();
        assert_worker_threads(0);
    }
}

#[test]
fn ids_of_tasks_are_positive_and_unique_across_threads() {
    const THREADS: usize = 4;
    const TASKS: usize = 3000;
    let _alone = alone_by_hand();
    // SAFETY: a body, and a value that needs no keeping.
    let submit = || unsafe { c::rt_executor_submit(address(identity), Value::nil().raw()) };
    let ids: Vec<i64> = std::thread::scope(|scope| {
        let submit_all = || (0..TASKS).map(|_| submit()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(submit_all)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|&id| id > 0));
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), THREADS * TASKS);
    assert_eq!(executor::poll_all(), THREADS * TASKS);
}

#[test]
fn null_is_no_task() {
    let _alone = alone_by_hand();
    let before = executor::stats();
    // SAFETY: no function, and a value that needs no keeping.
    assert_eq!(unsafe { c::rt_executor_submit(0, Value::int(1).raw()) }, 0);
    assert!(message().starts_with("rt_executor_submit:"), "{}", message());
    assert!(message().contains("NULL"), "{}", message());
    assert_eq!((executor::pending_count(), executor::stats()), (0, before));
    // SAFETY: NULL is allowed.
    assert_eq!(unsafe { c::rt_executor_stats(std::ptr::null_mut()) }, 0);
    assert!(message().starts_with("rt_executor_stats:"), "{}", message());
}
