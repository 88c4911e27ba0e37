//! While the executor shuts down, its tasks can still count on each other: a task may wait
//! for one that it submits only then, and another worker runs it.

#[path = "common/tasks.rs"]
mod tasks;

use simple_runtime::{executor, thread as runtime_thread};
use std::cell::RefCell;
use std::sync::mpsc::{self, Sender, TryRecvError};
use std::thread;
use tasks::alone;

/// More turns than a worker with nothing to do needs to end.
const MANY_TURNS: usize = 2000;

thread_local! {
    /// Dropped when the thread ends, so that the receiver learns of it.
    static ENDS: RefCell<Option<Sender<()>>> = const { RefCell::new(None) };
}

/// Submits a task and waits for it, in a way that the runtime knows nothing of.
fn submit_and_wait() {
    let (tell, told) = mpsc::channel();
    executor::submit_closure(move || tell.send(()).unwrap());
    told.recv().unwrap();
}

/// One worker has nothing to do when the shutdown comes, the other has a task that is about
/// to need it: the idle one must not have left.
#[test]
fn an_idle_worker_stays_while_another_one_works() {
    let _alone = alone();
    for workers in [2, 3] {
        for _ in 0..3 {
            executor::set_workers(workers).unwrap();
            let (ends, has_ended) = mpsc::channel();
            let (met, meets) = mpsc::channel();
            let (begin, begun) = mpsc::channel::<()>();
            executor::submit_closure(move || {
                met.send(()).unwrap();
                begun.recv().unwrap();
                // The shutdown has begun or is about to.
                for _ in 0..MANY_TURNS {
                    if has_ended.try_recv() == Err(TryRecvError::Disconnected) {
                        break;
                    }
                    thread::yield_now();
                }
                submit_and_wait();
            });
            meets.recv().unwrap();
            // The first worker is busy: another one takes this.
            executor::submit_closure(move || ENDS.set(Some(ends)));
            begin.send(()).unwrap();
            executor::shutdown().unwrap();
        }
    }
}

/// Tasks that come when the workers have already left get workers again: two of them can
/// still wait for each other.
#[test]
fn latecomers_have_workers_too() {
    if runtime_thread::available_parallelism() == 1 {
        // As new the executor has one worker here, and such a task has no chance with one.
        return;
    }
    let _alone = alone();
    for _ in 0..300 {
        // The last round's task may have started it anew.
        executor::shutdown().unwrap();
        executor::set_workers(2).unwrap();
        executor::start().unwrap();
        thread::scope(|scope| {
            let (ended, ends) = mpsc::channel();
            scope.spawn(move || {
                executor::submit_closure(move || {
                    submit_and_wait();
                    ended.send(()).unwrap();
                });
                ends.recv().unwrap();
            });
            executor::shutdown().unwrap();
        });
    }
}
