//! Idle pieces of the whole process.

use super::piece::Idle;
use crate::sync::fork::PerProcess;
use crate::sync::{CachePadded, Lock};

/// Pieces kept. Others are given back to the system (except for those that several threads bring at
/// the same time).
const MOST: usize = 32;

struct Pool {
    first: Option<Idle>,
    count: usize,
}

static POOL: PerProcess<CachePadded<Lock<Pool>>> = PerProcess::new(empty(), empty);

const fn empty() -> CachePadded<Lock<Pool>> {
    CachePadded(Lock::new(Pool { first: None, count: 0 }))
}

/// Returns an idle piece, or a new one if the system has the memory.
#[cold]
pub(super) fn take() -> Option<Idle> {
    let mut pool = POOL.get().lock();
    let Some(first) = pool.first.take() else {
        drop(pool);
        return Idle::new();
    };
    pool.first = first.take_next();
    pool.count -= 1;
    Some(first)
}

/// Keeps an idle piece, or gives it back to the system.
#[cold]
pub(super) fn put(piece: Idle) {
    let pool = || POOL.get().lock();
    // Outside the lock: it may take long.
    if pool().count >= MOST {
        return piece.unmap();
    }
    piece.trim();
    let mut pool = pool();
    piece.set_next(pool.first.take());
    pool.first = Some(piece);
    pool.count += 1;
}
