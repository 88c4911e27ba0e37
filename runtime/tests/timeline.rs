//! A timeline of the executor: what is recorded, what is not, and what is refused.

#[path = "common/tasks.rs"]
mod tasks;

use simple_runtime::timeline::{
    self, Error, Event, Kind, MAX_EVENTS_PER_THREAD, Recording, Settings, ThreadTimeline, Timeline,
};
use simple_runtime::{Value, executor, future};
use std::sync::mpsc;
use std::thread;
use tasks::{Held, Runs, alone, alone_by_hand, alone_with, wait, wait_until};

fn record() -> Recording {
    timeline::start(Settings::default()).unwrap()
}

fn record_with(events_per_thread: usize) -> Result<Recording, Error> {
    timeline::start(Settings { events_per_thread })
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

/// Checks what is true of every timeline in which no poll lies within another.
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

fn worker(timeline: &Timeline, worker: u32) -> Option<&ThreadTimeline> {
    timeline.threads.iter().find(|thread| thread.worker == Some(worker))
}

/// Runs `f` on the only worker, while no job is queued but this one.
fn on_the_worker(f: impl FnOnce() + Send + 'static) {
    let (tell, told) = mpsc::channel();
    executor::submit_closure(move || {
        f();
        tell.send(()).unwrap();
    });
    told.recv().unwrap();
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
fn futures_that_are_run_by_their_awaiter_are_counted_within_the_slice() {
    const FUTURES: u64 = 2000;
    let _alone = alone();
    let recording = record();
    let before = executor::stats();
    executor::set_workers(2).unwrap();
    on_the_worker(|| {
        let futures: Vec<_> =
            (0..FUTURES).map(|n| Value::future_of(move || Value::int(n as i64))).collect();
        assert_eq!(future::all(&futures).iter().count(), FUTURES as usize);
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
fn of_too_many_events_the_newest_are_kept_and_the_rest_is_counted() {
    const KEPT: usize = 16;
    const POLLS: usize = 50;
    let _alone = alone_by_hand();
    let all = record();
    poll_so_often(POLLS);
    let all = all.stop();
    assert_eq!((all.threads[0].events.len(), all.threads[0].dropped), (POLLS, 0));
    let newest = record_with(KEPT).unwrap();
    poll_so_often(POLLS);
    let newest = newest.stop();
    assert_sound(&newest);
    let thread = &newest.threads[0];
    assert_eq!((thread.events.len(), thread.dropped), (KEPT, (POLLS - KEPT) as u64));
    assert_eq!(jobs(&newest).0, KEPT as u64);
}

/// Each poll is a slice of its own.
fn poll_so_often(polls: usize) {
    for _ in 0..polls {
        executor::submit_closure(|| {});
        assert_eq!(executor::poll(), 1);
    }
}

#[test]
fn there_is_one_recording_at_a_time() {
    let _alone = alone();
    let first = record();
    assert_eq!(record_with(1).unwrap_err(), Error::AlreadyRecording);
    assert!(Error::AlreadyRecording.to_string().contains("already"));
    first.stop();
    // One that is dropped has ended as well.
    drop(record());
    record().stop();
}

#[test]
fn numbers_of_events_that_make_no_sense_are_refused() {
    let _alone = alone();
    for events in [0, MAX_EVENTS_PER_THREAD + 1, usize::MAX] {
        assert_eq!(record_with(events).unwrap_err(), Error::BadEventCount(events));
    }
    for events in [1, MAX_EVENTS_PER_THREAD] {
        record_with(events).unwrap().stop();
    }
}

#[test]
fn recordings_follow_one_another_with_the_same_workers() {
    let _alone = alone_with(1);
    for round in 1..=20 {
        let recording = record();
        (0..round).for_each(|_| on_the_worker(|| {}));
        // A job is counted when it is over, which is a moment after it has told so.
        let held = Held::running(0);
        let timeline = recording.stop();
        assert!(held.finish().is_some());
        assert_sound(&timeline);
        assert_eq!(jobs(&timeline).0, round);
        on_the_worker(|| {});
    }
}

#[test]
fn a_recording_may_end_while_jobs_run_and_be_followed_by_another() {
    let _alone = alone_with(3);
    let runs = Runs::default();
    thread::scope(|scope| {
        let submitter = scope.spawn(|| (0..200).for_each(|_| runs.submit_a_chain(200)));
        while !submitter.is_finished() {
            let recording = record_with(64).unwrap();
            thread::yield_now();
            assert_sound(&recording.stop());
        }
    });
}

#[test]
fn what_is_in_progress_is_cut_off_at_the_end() {
    let _alone = alone();
    let recording = record();
    let held = Held::running(1);
    let timeline = recording.stop();
    assert!(held.finish().is_some());
    assert_sound(&timeline);
    let runs: Vec<_> = events(&timeline)
        .filter(|event| event.kind == Kind::Run { jobs: 0, inline_run: 0 })
        .collect();
    assert_eq!(runs.len(), 1, "{timeline:?}");
    assert_eq!(runs[0].end_ns(), timeline.ended_ns);
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

#[test]
fn nothing_is_recorded_of_threads_that_do_nothing() {
    let _alone = alone();
    let timeline = record().stop();
    assert_eq!(timeline.threads, []);
    assert!(timeline.began_ns <= timeline.ended_ns);
}

#[test]
fn a_trace_is_valid_json_with_an_entry_for_each_event() {
    let _alone = alone();
    let recording = record();
    executor::set_workers(2).unwrap();
    let name = "a \"submitter\" \\ of tasks\n";
    let submit = || on_the_worker(|| {});
    thread::Builder::new().name(name.to_owned()).spawn(submit).unwrap().join().unwrap();
    executor::shutdown().unwrap();
    let timeline = recording.stop();
    let mut json = Vec::new();
    timeline.write_chrome_trace(&mut json).unwrap();
    let trace: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let entries = trace["traceEvents"].as_array().unwrap();
    let of_phase = |phase: &str| entries.iter().filter(|entry| entry["ph"] == phase).count();
    assert_eq!(of_phase("X") + of_phase("i"), events(&timeline).count());
    assert_eq!(of_phase("M"), 2 * timeline.threads.len());
    assert_eq!(of_phase("s"), of_phase("f"));
    let names: Vec<_> = entries.iter().filter_map(|entry| entry["args"]["name"].as_str()).collect();
    assert!(names.contains(&"simple-worker-0") || names.contains(&"simple-worker-1"), "{names:?}");
    for thread in &timeline.threads {
        assert!(names.contains(&&*thread.name));
    }
}
