//! Sleeping until something at an address is done: a small parking lot.
//!
//! A waiter that finds its subject unfinished enters itself under the subject's address and sleeps.
//! The thread that finishes the subject wakes all waiters entered under that address. The subject
//! stores only one WAITERS bit, and no system call is made unless that bit was set, which keeps
//! finishing cheap when no thread waits.
//!
//! # Protocol
//!
//! * waiter: locks the address's shard, calls `announce` (which sets the subject's WAITERS bit and
//!   returns true if the subject is still unfinished), enters itself, unlocks, sleeps;
//! * finisher: one atomic exchange finishes the subject and shows the WAITERS bit; if it
//!   was set, locks the shard, takes out all entries of the address, unlocks, wakes them.
//!
//! No wake-up is lost: the bit is set under the shard's lock and the entry is made before that lock
//! is released. A finisher that sees the bit must take the lock after the waiter, and finds the
//! entry. A finisher that does not see it came first in the bit's modification order, so `announce`
//! returns false and the waiter never sleeps.
//!
//! The finisher touches the subject for the last time in its exchange. After that the address is
//! only a key, so the waiter may free the subject at once. A wake-up meant for an earlier subject
//! at the same address is possible, and harmless: waiters check again.

use super::parker::Parker;
use super::{CachePadded, Counted, Lock, thread};
use std::time::Instant;

const SHARDS: usize = if cfg!(loom) { 1 } else { 64 };

/// Entries that an empty shard keeps room for; more room, taken by a crowd, is given back.
const ROOM_KEPT: usize = 64;

/// The way a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    /// A finisher took this waiter out of the table (for one of its subjects, or for an earlier
    /// subject at the same address: check again).
    Notified,
    /// The deadline passed first.
    TimedOut,
    /// A subject was finished before the waiter slept, or there was no memory to sleep: check again.
    Already,
}

/// A thread's single wait.
#[derive(Debug)]
pub(crate) struct Waiter(Parker);

impl Waiter {
    /// Returns `None` without memory.
    pub(crate) fn try_new() -> Option<Counted<Self>> {
        Counted::try_new(Self(Parker::new()))
    }

    /// Ends this waiter's wait from outside the table.
    pub(crate) fn notify(&self) {
        self.0.call();
    }
}

struct Entry {
    key: usize,
    waiter: Counted<Waiter>,
}

/// The table. Each kind of subject has its own, one per process: a child's table must not hold its
/// parent's sleepers.
pub(crate) struct WaitTable {
    shards: [CachePadded<Lock<Vec<Entry>>>; SHARDS],
}

