//! Loom models of a file's states: every interleaving of a few threads on one file.

use super::*;
use crate::registry::{Handle, Registry, Slab};
use crate::sync::atomic::AtomicUsize;
use crate::sync::{Arc, UnsafeCell, thread};

const KEY: usize = 16;

struct File {
    loads: AtomicUsize,
    outcome: UnsafeCell<Option<u32>>,
}

// SAFETY: the model checks it: the outcome is written before, and read after, the end of the load.
unsafe impl Sync for File {}

struct Shared {
    files: Slab<File>,
    table: WaitTable,
}

impl Shared {
    fn new() -> (Arc<Self>, Handle) {
        let files = Slab::new();
        let file = File { loads: AtomicUsize::new(0), outcome: UnsafeCell::new(None) };
        let handle = files.insert(file).unwrap();
        (Arc::new(Self { files, table: WaitTable::new() }), handle)
    }

    fn load(&self, file: &SlabGuard<'_, File>) -> bool {
        let claimed = claim(file);
        if claimed {
            self.load_claimed(file);
        }
        claimed
    }

    fn load_claimed(&self, file: &SlabGuard<'_, File>) {
        file.loads.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the model checks it.
        file.outcome.with_mut(|outcome| unsafe { *outcome = Some(7) });
        self.wake(finish(file, Outcome::Ready));
    }

    /// Handles an entry of the queue as a loader does.
    fn load_queued(&self, handle: Handle) {
        if let Some(file) = self.files.get(handle) {
            self.load(&file);
        }
    }

    fn wait(&self, handle: Handle) -> Option<u32> {
        let file = self.files.get(handle)?;
        if !self.load(&file) {
            wait(&file, &self.table, KEY);
        }
        self.outcome(&file)
    }

    /// Same as `wait`, for a file that may belong to the parent.
    fn wait_in_child(&self, handle: Handle, owner: &AtomicU32, process: u32) -> Option<u32> {
        let file = self.files.get(handle)?;
        if adopt(&file, owner, process) {
            self.load_claimed(&file);
        } else if !self.load(&file) {
            wait(&file, &self.table, KEY);
        }
        self.outcome(&file)
    }

    fn outcome(&self, file: &SlabGuard<'_, File>) -> Option<u32> {
        assert!(file.loads.load(Ordering::Relaxed) <= 1);
        let finished = file.entry_state().state & STATE == READY;
        // SAFETY: the model checks it.
        finished.then(|| file.outcome.with(|outcome| unsafe { *outcome }.unwrap()))
    }

    fn close(&self, handle: Handle) -> bool {
        let state = self.files.take(handle);
        if let Some(state) = state {
            self.wake(sleepers(state));
        }
        state.is_some()
    }

    fn wake(&self, sleepers: Sleepers) {
        if sleepers == Sleepers::Maybe {
            self.table.wake_all(KEY);
        }
    }
}

/// A queued file, a loader and two waiters: it is loaded once and all see the bytes.
#[test]
fn loaded_once_and_seen_by_all() {
    loom::model(|| {
        let (shared, handle) = Shared::new();
        assert!(enqueue(&shared.files.get(handle).unwrap()));
        let loader = {
            let shared = shared.clone();
            thread::spawn(move || shared.load_queued(handle))
        };
        assert_eq!(shared.wait(handle), Some(7));
        loader.join().unwrap();
        assert_eq!(shared.wait(handle), Some(7));
        assert_eq!(shared.files.get(handle).unwrap().loads.load(Ordering::Relaxed), 1);
    });
}

/// A file is closed while one thread loads it and another waits: nobody sleeps forever, and the
/// bytes are dropped after both have released them.
#[test]
fn closing_ends_a_wait() {
    // Three threads with a lock between them: all interleavings would take hours, those with this
    // number of preemptions take seconds.
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let (shared, handle) = Shared::new();
        assert!(enqueue(&shared.files.get(handle).unwrap()));
        let loader = {
            let shared = shared.clone();
            thread::spawn(move || shared.load_queued(handle))
        };
        let waiter = {
            let shared = shared.clone();
            thread::spawn(move || shared.wait(handle))
        };
        assert!(shared.close(handle));
        assert!(matches!(waiter.join().unwrap(), None | Some(7)));
        loader.join().unwrap();
        assert!(shared.files.get(handle).is_none());
        assert!(!shared.close(handle));
    });
}

/// A loader that never finishes does not keep a waiter of a closed file.
#[test]
fn closing_wakes_a_waiter_of_an_unfinished_load() {
    loom::model(|| {
        let (shared, handle) = Shared::new();
        let stuck = shared.files.get(handle).unwrap();
        assert!(claim(&stuck));
        let waiter = {
            let shared = shared.clone();
            thread::spawn(move || shared.wait(handle))
        };
        assert!(shared.close(handle));
        assert_eq!(waiter.join().unwrap(), None);
        drop(stuck);
    });
}

/// Two starts queue a file once.
#[test]
fn queued_once() {
    loom::model(|| {
        let (shared, handle) = Shared::new();
        let other = {
            let shared = shared.clone();
            thread::spawn(move || enqueue(&shared.files.get(handle).unwrap()))
        };
        let ours = enqueue(&shared.files.get(handle).unwrap());
        assert!(ours != other.join().unwrap());
    });
}

/// In a child, a file that a thread of the parent was loading, was about to load, or had not begun
/// to load: of two concurrent threads, one loads it.
#[test]
fn what_a_fork_left_behind_is_loaded_once() {
    const CHILD: u32 = 1;
    for left_behind in [PENDING, QUEUED, LOADING] {
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(3);
        model.check(move || {
            let (shared, handle) = Shared::new();
            {
                let file = shared.files.get(handle).unwrap();
                assert!(left_behind != QUEUED || enqueue(&file));
                assert!(left_behind != LOADING || claim(&file));
            }
            let owner = Arc::new(AtomicU32::new(0));
            let other = {
                let (shared, owner) = (shared.clone(), owner.clone());
                thread::spawn(move || shared.wait_in_child(handle, &owner, CHILD))
            };
            assert_eq!(shared.wait_in_child(handle, &owner, CHILD), Some(7));
            assert_eq!(other.join().unwrap(), Some(7));
            assert_eq!(shared.files.get(handle).unwrap().loads.load(Ordering::Relaxed), 1);
        });
    }
}
