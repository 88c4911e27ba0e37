//! A task that forks its process: in the child its thread is neither a worker nor in a poll, but
//! what it is in the middle of goes on and ends.

#[path = "common/forked.rs"]
mod forked;
#[path = "common/tasks.rs"]
mod tasks;

use forked::{Child, Fork, fork, leave_after};
use simple_runtime::executor::{ExecutorStats, Mode};
use simple_runtime::future::FutureState;
use simple_runtime::{Value, executor, future};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;
use tasks::{Runs, alone, alone_by_hand, alone_with, identity, int, wait};

fn number(n: i64) -> Value {
    Value::future(Some(identity), Value::int(n))
}

/// A forked task may do everything that a thread without a task may do.
fn use_executor() {
    assert_eq!(executor::stats(), ExecutorStats::default());
    executor::set_mode(Mode::Manual).unwrap();
    executor::submit_closure(|| ());
    assert_eq!(executor::poll_all(), 1);
    executor::shutdown().unwrap();
    executor::set_workers(2).unwrap();
    let runs = Runs::default();
    (0..100).for_each(|_| runs.submit());
    let started = number(1);
    assert!(started.as_future().unwrap().start());
    assert!(started.as_future().unwrap().wait_timeout(Duration::MAX));
    assert_eq!(future::race(&[number(2), number(2)]).as_int(), Some(2));
    assert_eq!(future::all(&[number(3), number(4)]).len(), 2);
    executor::shutdown().unwrap();
    assert_eq!(runs.count(), 100);
    let stats = executor::stats();
    assert_eq!(stats.submitted, stats.completed);
}

/// A future whose body forks. In the child it calls `inside`, and gives 7.
fn forks(inside: impl FnOnce() + Send + 'static) -> (Value, Receiver<Child>) {
    let (tell, told) = mpsc::channel();
    let future = Value::future_of(move || {
        match fork() {
            Fork::Child => inside(),
            Fork::Parent(child) => tell.send(child).unwrap(),
        }
        Value::int(7)
    });
    (future, told)
}

/// In a child: when the future has ended, on a thread that waits for it, `then` ends the child.
fn leave_when_ended(future: Value, then: impl FnOnce() + Send + 'static) {
    std::thread::spawn(move || {
        leave_after(|| {
            assert_eq!(wait(&future), Some(7));
            assert_eq!(future.as_future().unwrap().state(), FutureState::Fulfilled);
            then();
        })
    });
}

/// The future itself, for its own body.
fn knowing_itself(
    make: impl FnOnce(Receiver<Value>) -> (Value, Receiver<Child>),
) -> (Value, Receiver<Child>) {
    let (tell, told): (Sender<Value>, _) = mpsc::channel();
    let (future, child) = make(told);
    tell.send(future.clone()).unwrap();
    (future, child)
}

#[test]
fn on_a_worker() {
    for workers in [1, 3] {
        let _alone = alone_with(workers);
        for _ in 0..10 {
            let (future, child) = knowing_itself(|itself| {
                forks(move || {
                    use_executor();
                    leave_when_ended(itself.recv().unwrap(), use_executor_again);
                })
            });
            assert!(future.as_future().unwrap().wait_timeout(Duration::MAX));
            child.recv().unwrap().must_succeed();
            assert_eq!(wait(&future), Some(7));
        }
    }
}

/// The end of its parent's task is none that a child counts.
fn use_executor_again() {
    let before = executor::stats();
    assert_eq!(before.submitted, before.completed);
    assert_eq!(wait(&number(1)), Some(1));
    executor::start().unwrap();
    executor::shutdown().unwrap();
}

/// Beside what lies in the worker's own queues, which is the parent's to run.
#[test]
fn on_a_worker_that_has_started_others() {
    let _alone = alone_with(1);
    let runs = Runs::default();
    let in_child = runs.clone();
    let (tell, told) = mpsc::channel();
    executor::submit_closure({
        let runs = runs.clone();
        move || {
            let own: Vec<_> = (0..100).map(number).collect();
            assert!(own.iter().all(|future| future.as_future().unwrap().start()));
            (0..100).for_each(|_| runs.submit());
            match fork() {
                Fork::Parent(child) => tell.send(child).unwrap(),
                Fork::Child => {
                    assert_eq!(own[0].as_future().unwrap().state(), FutureState::Pending);
                    assert!(own[1].as_future().unwrap().start());
                    for (n, future) in (0..).zip(&own) {
                        assert_eq!(wait(future), Some(n));
                    }
                    executor::shutdown().unwrap();
                    // The thread ends with the task, and with it the process.
                    assert_eq!(in_child.count(), 0);
                }
            }
        }
    });
    told.recv().unwrap().must_succeed();
    executor::shutdown().unwrap();
    assert_eq!(runs.count(), 100);
}