impl WaitTable {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        Self { shards: [const { CachePadded(Lock::new(Vec::new())) }; SHARDS] }
    }

    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        Self { shards: std::array::from_fn(|_| CachePadded(Lock::new(Vec::new()))) }
    }

    /// Sleeps until the subject `key` is finished, or `deadline` passes; see [`wait`](Self::wait).
    pub(crate) fn wait_for(
        &self,
        key: usize,
        deadline: Option<Instant>,
        mut announce: impl FnMut() -> bool,
    ) -> Woken {
        match Waiter::try_new() {
            Some(waiter) => self.wait(&waiter, &[key], deadline, |_| announce()),
            None => without_memory(),
        }
    }

    /// Sleeps until one of the subjects `keys` is finished, `waiter` is notified, or
    /// `deadline` passes.
    ///
    /// `announce(i)` sets the WAITERS bit of subject `i` and returns true if it is still
    /// unfinished. It runs under a shard's lock and must neither block nor wake.
    pub(crate) fn wait(
        &self,
        waiter: &Counted<Waiter>,
        keys: &[usize],
        deadline: Option<Instant>,
        mut announce: impl FnMut(usize) -> bool,
    ) -> Woken {
        for (i, &key) in keys.iter().enumerate() {
            let mut entries = self.shard(key).lock();
            if !announce(i) {
                drop(entries);
                self.forget(waiter, &keys[..i]);
                return Woken::Already;
            }
            if entries.try_reserve(1).is_err() {
                drop(entries);
                self.forget(waiter, &keys[..i]);
                return without_memory();
            }
            entries.push(Entry { key, waiter: waiter.clone() });
        }
        let woken = if waiter.0.sleep(deadline) { Woken::Notified } else { Woken::TimedOut };
        // Entries under other keys (in a race), or under all (after a time-out or a notification
        // from outside the table), would otherwise stay: one lock, after a sleep.
        self.forget(waiter, keys);
        woken
    }

    /// Wakes all threads that wait for the subject at `key`. Returns true if there were any. Cheap
    /// only in comparison with a system call: call it only if the WAITERS bit was set.
    #[cold]
    pub(crate) fn wake_all(&self, key: usize) -> bool {
        let (mut woken, mut has_woken) = (Vec::new(), false);
        {
            let mut entries = self.shard(key).lock();
            let mut i = 0;
            while i < entries.len() {
                if entries[i].key == key {
                    has_woken = true;
                    let waiter = entries.swap_remove(i).waiter;
                    if woken.try_reserve(1).is_ok() {
                        woken.push(waiter);
                    } else {
                        // It would better come up after the lock is free.
                        waiter.notify();
                    }
                } else {
                    i += 1;
                }
            }
            give_room_back(&mut entries);
        }
        for waiter in &woken {
            waiter.notify();
        }
        has_woken
    }

    fn forget(&self, waiter: &Counted<Waiter>, keys: &[usize]) {
        for &key in keys {
            let mut entries = self.shard(key).lock();
            entries.retain(|e| !(e.key == key && e.waiter.is_same(waiter)));
            give_room_back(&mut entries);
        }
    }

    fn shard(&self, key: usize) -> &Lock<Vec<Entry>> {
        // Heap objects are 16-byte aligned; a multiplicative hash spreads the remaining bits.
        let hash = (key >> 4).wrapping_mul(0x9E37_79B9_7F4A_7C15_u64 as usize);
        &self.shards[(hash >> 32) % SHARDS]
    }
}

/// Ends a wait for which there is no memory: the caller checks again.
#[cold]
fn without_memory() -> Woken {
    thread::yield_now();
    Woken::Already
}

fn give_room_back(entries: &mut Vec<Entry>) {
    if entries.is_empty() && entries.capacity() > ROOM_KEPT {
        *entries = Vec::new();
    }
}

#[cfg(all(test, loom))]
mod model {
    use super::super::atomic::{AtomicU32, Ordering};
    use super::super::{Arc, thread};
    use super::{WaitTable, Woken};

    const DONE: u32 = 1;
    const WAITERS: u32 = 2;

    /// Some waiters and one finisher: every waiter that announced itself in time is woken.
    fn check(waiters: usize, preemption_bound: Option<usize>) {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = preemption_bound;
        builder.check(move || {
            let shared = Arc::new((WaitTable::new(), AtomicU32::new(0)));
            let others: Vec<_> = (1..waiters)
                .map(|_| {
                    let shared = shared.clone();
                    thread::spawn(move || wait(&shared))
                })
                .collect();
            let finisher = {
                let shared = shared.clone();
                thread::spawn(move || {
                    if shared.1.fetch_or(DONE, Ordering::AcqRel) & WAITERS != 0 {
                        shared.0.wake_all(16);
                    }
                })
            };
            wait(&shared);
            for thread in others.into_iter().chain([finisher]) {
                thread.join().unwrap();
            }
        });
    }

    fn wait(shared: &(WaitTable, AtomicU32)) {
        while shared.1.load(Ordering::Acquire) & DONE == 0 {
            let woken = shared
                .0
                .wait_for(16, None, || shared.1.fetch_or(WAITERS, Ordering::AcqRel) & DONE == 0);
            assert_ne!(woken, Woken::TimedOut);
        }
    }

    #[test]
    fn no_wake_up_is_lost() {
        check(1, None);
    }

    #[test]
    fn no_wake_up_of_two_is_lost() {
        check(2, Some(3));
    }
}
