//! Vacant slots: stacks linked through the slots themselves, one per group of threads.
//!
//! A stack is R. K. Treiber's (1986). Its head is one word: the index + 1 of the top slot, and a
//! tag that every push changes. A pop reads the top's link and then swaps the head. If the top was
//! popped meanwhile, its link is useless. But then it can be the top again only after a push, so
//! with another tag, and the swap fails. (The tag wraps after 2^32 pushes on one stack: a pop would
//! have to be suspended for exactly that number.) Reading the link of a slot that is no longer free
//! is sound, because slots are never freed.

use super::chunks::Chunks;
use crate::sync::CachePadded;
use crate::sync::atomic::{AtomicU64, Ordering};

/// Number of stacks. More threads than this share stacks.
const STACKS: usize = if cfg!(loom) { 2 } else { 16 };
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

    /// Takes a slot of the calling thread's stack. If that is empty, takes all slots of another
    /// thread's stack, so the slab does not grow when one thread inserts and another removes.
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

    /// Moves the stolen slots from `first` on to the calling thread's stack.
    fn push_rest<T>(&self, own: usize, chunks: &Chunks<T>, first: u32) {
        let stack = &self.stacks[own];
        let head = stack.load(Ordering::Relaxed);
        let whole = head.wrapping_add(TAG_STEP) | (u64::from(first) + 1);
        // An empty stack takes the chain unchanged; otherwise its end must be found.
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

/// Returns the calling thread's stack: threads are assigned in turn, in the order of their first
/// call.
#[cfg(not(loom))]
#[inline]
fn own_stack() -> usize {
    use crate::sync::atomic::AtomicUsize;
    use std::cell::Cell;
    const UNSET: usize = usize::MAX;
    static NEXT: CachePadded<AtomicUsize> = CachePadded(AtomicUsize::new(0));
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
use model::own_stack;

#[cfg(loom)]
mod model {
    use super::{Chain, FreeList};
    use crate::registry::slab::chunks::Chunks;
    use crate::sync::atomic::Ordering;
    use crate::sync::{Arc, thread};
    use std::cell::Cell;

    loom::thread_local! {
        /// The first stack, unless a model sets another: most models use one.
        static OWN: Cell<usize> = Cell::new(0);
    }

    pub(super) fn own_stack() -> usize {
        OWN.with(Cell::get)
    }

    fn use_stack(own: usize) {
        OWN.with(|stack| stack.set(own));
    }

    /// Four slots, some of which are on stacks.
    struct Shared {
        chunks: Chunks<()>,
        free: FreeList,
    }

    impl Shared {
        fn new() -> Arc<Self> {
            let shared = Self { chunks: Chunks::new(), free: FreeList::new() };
            assert!((0..4).all(|index| shared.chunks.ensure(index)));
            Arc::new(shared)
        }

        fn push(&self, index: u32) {
            self.free.push(&self.chunks, Chain { first: index, last: index });
        }

        fn pop(&self) -> Option<u32> {
            self.free.pop(&self.chunks)
        }

        /// Changes nothing, before a thread's loads. Loom looks for the places where a store might
        /// be put only until it meets a load, even one of the same thread (its issue 166), and
        /// would not try a push after another thread's load.
        fn touch(&self) {
            for stack in &self.free.stacks {
                stack.fetch_or(0, Ordering::Relaxed);
            }
        }

        /// Returns the slots left on all stacks, sorted.
        fn rest(&self) -> Vec<u32> {
            let mut rest: Vec<u32> = std::iter::from_fn(|| self.pop()).collect();
            rest.sort_unstable();
            rest
        }
    }

    /// A thread whose stack is empty takes all of another's while that one pops and pushes: each
    /// slot goes to one of them, and none is lost.
    #[test]
    fn what_is_stolen_is_nobody_elses() {
        loom::model(|| {
            let shared = Shared::new();
            use_stack(1);
            (0..3).for_each(|index| shared.push(index));
            let thief = {
                let shared = shared.clone();
                thread::spawn(move || shared.pop())
            };
            // Given back, the first is linked to another slot than before.
            let (first, second) = (shared.pop(), shared.pop());
            first.into_iter().for_each(|index| shared.push(index));
            let mut all: Vec<u32> = thief.join().unwrap().into_iter().chain(second).collect();
            all.extend(shared.rest());
            all.sort_unstable();
            assert_eq!(all, [0, 1, 2]);
        });
    }

    /// While a thread moves stolen slots to its own stack, another one with the same stack gives a
    /// slot back there, so that the end of the chain must be found.
    #[test]
    fn the_rest_is_brought_to_a_stack_in_use() {
        loom::model(|| {
            let shared = Shared::new();
            use_stack(1);
            (0..3).for_each(|index| shared.push(index));
            let other = {
                let shared = shared.clone();
                thread::spawn(move || {
                    shared.touch();
                    shared.push(3);
                })
            };
            use_stack(0);
            let stolen = shared.pop();
            other.join().unwrap();
            let mut all = shared.rest();
            all.extend(stolen);
            all.sort_unstable();
            assert_eq!(all, [0, 1, 2, 3]);
        });
    }

    /// Two thieves and one stack.
    #[test]
    fn two_thieves_share_a_stack() {
        loom::model(|| {
            let shared = Shared::new();
            use_stack(1);
            (0..2).for_each(|index| shared.push(index));
            use_stack(0);
            let other = {
                let shared = shared.clone();
                thread::spawn(move || shared.pop())
            };
            let mut all: Vec<u32> = shared.pop().into_iter().collect();
            all.extend(other.join().unwrap());
            all.extend(shared.rest());
            all.sort_unstable();
            assert_eq!(all, [0, 1]);
        });
    }
}
