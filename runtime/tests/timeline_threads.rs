//! What a recording takes grows with its events and not with its threads: neither many that end
//! nor many that run need more than they have to tell.

#[path = "common/address_space.rs"]
mod address_space;
#[path = "common/tasks.rs"]
mod tasks;
#[path = "common/timelines.rs"]
mod timelines;

use simple_runtime::executor;
use std::sync::Barrier;
use std::thread;
use tasks::alone_by_hand;
use timelines::*;

/// Less than a quarter of what as many full rings would take.
const SPARE_BYTES: u64 = 148 << 20;
const THREADS: usize = 300;
/// Enough for a body: on less, each thread would have a stack of the runtime's beside it.
const STACK_BYTES: usize = 320 << 10;

/// One job, which the calling thread polls.
fn poll_one() {
    executor::submit_closure(|| {});
    assert_eq!(executor::poll(), 1);
}

fn small_thread() -> thread::Builder {
    thread::Builder::new().stack_size(STACK_BYTES)
}

/// In one test: the limit is the process's.
#[test]
fn many_threads_take_little_memory_and_are_all_recorded() {
    let _alone = alone_by_hand();
    // Another arena of the C library would map 64 MiB; what the runtime maps once it maps now.
    // SAFETY: no memory is involved.
    assert_eq!(unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) }, 1);
    poll_one();
    let recording = record();
    address_space::with_little_left(SPARE_BYTES, || {
        // One after the other.
        for _ in 0..THREADS {
            small_thread().spawn(poll_one).unwrap().join().unwrap();
        }
        // All at once.
        let all_there = Barrier::new(THREADS);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                let polls = || {
                    poll_one();
                    all_there.wait();
                };
                small_thread().spawn_scoped(scope, polls).unwrap();
            }
        });
    });
    let timeline = recording.stop();
    assert_sound(&timeline);
    assert_eq!((timeline.threads.len(), timeline.dropped_threads), (2 * THREADS, 0));
    assert_eq!(jobs(&timeline).0, 2 * THREADS as u64);
}

#[test]
fn a_thread_that_has_ended_is_recorded_as_it_was() {
    let _alone = alone_by_hand();
    let recording = record();
    let named = || thread::Builder::new().name("an ended thread".to_owned());
    named().spawn(|| (0..100).for_each(|_| poll_one())).unwrap().join().unwrap();
    let timeline = recording.stop();
    assert_sound(&timeline);
    let [thread] = &timeline.threads[..] else { panic!("{timeline:?}") };
    assert_eq!((&*thread.name, thread.events.len(), thread.dropped), ("an ended thread", 100, 0));
}
