//! Models of a future's life and end, where the protocols of `state.rs`, of
//! `sync/wait_table.rs` and of the reference count meet.

use super::state::{Outcome, Queue, announce_waiter, claim, enqueue, finish, state};
use crate::sync::atomic::AtomicU64;
use crate::sync::wait_table::WaitTable;
use crate::sync::{Arc, UnsafeCell, thread};
use crate::value::counted_word::CountedWord;

/// All subjects have this address, as if each were allocated where the previous one was freed.
const ADDRESS: usize = 16;

/// A future with its reference count. `memory` is to the allocator what `cell` is to the claimant.
struct Subject {
    word: CountedWord,
    cell: UnsafeCell<u32>,
    memory: UnsafeCell<u32>,
    table: Arc<WaitTable>,
}

impl Subject {
    /// Returns a claimed future, with a reference for the claimant and one for an awaiter.
    fn claimed(table: &Arc<WaitTable>) -> Arc<Self> {
        let word = CountedWord::new(0);
        word.retain();
        assert!(claim(&word).is_some());
        let (cell, memory) = (UnsafeCell::new(0), UnsafeCell::new(0));
        Arc::new(Self { word, cell, memory, table: table.clone() })
    }

    /// Returns the word, while the memory is a future's: loom fails if it is freed meanwhile.
    fn word(&self) -> &AtomicU64 {
        // SAFETY: loom checks it.
        assert_eq!(self.memory.with(|freed| unsafe { *freed }), 0, "used after its end");
        &self.word
    }

    fn free(&self) {
        // SAFETY: loom checks it: the last holder is alone.
        self.memory.with_mut(|freed| unsafe { *freed += 1 });
    }

    /// As in `run.rs`, giving the claimant's reference back with the transition.
    fn finish(&self) {
        // SAFETY: loom checks it: the claim makes the cell the claimant's.
        self.cell.with_mut(|cell| unsafe { *cell = 7 });
        let finished = finish(self.word(), Outcome::Fulfilled, 1);
        if finished.waiters {
            self.table.wake_all(ADDRESS);
        }
        if finished.last_reference {
            self.free();
        }
    }

    /// As in `wait.rs`; afterwards the awaiter lets go of the future.
    fn wait_and_let_go(&self) {
        while !state(self.word()).is_finished() {
            self.table.wait_for(ADDRESS, None, || announce_waiter(self.word()));
        }
        // SAFETY: loom checks it: finished, so no thread writes any more.
        assert_eq!(self.cell.with(|cell| unsafe { *cell }), 7);
        if self.word.release() {
            self.free();
        }
    }
}

/// The awaiter wakes up and sees the result, and the last holder frees the future, while the
/// finisher may still be about to wake. Then the same happens with the next future at the same
/// address, which the first finisher's wake-up may reach.
#[test]
fn finished_and_freed_at_once_and_the_address_used_again() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let table = Arc::new(WaitTable::new());
        let finishers = [(); 2].map(|()| {
            let subject = Subject::claimed(&table);
            let claimed = subject.clone();
            let finisher = thread::spawn(move || claimed.finish());
            subject.wait_and_let_go();
            (subject, finisher)
        });
        for (subject, finisher) in finishers {
            finisher.join().unwrap();
            // SAFETY: all are done with it.
            assert_eq!(subject.memory.with(|freed| unsafe { *freed }), 1, "freed once");
        }
    });
}

/// A worker and an awaiter race for a queued future that only they hold: it is run once, and freed
/// once, by the one that gives the last reference back.
#[test]
fn claimed_by_the_queue_or_by_an_awaiter_and_freed_once() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let table = Arc::new(WaitTable::new());
        let (word, cell) = (CountedWord::new(0), UnsafeCell::new(0));
        assert!(enqueue(&word, Queue::Pool));
        let memory = UnsafeCell::new(0);
        let subject = Arc::new(Subject { word, cell, memory, table });
        let queue = {
            let subject = subject.clone();
            thread::spawn(move || match claim(subject.word()) {
                Some(_) => subject.finish(),
                // The entry was stale; its reference is given back.
                None if subject.word.release() => subject.free(),
                None => {}
            })
        };
        if claim(subject.word()).is_some() {
            // SAFETY: loom checks it: the claim makes the cell the claimant's.
            subject.cell.with_mut(|cell| unsafe { *cell = 7 });
            let finished = finish(subject.word(), Outcome::Fulfilled, 0);
            assert!(!finished.waiters && !finished.last_reference);
        }
        subject.wait_and_let_go();
        queue.join().unwrap();
        // SAFETY: both are done with it.
        assert_eq!(subject.memory.with(|freed| unsafe { *freed }), 1, "freed once");
    });
}

/// Its maker reads the state and lets go while the body runs: the last holder frees it, after the
/// other's last access.
#[test]
fn forgotten_while_it_runs() {
    loom::model(|| {
        let subject = Subject::claimed(&Arc::new(WaitTable::new()));
        let claimed = subject.clone();
        let finisher = thread::spawn(move || claimed.finish());
        // Any result is right.
        let _ = state(subject.word());
        if subject.word.release() {
            subject.free();
        }
        finisher.join().unwrap();
        // SAFETY: both are done with it.
        assert_eq!(subject.memory.with(|freed| unsafe { *freed }), 1, "freed once");
    });
}
