//! Models of the shared queue, with two jobs per block and per batch.

use super::*;
use crate::sync::{Arc, thread};

fn job(n: u64) -> Job {
    Job { code: n, data: n }
}

fn push(queue: &SharedQueue, n: u64) {
    let _ = queue.push_before_fence(job(n));
    crate::sync::atomic::fence(Ordering::SeqCst);
    queue.wake_next();
}

fn take(queue: &SharedQueue, seen: &mut Vec<u64>) {
    let batch = Batch::try_new().unwrap();
    let first = queue.pop_batch(&batch);
    for job in first.into_iter().chain(std::iter::from_fn(|| batch.pop())) {
        assert_eq!(job.code, job.data, "a job was read before it was written");
        seen.push(job.data);
    }
}

fn check(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(model);
}

/// One thread adds across the end of a block while two take: each job is taken once, and each taker
/// gets its jobs in order.
#[test]
fn each_job_is_taken_once_and_in_order() {
    check(|| {
        let queue = Arc::new(SharedQueue::new());
        push(&queue, 1);
        push(&queue, 2);
        let taker = {
            let queue = queue.clone();
            thread::spawn(move || {
                let mut seen = Vec::new();
                take(&queue, &mut seen);
                seen
            })
        };
        let adder = {
            let queue = queue.clone();
            thread::spawn(move || (3..=5).for_each(|n| push(&queue, n)))
        };
        let mut seen = Vec::new();
        take(&queue, &mut seen);
        adder.join().unwrap();
        let others = taker.join().unwrap();
        while !queue.is_empty() {
            take(&queue, &mut seen);
        }
        assert!(seen.is_sorted() && others.is_sorted());
        seen.extend(others);
        seen.sort_unstable();
        assert_eq!(seen, [1, 2, 3, 4, 5]);
    });
}

/// Another thread looks for work while stale entries are collected: there is some all the time.
#[test]
fn a_collected_queue_is_never_seen_empty() {
    check(|| {
        let queue = Arc::new(SharedQueue::new());
        push(&queue, 1);
        push(&queue, 2);
        let collector = {
            let queue = queue.clone();
            thread::spawn(move || queue.take_unwanted(|job| job.data == 2).len())
        };
        assert!(!queue.is_empty());
        assert_eq!(collector.join().unwrap(), 1);
        assert_eq!((queue.pop(), queue.pop()), (Some(job(2)), None));
    });
}

/// A thread that takes a job that is not yet published reads it while it is being written.
#[test]
#[should_panic(expected = "Causality violation")]
fn what_is_not_published_is_no_job() {
    check(|| {
        let queue = Arc::new(SharedQueue::new());
        push(&queue, 1);
        let adder = {
            let queue = queue.clone();
            thread::spawn(move || push(&queue, 2))
        };
        queue.taking.gate.pass(|end| {
            let mut jobs = [NO_JOB; 2];
            end.head.take(&mut jobs, 2, &queue.links);
        });
        adder.join().unwrap();
    });
}
