//! A timeline of the executor: what is recorded of its threads.

#[path = "common/tasks.rs"]
mod tasks;
#[path = "common/timelines.rs"]
mod timelines;

use simple_runtime::timeline::{Event, Kind};
use simple_runtime::{Value, executor, future};
use std::sync::mpsc;
use std::thread;
use tasks::{Held, Runs, alone, alone_by_hand, alone_with, wait, wait_until};
use timelines::*;

#[test]
fn every_job_is_in_exactly_one_slice() {
    for workers in 1..=4 {
        let _alone = alone();
        let recording = record();
        let before = executor::stats().completed;
        executor::set_workers(workers).unwrap();
        let runs = Runs::default();
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..2000).for_each(|_| runs.submit()));
            }
            runs.submit_a_tree(9);
            runs.submit_a_chain(500);
        });
        executor::shutdown().unwrap();
        let timeline = recording.stop();
        assert_sound(&timeline);
        assert_eq!(executor::stats().completed - before, runs.count() as u64);
        assert_eq!(jobs(&timeline), (runs.count() as u64, 0));
        assert!(timeline.threads.iter().all(|thread| thread.dropped == 0));
    }
}

#[test]
fn futures_that_are_run_by_their_awaiter_are_counted_within_the_slice() {
    const FUTURES: u64 = 2000;
    let _alone = alone();
    let recording = record();
    let before = executor::stats();
    executor::set_workers(2).unwrap();
    on_the_worker(|| {
        let futures: Vec<_> =
            (0..FUTURES).map(|n| Value::future_of(move || Value::int(n as i64))).collect();
        assert_eq!(future::all(&futures).len(), FUTURES as usize);
    });
    executor::shutdown().unwrap();
    let timeline = recording.stop();
    let after = executor::stats();
    assert_sound(&timeline);
    let (jobs, inline_run) = jobs(&timeline);
    assert_eq!(inline_run, after.inline_run - before.inline_run);
    assert_eq!(jobs + inline_run, FUTURES + 1);
}

#[test]
fn futures_that_were_claimed_elsewhere_are_no_jobs() {
    const FUTURES: u64 = 5000;
    let _alone = alone();
    let recording = record();
    let before = executor::stats();
    executor::set_workers(1).unwrap();
    let futures: Vec<_> =
        (0..FUTURES).map(|n| Value::future_of(move || Value::int(n as i64))).collect();
    // The worker and this thread run them from both ends, and it finds what is left of others.
    futures.iter().for_each(|future| assert!(future.as_future().unwrap().start()));
    futures.iter().rev().for_each(|future| assert!(wait(future).is_some()));
    executor::shutdown().unwrap();
    let timeline = recording.stop();
    assert_sound(&timeline);
    let inline_run = executor::stats().inline_run - before.inline_run;
    assert_eq!(jobs(&timeline), (FUTURES - inline_run, 0));
}

#[test]
fn jobs_are_recorded_that_are_queued_while_the_workers_have_none() {
    for _ in 0..20 {
        let _alone = alone_with(2);
        // Workers that have not begun yet, look for work, or sleep by now.
        let recording = record();
        let runs = Runs::default();
        (0..10).for_each(|_| runs.submit());
        let held = [Held::running(1), Held::running(2)];
        held.into_iter().for_each(|held| assert!(held.finish().is_some()));
        executor::shutdown().unwrap();
        let timeline = recording.stop();
        assert_sound(&timeline);
        assert_eq!(jobs(&timeline).0, 12);
    }
}

#[test]
fn a_worker_that_never_rests_takes_notice_within_some_jobs() {
    const JOBS: usize = 500;
    const MISSED: usize = 64;
    let _alone = alone_with(1);
    let held = Held::running(0);
    let runs = Runs::default();
    (0..JOBS).for_each(|_| runs.submit());
    let recording = record();
    held.finish();
    executor::shutdown().unwrap();
    let timeline = recording.stop();
    assert_sound(&timeline);
    let recorded = jobs(&timeline).0 as usize;
    assert!((JOBS - MISSED..=JOBS).contains(&recorded), "{recorded}");
}

#[test]
fn sleeps_and_the_wake_ups_that_end_them_pair_up() {
    let _alone = alone();
    let recording = record();
    let before = executor::stats();
    executor::set_workers(1).unwrap();
    executor::start().unwrap();
    (0..10).for_each(|_| on_the_worker(|| {}));
    executor::shutdown().unwrap();
    let timeline = recording.stop();
    assert_sound(&timeline);
    let parks: Vec<_> = parks(worker(&timeline, 0).unwrap()).collect();
    assert_eq!(parks.len() as u64, executor::stats().parks - before.parks);
    let wakes: Vec<_> =
        events(&timeline).filter(|event| event.kind == Kind::Wake { worker: 0 }).collect();
    assert_eq!(wakes.len(), parks.len());
    for park in parks {
        let within = wakes.iter().filter(|wake| (park.at_ns..=park.end_ns()).contains(&wake.at_ns));
        assert_eq!(within.count(), 1, "{park:?}");
    }
}

