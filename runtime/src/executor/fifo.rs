//! Jobs in order, in blocks: a queue that grows without moving what it holds, and gives memory
//! back as it empties.

use super::job::Job;
use std::collections::VecDeque;

/// Jobs of a block; four kilobytes.
const BLOCK: usize = 256;

type Block = [Job; BLOCK];

/// First in, first out. One thread at a time. What each call needs comes first.
#[repr(C)]
pub(super) struct Fifo {
    /// Place behind the newest in the last block.
    tail: usize,
    last: Option<Box<Block>>,
    len: usize,
    /// Place of the oldest in the first block.
    head: usize,
    /// In front of the last block, all full, but for those taken from the first.
    full: VecDeque<Box<Block>>,
    /// Saves an allocation where blocks come and go.
    spare: Option<Box<Block>>,
}

impl Fifo {
    pub(super) const fn new() -> Self {
        Self { full: VecDeque::new(), last: None, head: 0, tail: 0, len: 0, spare: None }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(super) fn push(&mut self, job: Job) {
        let last = match &mut self.last {
            Some(last) => last,
            none => none.insert(empty_block()),
        };
        last[self.tail] = job;
        self.tail += 1;
        self.len += 1;
        if self.tail == BLOCK {
            self.add_block();
        }
    }

    /// The oldest ones, in order: all, or those of the first block.
    #[inline]
    pub(super) fn oldest(&self) -> &[Job] {
        match (self.full.front(), &self.last) {
            (Some(first), _) => &first[self.head..],
            (None, Some(last)) => &last[self.head..self.tail],
            (None, None) => &[],
        }
    }

    /// Removes so many of [`oldest`](Self::oldest).
    #[inline]
    pub(super) fn remove_oldest(&mut self, count: usize) {
        self.head += count;
        self.len -= count;
        if self.head == BLOCK {
            self.remove_block();
        } else if self.len == 0 {
            // The block is begun anew, while it is warm.
            (self.head, self.tail) = (0, 0);
        }
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<Job> {
        let job = *self.oldest().first()?;
        self.remove_oldest(1);
        Some(job)
    }

    /// Takes out those that are not `wanted`, in order; the others keep theirs.
    pub(super) fn take_unwanted(&mut self, wanted: impl Fn(Job) -> bool) -> Vec<Job> {
        let mut unwanted = Vec::new();
        for _ in 0..self.len {
            let Some(job) = self.pop() else { break };
            if wanted(job) {
                self.push(job);
            } else {
                unwanted.push(job);
            }
        }
        unwanted
    }

    #[cold]
    fn add_block(&mut self) {
        let next = self.spare.take().unwrap_or_else(empty_block);
        self.full.extend(self.last.replace(next));
        self.tail = 0;
    }

    #[cold]
    fn remove_block(&mut self) {
        // A last block is never full.
        self.spare = self.full.pop_front();
        self.head = 0;
    }
}

#[cold]
fn empty_block() -> Box<Block> {
    Box::new([Job { code: 0, data: 0 }; BLOCK])
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn job(n: usize) -> Job {
        Job { code: 1, data: n as u64 }
    }

    fn numbers(fifo: &mut Fifo) -> Vec<u64> {
        std::iter::from_fn(|| fifo.pop()).map(|job| job.data).collect()
    }

    /// Against the standard library's, at all lengths around the ends of blocks.
    #[test]
    fn first_in_first_out() {
        let (mut fifo, mut model) = (Fifo::new(), VecDeque::new());
        for n in 0..20 * BLOCK {
            fifo.push(job(n));
            model.push_back(job(n));
            // Two steps forward and one back; now and then empty.
            let taken = if n % (3 * BLOCK) == 0 { model.len() } else { n % 2 };
            for _ in 0..taken {
                assert_eq!(fifo.pop(), model.pop_front());
            }
            assert_eq!(fifo.len(), model.len());
        }
        assert_eq!(numbers(&mut fifo), model.iter().map(|job| job.data).collect::<Vec<_>>());
        assert_eq!(fifo.pop(), None);
    }

    #[test]
    fn what_is_unwanted_leaves_the_others_in_order() {
        for len in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 3] {
            let mut fifo = Fifo::new();
            (0..len).for_each(|n| fifo.push(job(n)));
            let unwanted = fifo.take_unwanted(|job| job.data % 3 == 0);
            assert!(unwanted.iter().all(|job| job.data % 3 != 0));
            assert_eq!(unwanted.len() + fifo.len(), len);
            let wanted: Vec<_> = (0..len as u64).filter(|n| n % 3 == 0).collect();
            assert_eq!(numbers(&mut fifo), wanted);
        }
    }

    #[test]
    fn blocks_are_given_back() {
        let mut fifo = Fifo::new();
        (0..100 * BLOCK).for_each(|n| fifo.push(job(n)));
        numbers(&mut fifo);
        assert!(fifo.full.is_empty());
    }
}
