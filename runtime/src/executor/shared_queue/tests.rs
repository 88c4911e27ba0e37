//! The shared queue against the standard library's, by one thread and by several.

use super::*;
use crate::sync::atomic::AtomicBool;
use std::collections::VecDeque;
use std::thread;

/// Jobs enough for several blocks of the chain.
const MANY: usize = 5_000;

fn job(n: usize) -> Job {
    Job { code: 1, data: n as u64 }
}

fn push(queue: &SharedQueue, n: usize) -> Length {
    let length = queue.push_before_fence(job(n));
    queue.wake_next();
    length
}

/// Adds [`MANY`] jobs, numbered from `first` on.
fn fill(queue: &SharedQueue, first: usize) {
    for n in first..first + MANY {
        let _ = push(queue, n);
    }
}

fn numbers(queue: &SharedQueue) -> Vec<u64> {
    std::iter::from_fn(|| queue.pop()).map(|job| job.data).collect()
}

/// Covers all lengths around the ends of blocks.
#[test]
fn first_in_first_out() {
    let (queue, mut model) = (SharedQueue::new(), VecDeque::new());
    for n in 0..MANY {
        let _ = push(&queue, n);
        model.push_back(job(n));
        // Two steps forward and one back; sometimes empty.
        let taken = if n % 768 == 0 { model.len() } else { n % 2 };
        for _ in 0..taken {
            assert_eq!(queue.pop(), model.pop_front());
        }
        assert_eq!(queue.len(), model.len());
    }
    assert_eq!(numbers(&queue), model.iter().map(|job| job.data).collect::<Vec<_>>());
    assert_eq!((queue.pop(), queue.is_empty()), (None, true));
}

#[test]
fn a_batch_is_the_older_half_in_order() {
    let (queue, batch) = (SharedQueue::new(), Batch::try_new().unwrap());
    fill(&queue, 0);
    let (mut next, mut left) = (0, MANY);
    while let Some(first) = queue.pop_batch(&batch) {
        let taken: Vec<_> =
            std::iter::once(first).chain(std::iter::from_fn(|| batch.pop())).collect();
        assert!(taken.len() <= left.div_ceil(2).min(BATCH), "{} of {left}", taken.len());
        assert!(taken.iter().zip(next..).all(|(&taken, n)| taken == job(n)));
        (next, left) = (next + taken.len(), left - taken.len());
        assert_eq!(queue.len(), left);
    }
    assert_eq!(left, 0);
}

#[test]
fn what_is_unwanted_leaves_the_others_in_order() {
    for len in [SHORT as usize - 1, SHORT as usize, MANY] {
        let queue = SharedQueue::new();
        let lengths: Vec<_> = (0..len).map(|n| push(&queue, n)).collect();
        let is_long = |n: usize| n + 1 >= SHORT as usize;
        assert!((0..len).all(|n| (lengths[n] == Length::Long) == is_long(n)));
        let unwanted = queue.take_unwanted(|job| job.data % 3 == 0);
        assert!(unwanted.iter().all(|job| job.data % 3 != 0));
        assert_eq!(unwanted.is_empty(), len < SHORT as usize, "too short to be looked through");
        assert_eq!(unwanted.len() + queue.len(), len);
        let wanted: Vec<_> =
            (0..len as u64).filter(|n| len < SHORT as usize || n % 3 == 0).collect();
        assert_eq!(numbers(&queue), wanted);
    }
}

/// A queue that was long and is short again is scanned before it is as long as before.
#[test]
fn what_may_be_stale_follows_the_length() {
    let queue = SharedQueue::new();
    fill(&queue, 0);
    assert!(queue.take_unwanted(|_| true).is_empty());
    assert_eq!(push(&queue, 0), Length::Usual, "just looked through");
    numbers(&queue);
    let first_long = (1..).find(|&n| push(&queue, n) == Length::Long);
    assert_eq!(first_long, Some(SHORT as usize));
}

/// Every job is taken once, and each thread's jobs in the order in which it added them.
#[test]
fn several_threads_add_and_take() {
    const ADDERS: usize = 3;
    static QUEUE: SharedQueue = SharedQueue::new();
    static ALL_ADDED: AtomicBool = AtomicBool::new(false);
    let take = || {
        let (mut seen, batch) = (Vec::new(), Batch::try_new().unwrap());
        loop {
            let may_end = ALL_ADDED.load(Ordering::Acquire);
            match QUEUE.pop_batch(&batch) {
                Some(first) => seen.push(first.data),
                None if may_end => return seen,
                None => thread::yield_now(),
            }
            seen.extend(std::iter::from_fn(|| batch.pop()).map(|job| job.data));
        }
    };
    let takers = [(); 2].map(|()| thread::spawn(take));
    let adders = [0, 1, 2].map(|adder| thread::spawn(move || fill(&QUEUE, adder * MANY)));
    adders.into_iter().for_each(|adder| adder.join().unwrap());
    ALL_ADDED.store(true, Ordering::Release);
    let taken = takers.map(|taker| taker.join().unwrap());
    for seen in &taken {
        for adder in 0..ADDERS {
            assert!(seen.iter().filter(|&&n| n as usize / MANY == adder).is_sorted());
        }
    }
    let mut all = taken.concat();
    all.sort_unstable();
    assert!(all.into_iter().eq(0..(ADDERS * MANY) as u64));
}
