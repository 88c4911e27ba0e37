//! A timeline of the executor: what is recorded, what is not, and what is refused.

#[path = "common/tasks.rs"]
mod tasks;

use simple_runtime::timeline::{
    self, Error, Event, Kind, MAX_EVENTS_PER_THREAD, Recording, Settings, ThreadTimeline, Timeline,
};
use simple_runtime::{Value, executor, future};
use std::sync::Barrier;
use std::thread;
use tasks::{Held, Runs, alone, alone_by_hand, alone_with, hold_workers, wait, wait_until};

fn record() -> Recording {
    timeline::start(Settings::default()).unwrap()
}

fn events(timeline: &Timeline) -> impl Iterator<Item = &Event> {
    timeline.threads.iter().flat_map(|thread| &thread.events)
}

/// Jobs of all slices, and the futures that were run within them.
fn jobs(timeline: &Timeline) -> (u64, u64) {
    let runs = events(timeline).filter_map(|event| match event.kind {
        Kind::Run { jobs, inline_run } => Some((u64::from(jobs), u64::from(inline_run))),
        _ => None,
    });
    runs.fold((0, 0), |sum, run| (sum.0 + run.0, sum.1 + run.1))
}

fn is_slice(event: &&Event) -> bool {
    matches!(event.kind, Kind::Run { .. } | Kind::Park)
}

/// Checks what is true of every timeline.
fn assert_sound(timeline: &Timeline) {
    assert!(timeline.began_ns <= timeline.ended_ns);
    for thread in &timeline.threads {
        assert!(thread.tid > 0);
        assert!(thread.events.is_sorted_by_key(|event| event.at_ns), "{thread:?}");
        for event in &thread.events {
            assert!(timeline.began_ns <= event.at_ns && event.end_ns() <= timeline.ended_ns);
        }
        let slices: Vec<_> = thread.events.iter().filter(is_slice).collect();
        for pair in slices.windows(2) {
            assert!(pair[0].end_ns() <= pair[1].at_ns, "{pair:?} overlap");
        }
    }
}

fn parks(thread: &ThreadTimeline) -> impl Iterator<Item = &Event> {
    thread.events.iter().filter(|event| event.kind == Kind::Park)
}

fn wakes(timeline: &Timeline, woken: u32) -> impl Iterator<Item = &Event> {
    events(timeline).filter(move |event| event.kind == Kind::Wake { worker: woken })
}

fn of_worker(timeline: &Timeline, worker: u32) -> &ThreadTimeline {
    timeline.threads.iter().find(|thread| thread.worker == Some(worker)).unwrap()
}

/// Waits until that worker sleeps for want of work.
fn wait_for_parks(parks: u64) {
    wait_until(|| executor::stats().parks >= parks);
}

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
fn jobs_are_recorded_that_are_queued_after_the_start_while_the_workers_have_none() {
    let _alone = alone_with(2);
    for _ in 0..20 {
        // Workers that look for work, sleep, or have not begun yet.
        let recording = record();
        let held = [Held::running(1), Held::running(2)];
        held.into_iter().for_each(|held| assert!(held.finish().is_some()));
        let runs = Runs::default();
        (0..10).for_each(|_| runs.submit());
        wait_until(|| runs.count() == 10);
        executor::shutdown().unwrap();
        let timeline = recording.stop();
        assert_sound(&timeline);
        assert_eq!(jobs(&timeline).0, 12);
        executor::set_workers(2).unwrap();
        executor::start().unwrap();
    }
}

#[test]
fn a_worker_that_never_rests_takes_notice_of_a_recording() {
    let _alone = alone_with(1);
    let runs = Runs::default();
    let (begun, chain) = (Barrier::new(2), 200);
    thread::scope(|scope| {
        let (before, links) = (runs.clone(), runs.clone());
        let (begun, start) = (&begun, Barrier::new(2));
        let start = &*Box::leak(Box::new(start));
        executor::submit_closure(move || {
            before.one_more();
            start.wait();
            start.wait();
            links.submit_a_chain(chain);
        });
        scope.spawn(move || {
            start.wait();
            begun.wait();
            start.wait();
        });
        begun.wait();
    });
    let recording = record();
    runs.submit_a_chain(chain);
    executor::shutdown().unwrap();
    let timeline = recording.stop();
    assert_sound(&timeline);
    let recorded = jobs(&timeline).0;
    assert!(recorded > chain as u64, "{recorded}");
}
