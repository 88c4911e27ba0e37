//! Jobs in order, in a chain of blocks: a queue with two ends, at which two threads may work at the
//! same time, one at each.
//!
//! Places are numbered without end, `BLOCK` of them per block. A thread that adds a job writes it,
//! and then publishes the number of all jobs ever added (Release). A thread that takes jobs reads
//! that number first (Acquire). The thread that adds the first job to a block links the block to
//! the one before it, before that job is published. The taking end leaves a block once a job in the
//! next one is published. By then the adding end has left it as well, so the block can be freed or
//! reused.

use super::job::Job;
use crate::sync::UnsafeCell;
use crate::sync::atomic::{AtomicPtr, Ordering};
use crate::sync::counted::try_box;
use std::ptr;

/// Jobs per block; four kilobytes.
const BLOCK: usize = if cfg!(loom) { 2 } else { 256 };

pub(super) const NO_JOB: Job = Job { code: 0, data: 0 };

/// There is no memory for another job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoRoom;

struct Block {
    jobs: [UnsafeCell<Job>; BLOCK],
    next: AtomicPtr<Block>,
}

impl Block {
    /// Returns `None` without memory.
    fn new() -> Option<Box<Self>> {
        try_box(Self {
            jobs: std::array::from_fn(|_| UnsafeCell::new(NO_JOB)),
            next: AtomicPtr::new(ptr::null_mut()),
        })
        .ok()
    }
}

/// State that both ends of a chain share.
pub(super) struct Links {
    /// Null before the first job.
    first: AtomicPtr<Block>,
    /// Saves an allocation where blocks come and go.
    spare: AtomicPtr<Block>,
}

/// The end at which jobs are added. Never dropped while the chain has blocks: they would leak.
pub(super) struct Tail {
    /// Jobs ever added.
    added: u64,
    /// The last block.
    block: *mut Block,
}

/// The end at which jobs are taken.
pub(super) struct Head {
    /// Jobs ever taken.
    taken: u64,
    /// The first block, or an emptied one before it.
    block: *mut Block,
}

// SAFETY: the blocks belong to the chain, whose rules (see above) hold for any threads.
unsafe impl Send for Tail {}
// SAFETY: as above.
unsafe impl Send for Head {}

impl Links {
    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        Self { first: AtomicPtr::new(ptr::null_mut()), spare: AtomicPtr::new(ptr::null_mut()) }
    }

    #[cfg(loom)]
    pub(super) fn new() -> Self {
        Self { first: AtomicPtr::new(ptr::null_mut()), spare: AtomicPtr::new(ptr::null_mut()) }
    }

    fn empty_block(&self) -> Option<*mut Block> {
        let spare = self.spare.swap(ptr::null_mut(), Ordering::Acquire);
        if spare.is_null() {
            return Block::new().map(Box::into_raw);
        }
        // SAFETY: a spare block is in no chain, and the thread that takes it out has it alone.
        unsafe { (*spare).next.store(ptr::null_mut(), Ordering::Relaxed) };
        Some(spare)
    }

    /// Makes sure that there is a spare block. While there is one, jobs can be taken and added again
    /// one by one: each block's worth of jobs taken leaves another.
    #[cold]
    pub(super) fn make_spare(&self) -> Result<(), NoRoom> {
        let block = self.empty_block().ok_or(NoRoom)?;
        self.keep_or_free(block);
        Ok(())
    }

    fn keep_or_free(&self, block: *mut Block) {
        let spare = self.spare.swap(block, Ordering::AcqRel);
        if !spare.is_null() {
            // SAFETY: from a box, and as in `empty_block`.
            drop(unsafe { Box::from_raw(spare) });
        }
    }
}

impl Tail {
    pub(super) const fn new() -> Self {
        Self { added: 0, block: ptr::null_mut() }
    }

    pub(super) fn added(&self) -> u64 {
        self.added
    }

    /// Writes a job; the caller publishes [`added`](Self::added).
    #[inline(always)]
    pub(super) fn add(&mut self, job: Job, links: &Links) -> Result<(), NoRoom> {
        let place = self.added as usize % BLOCK;
        if place == 0 {
            self.add_block(links)?;
        }
        // SAFETY: the last block stays until a job in the next is published; no other thread adds,
        // and none reads this place before it is published.
        unsafe { (*self.block).jobs[place].with_mut(|place| place.write(job)) };
        self.added += 1;
        Ok(())
    }

    #[cold]
    fn add_block(&mut self, links: &Links) -> Result<(), NoRoom> {
        let block = links.empty_block().ok_or(NoRoom)?;
        let link = if self.block.is_null() {
            &links.first
        } else {
            // SAFETY: as in `add`.
            unsafe { &(*self.block).next }
        };
        link.store(block, Ordering::Release);
        self.block = block;
        Ok(())
    }
}

impl Head {
    pub(super) const fn new() -> Self {
        Self { taken: 0, block: ptr::null_mut() }
    }

    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// Takes the oldest of the `added` published jobs into `jobs`: as many as it holds, or those
    /// left in the first block. Returns their number; the caller publishes [`taken`](Self::taken).
    #[inline(always)]
    pub(super) fn take(&mut self, jobs: &mut [Job], added: u64, links: &Links) -> usize {
        let left = (added - self.taken) as usize;
        if left == 0 || jobs.is_empty() {
            return 0;
        }
        let first = self.taken as usize % BLOCK;
        if first == 0 {
            self.leave_block(links);
        }
        let count = jobs.len().min(left).min(BLOCK - first);
        for (place, job) in (first..first + count).zip(jobs) {
            // SAFETY: the block stays until it is left, in here; no thread writes published places.
            *job = unsafe { (*self.block).jobs[place].with(|place| place.read()) };
        }
        self.taken += count as u64;
        count
    }

    /// Moves on to the next block, in which a job is published.
    #[cold]
    fn leave_block(&mut self, links: &Links) {
        let emptied = self.block;
        if emptied.is_null() {
            self.block = links.first.load(Ordering::Acquire);
            return;
        }
        // SAFETY: as in `take`.
        self.block = unsafe { (*emptied).next.load(Ordering::Acquire) };
        links.keep_or_free(emptied);
    }
}