#[test]
fn steals_tell_from_whom_and_how_many() {
    let _alone = alone();
    let recording = record();
    let before = executor::stats();
    executor::set_workers(2).unwrap();
    let runs = Runs::default();
    // The one worker is held, with jobs in its own queue; only the other one can run them.
    let queued = runs.clone();
    on_the_worker(move || {
        (0..100).for_each(|_| queued.submit());
        wait_until(|| queued.count() == 100);
    });
    executor::shutdown().unwrap();
    let timeline = recording.stop();
    assert_sound(&timeline);
    assert!(executor::stats().stolen - before.stolen <= 101);
    let steals = timeline.threads.iter().flat_map(|thread| {
        thread.events.iter().filter_map(|event| match event.kind {
            Kind::Steal { victim, jobs } => Some((thread.worker.unwrap(), victim, jobs)),
            _ => None,
        })
    });
    let mut stolen = 0;
    for (thief, victim, jobs) in steals {
        assert_eq!(thief + victim, 1, "one of the two takes from the other");
        stolen += jobs;
    }
    assert!((100..=101).contains(&stolen), "{stolen}");
}

#[test]
fn a_wait_within_a_job_is_a_block_within_its_slice() {
    let _alone = alone();
    let recording = record();
    executor::set_workers(1).unwrap();
    let (begin, began) = mpsc::channel();
    let (end, ended) = mpsc::channel();
    let slow = Value::future_of(move || {
        begin.send(()).unwrap();
        ended.recv().unwrap();
        Value::int(1)
    });
    thread::scope(|scope| {
        scope.spawn(|| assert_eq!(wait(&slow), Some(1)));
        began.recv().unwrap();
        let waited_for = slow.clone();
        executor::submit_closure(move || assert_eq!(wait(&waited_for), Some(1)));
        // A race begins its future itself when all workers are blocked, and not before.
        let ends_it = Value::future_of(move || {
            end.send(()).unwrap();
            Value::int(2)
        });
        assert_eq!(future::race(&[ends_it]).as_int(), Some(2));
    });
    executor::shutdown().unwrap();
    let timeline = recording.stop();
    assert_sound(&timeline);
    let events = &worker(&timeline, 0).unwrap().events;
    let blocked: Vec<_> = events.iter().filter(|event| event.kind == Kind::Blocked).collect();
    assert!(!blocked.is_empty());
    for blocked in blocked {
        let surrounds = |event: &&Event| {
            matches!(event.kind, Kind::Run { .. })
                && event.at_ns <= blocked.at_ns
                && blocked.end_ns() <= event.end_ns()
        };
        assert_eq!(events.iter().filter(surrounds).count(), 1, "{events:?}");
    }
}

#[test]
fn polls_are_recorded_on_their_threads() {
    let _alone = alone_by_hand();
    let runs = Runs::default();
    (0..1000).for_each(|_| runs.submit());
    let recording = record();
    assert_eq!(executor::poll(), 1);
    let polled = thread::Builder::new().name("a poller".to_owned());
    assert_eq!(polled.spawn(executor::poll_all).unwrap().join().unwrap(), 999);
    assert_eq!(executor::poll_all(), 0);
    let timeline = recording.stop();
    assert_sound(&timeline);
    assert_eq!(timeline.threads.len(), 2);
    for thread in &timeline.threads {
        let jobs: u32 = thread
            .events
            .iter()
            .map(|event| match event.kind {
                Kind::Run { jobs, .. } => jobs,
                _ => panic!("{event:?}"),
            })
            .sum();
        let expected = if thread.name == "a poller" { 999 } else { 1 };
        assert_eq!((jobs, thread.worker), (expected, None));
    }
}

#[test]
fn a_poll_within_a_poll_counts_its_own_jobs() {
    let _alone = alone_by_hand();
    let recording = record();
    let runs = Runs::default();
    let inner = runs.clone();
    executor::submit_closure(move || {
        (0..10).for_each(|_| inner.submit());
        assert_eq!(executor::poll_all(), 10);
    });
    assert_eq!(executor::poll_all(), 1);
    assert_eq!(jobs(&recording.stop()).0, 11);
}
