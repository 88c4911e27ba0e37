//! Helpers for the tests of timelines.
#![allow(dead_code, reason = "not every test program uses everything")]

use simple_runtime::executor;
use simple_runtime::timeline::{
    self, Error, Event, Kind, Recording, Settings, ThreadTimeline, Timeline,
};
use std::sync::mpsc;

pub fn record() -> Recording {
    timeline::start(Settings::default()).unwrap()
}

pub fn record_with(events_per_thread: usize) -> Result<Recording, Error> {
    timeline::start(Settings { events_per_thread })
}

pub fn events(timeline: &Timeline) -> impl Iterator<Item = &Event> {
    timeline.threads.iter().flat_map(|thread| &thread.events)
}

/// Jobs of all slices, and the futures that were run within them.
pub fn jobs(timeline: &Timeline) -> (u64, u64) {
    let runs = events(timeline).filter_map(|event| match event.kind {
        Kind::Run { jobs, inline_run } => Some((u64::from(jobs), u64::from(inline_run))),
        _ => None,
    });
    runs.fold((0, 0), |sum, run| (sum.0 + run.0, sum.1 + run.1))
}

pub fn is_slice(event: &&Event) -> bool {
    matches!(event.kind, Kind::Run { .. } | Kind::Park)
}

/// Checks what is true of every timeline in which no poll lies within another. (That times are
/// right is a test of its own: events are put between beginning and end whenever they were.)
pub fn assert_sound(timeline: &Timeline) {
    assert!(timeline.began_ns <= timeline.ended_ns);
    for thread in &timeline.threads {
        assert!(thread.tid > 0);
        assert!(thread.events.is_sorted_by_key(|event| event.at_ns), "{thread:?}");
        let slices: Vec<_> = thread.events.iter().filter(is_slice).collect();
        for pair in slices.windows(2) {
            assert!(pair[0].end_ns() <= pair[1].at_ns, "{pair:?} overlap");
        }
    }
}

pub fn parks(thread: &ThreadTimeline) -> impl Iterator<Item = &Event> {
    thread.events.iter().filter(|event| event.kind == Kind::Park)
}

pub fn worker(timeline: &Timeline, worker: u32) -> Option<&ThreadTimeline> {
    timeline.threads.iter().find(|thread| thread.worker == Some(worker))
}

/// Runs `f` on the only worker, while no job is queued but this one.
pub fn on_the_worker(f: impl FnOnce() + Send + 'static) {
    let (tell, told) = mpsc::channel();
    executor::submit_closure(move || {
        f();
        tell.send(()).unwrap();
    });
    told.recv().unwrap();
}
