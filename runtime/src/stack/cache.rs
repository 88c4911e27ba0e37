//! Idle pieces of one thread, which make it cheap to run on a thread with little stack.

use super::piece::Idle;
use super::pool;
use crate::executor::local::Local;
use std::cell::Cell;

/// Pieces kept. Others go to the other threads.
const MOST: u32 = 4;

/// Part of each thread's state.
pub(crate) struct Cache {
    first: Cell<Option<Idle>>,
    count: Cell<u32>,
}

impl Cache {
    pub(crate) const fn new() -> Self {
        Self { first: Cell::new(None), count: Cell::new(0) }
    }

    #[inline]
    pub(super) fn take(&self) -> Option<Idle> {
        let first = self.first.take()?;
        self.first.set(first.take_next());
        self.count.set(self.count.get() - 1);
        Some(first)
    }

    /// Keeps a piece until the thread ends, if its end will be noticed. `local` contains this
    /// cache.
    #[inline]
    pub(super) fn put(&self, piece: Idle, local: &Local) {
        if self.count.get() == MOST || !local.watch_end() {
            return pool::put(piece);
        }
        piece.trim_sometimes();
        piece.set_next(self.first.take());
        self.first.set(Some(piece));
        self.count.set(self.count.get() + 1);
    }

    /// Gives all pieces away: the thread ends, or may do so soon.
    pub(crate) fn clear(&self) {
        while let Some(piece) = self.take() {
            pool::put(piece);
        }
    }
}
