//! Vacant slots: stacks linked through the slots themselves, one per group of threads.
//!
//! A stack is R. K. Treiber's (1986), its head one word: the index + 1 of the top slot, and
//! a tag that every push changes. A pop reads the top's link and then swaps the head; should
//! the top have been popped meanwhile, its link is of no use, but then it can be the top
//! again only after a push, so with another tag, and the swap fails. (The tag wraps after
//! 2^32 pushes on one stack: a popper would have to sleep through exactly that many.)
//! Reading the link of a slot that is no longer free is sound, slots being never freed.

use super::chunks::Chunks;
use crate::sync::CachePadded;
use crate::sync::atomic::{AtomicU64, Ordering};

/// Threads beyond this number share stacks.
const STACKS: usize = if cfg!(loom) { 1 } else { 16 };
const TOP: u64 = u32::MAX as u64;
const TAG_STEP: u64 = 1 << 32;

/// Slots linked through `next`, owned by the caller, first to last.
#[derive(Clone, Copy)]
pub(super) struct Chain {
    pub(super) first: u32,
    pub(super) last: u32,
}

pub(super) struct FreeList {
    stacks: [CachePadded<AtomicU64>; STACKS],
}

impl FreeList {
    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        Self { stacks: [const { CachePadded(AtomicU64::new(0)) }; STACKS] }
    }

    #[cfg(loom)]
    pub(super) fn new() -> Self {
        Self { stacks: std::array::from_fn(|_| CachePadded(AtomicU64::new(0))) }
    }

    /// Gives slots back; they go to the calling thread's stack.
    #[inline]
    pub(super) fn push<T>(&self, chunks: &Chunks<T>, chain: Chain) {
        let stack = &self.stacks[own_stack()];
        let last = chunks.slot(chain.last).expect("a slot that was in use exists");
        let mut head = stack.load(Ordering::Relaxed);
        loop {
            last.next.store(head as u32, Ordering::Relaxed);
            let pushed = (head & !TOP).wrapping_add(TAG_STEP) | (u64::from(chain.first) + 1);
            match stack.compare_exchange_weak(head, pushed, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(seen) => head = seen,
            }
        }
    }

    /// Takes a slot of the calling thread's stack or, that being empty, all slots of
    /// another thread's: who inserts what others remove does not grow the slab.
    #[inline]
    pub(super) fn pop<T>(&self, chunks: &Chunks<T>) -> Option<u32> {
        let own = own_stack();
        pop_one(&self.stacks[own], chunks).or_else(|| self.steal(own, chunks))
    }

    #[cold]
    fn steal<T>(&self, own: usize, chunks: &Chunks<T>) -> Option<u32> {
        for victim in (1..STACKS).map(|step| &self.stacks[(own + step) % STACKS]) {
            if victim.load(Ordering::Relaxed) & TOP == 0 {
                continue;
            }
            let taken = victim.fetch_and(!TOP, Ordering::Acquire) & TOP;
            let Some(first) = index_of(taken) else { continue };
            if let Some(rest) = index_of(link(chunks, first)) {
                self.push_rest(own, chunks, rest);
            }
            return Some(first);
        }
        None
    }

    /// Makes the stolen slots from `first` on the calling thread's stack.
    fn push_rest<T>(&self, own: usize, chunks: &Chunks<T>, first: u32) {
        let stack = &self.stacks[own];
        let head = stack.load(Ordering::Relaxed);
        let whole = head.wrapping_add(TAG_STEP) | (u64::from(first) + 1);
        // An empty stack takes the chain as it is; otherwise its end must be found.
        if head & TOP == 0
            && stack.compare_exchange(head, whole, Ordering::Release, Ordering::Relaxed).is_ok()
        {
            return;
        }
        let mut last = first;
        while let Some(next) = index_of(link(chunks, last)) {
            last = next;
        }
        self.push(chunks, Chain { first, last });
    }
}

#[inline]
fn pop_one<T>(stack: &AtomicU64, chunks: &Chunks<T>) -> Option<u32> {
    let mut head = stack.load(Ordering::Acquire);
    loop {
        let top = index_of(head & TOP)?;
        let popped = head & !TOP | link(chunks, top);
        match stack.compare_exchange_weak(head, popped, Ordering::Acquire, Ordering::Acquire) {
            Ok(_) => return Some(top),
            Err(seen) => head = seen,
        }
    }
}

#[inline]
fn link<T>(chunks: &Chunks<T>, index: u32) -> u64 {
    let slot = chunks.slot(index).expect("a slot that was in a list exists");
    u64::from(slot.next.load(Ordering::Relaxed))
}

#[inline]
fn index_of(link: u64) -> Option<u32> {
    (link as u32).checked_sub(1)
}

/// The calling thread's stack: threads take turns in the order they first ask.
#[cfg(not(loom))]
#[inline]
fn own_stack() -> usize {
    use crate::sync::atomic::AtomicUsize;
    use std::cell::Cell;
    const UNSET: usize = usize::MAX;
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static OWN: Cell<usize> = const { Cell::new(UNSET) };
    }
    OWN.with(|own| {
        if own.get() == UNSET {
            own.set(NEXT.fetch_add(1, Ordering::Relaxed) % STACKS);
        }
        own.get() % STACKS
    })
}

#[cfg(loom)]
fn own_stack() -> usize {
    0
}