/// In a child the thread of a worker ends where the task does; that ends the process, if no other
/// thread is left.
#[test]
fn a_childs_worker_thread_ends_with_the_task() {
    let _alone = alone_with(1);
    for _ in 0..20 {
        let (future, child) = forks(|| ());
        assert!(future.as_future().unwrap().wait_timeout(Duration::MAX));
        child.recv().unwrap().must_succeed();
    }
}

#[test]
fn where_the_awaiter_runs_it() {
    let _alone = alone_with(1);
    let (innermost, child) = forks(use_executor);
    let nested = (0..3)
        .fold(innermost, |inner, _| Value::future_of(move || Value::int(wait(&inner).unwrap())));
    assert_eq!(wait(&nested), Some(7));
    let Ok(child) = child.try_recv() else {
        // The child comes here too.
        leave_after(|| {
            assert_eq!(int(nested.as_future().unwrap().result()), Some(7));
            use_executor_again();
        });
    };
    child.must_succeed();
}

#[test]
fn in_an_all_and_in_a_race() {
    let _alone = alone_with(1);
    let (first, child) = forks(|| ());
    // The caller runs the first one itself.
    let results = future::all(&[first, number(2), number(3)]);
    let results: Vec<_> = results.iter().map(Value::as_int).collect();
    let Ok(child) = child.try_recv() else {
        leave_after(|| {
            // Those that a worker of the parent was running are lost.
            assert_eq!(results[0], Some(7));
            use_executor_again();
        });
    };
    child.must_succeed();
    assert_eq!(results, [Some(7), Some(2), Some(3)]);
}

#[test]
fn in_a_poll() {
    let _alone = alone_by_hand();
    let runs = Runs::default();
    let (future, child) = forks(use_executor);
    assert!(future.as_future().unwrap().start());
    (0..3).for_each(|_| runs.submit());
    let ran = executor::poll_all();
    let Ok(child) = child.try_recv() else {
        leave_after(|| {
            // What else is queued is the parent's.
            assert_eq!((ran, runs.count()), (1, 0));
            assert_eq!(wait(&future), Some(7));
            assert_eq!(executor::mode(), Mode::Threaded);
            use_executor_again();
        });
    };
    child.must_succeed();
    assert_eq!((ran, runs.count()), (4, 3));
}

#[test]
fn in_a_shutdown_that_runs_the_tasks_itself() {
    let _alone = alone_by_hand();
    let (future, child) = forks(use_executor);
    assert!(future.as_future().unwrap().start());
    executor::shutdown().unwrap();
    let Ok(child) = child.try_recv() else {
        leave_after(|| {
            assert_eq!(wait(&future), Some(7));
            use_executor_again();
        });
    };
    child.must_succeed();
}

/// In the child too a future that awaits itself is rejected, and does not wait for ever.
#[test]
fn beneath_an_await_of_itself() {
    let _alone = alone();
    let (future, child) = knowing_itself(|itself| {
        forks(move || {
            let itself = itself.recv().unwrap();
            assert_eq!(wait(&itself), None);
        })
    });
    let result = wait(&future);
    let Ok(child) = child.try_recv() else {
        leave_after(|| {
            assert_eq!(result, None);
            assert_eq!(tasks::error_of(&future), "the future awaits itself");
        });
    };
    child.must_succeed();
    assert_eq!(result, Some(7));
}

/// The signals that the calling thread blocks.
fn blocked_signals() -> Vec<bool> {
    // SAFETY: all zeros are a set; without one to set the call only reads.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::pthread_sigmask(libc::SIG_SETMASK, std::ptr::null(), &mut set);
        (1..=libc::SIGRTMAX()).map(|signal| libc::sigismember(&set, signal) == 1).collect()
    }
}

/// Workers take no signals; a child, and the programs that it becomes, must.
#[test]
fn a_child_has_the_signals_of_who_started_the_executor() {
    let _alone = alone_with(1);
    let starter = blocked_signals();
    let (tell, told) = mpsc::channel();
    let (future, child) = forks(move || {
        leave_after(|| assert_eq!(blocked_signals(), starter));
    });
    let probe = Value::future_of(move || {
        tell.send(blocked_signals()).unwrap();
        Value::nil()
    });
    for future in [&probe, &future] {
        assert!(future.as_future().unwrap().wait_timeout(Duration::MAX));
    }
    child.recv().unwrap().must_succeed();
    let worker = told.recv().unwrap();
    for signal in [libc::SIGTERM, libc::SIGINT, libc::SIGUSR1, libc::SIGALRM, libc::SIGCHLD] {
        assert!(worker[signal as usize - 1], "signal {signal} is open on a worker");
    }
    assert!(!worker[libc::SIGSEGV as usize - 1], "a fault belongs to its thread");
}
