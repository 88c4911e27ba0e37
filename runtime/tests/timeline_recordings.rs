//! Recordings of a timeline: how they begin and end, what they keep, and what is refused.

#[path = "common/tasks.rs"]
mod tasks;
#[path = "common/timelines.rs"]
mod timelines;

use simple_runtime::executor;
use simple_runtime::timeline::{Error, Kind, MAX_EVENTS_PER_THREAD};
use std::thread;
use tasks::{Held, Runs, alone, alone_by_hand, alone_with};
use timelines::*;

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

/// CLOCK_MONOTONIC, in nanoseconds.
fn now_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a place to write to.
    assert_eq!(unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) }, 0);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

#[test]
fn times_are_those_of_the_clock() {
    // What the conversion from the processor's counter may be wrong by.
    const TOLERANCE_NS: u64 = 100_000;
    const JOB_NS: u64 = 20_000_000;
    let _alone = alone_by_hand();
    let before = now_ns();
    let recording = record();
    let times = std::sync::Arc::new(std::sync::Mutex::new((0, 0)));
    let told = times.clone();
    executor::submit_closure(move || {
        let began = now_ns();
        while now_ns() < began + JOB_NS {
            std::hint::spin_loop();
        }
        *told.lock().unwrap() = (began, now_ns());
    });
    let polled = now_ns();
    assert_eq!(executor::poll(), 1);
    let returned = now_ns();
    let timeline = recording.stop();
    let after = now_ns();
    assert!(before <= timeline.began_ns + TOLERANCE_NS && timeline.began_ns <= polled);
    assert!(returned <= timeline.ended_ns + TOLERANCE_NS && timeline.ended_ns <= after);
    let (job_began, job_ended) = *times.lock().unwrap();
    let slices: Vec<_> = events(&timeline).collect();
    let [slice] = slices[..] else { panic!("{slices:?}") };
    assert!(polled <= slice.at_ns + TOLERANCE_NS && slice.at_ns <= job_began + TOLERANCE_NS);
    assert!(job_ended <= slice.end_ns() + TOLERANCE_NS);
    assert!(slice.end_ns() <= returned + TOLERANCE_NS);
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
