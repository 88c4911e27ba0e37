//! The cost of recording a timeline of the executor.

use super::Family;
use super::executor::tasks::{
    CountOne, STEPS_A_MICROSECOND, TASKS, all_ran, do_steps, forget_count, spawn_and_await,
};
use crate::Prepared;
use crate::peers::{Pool, Settings, Task, Threaded, on_a_worker};
use anyhow::{Context, Result};
use simple_records::Scale;
use simple_runtime::timeline::{self, Recording};

const WORKERS: u64 = 2;
const LONG_TASKS: u64 = 2_000;

/// A task of about a microsecond.
struct OneMicrosecond;

impl Task for OneMicrosecond {
    fn run(_: u64) -> u64 {
        do_steps(STEPS_A_MICROSECOND);
        CountOne::run(0)
    }
}

/// Whether a timeline is recorded while the workload runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Timeline {
    Off,
    Recorded,
}

impl Timeline {
    /// The recording, which lasts as long as the workload.
    fn start(self) -> Result<Option<Recording>> {
        match self {
            Self::Off => Ok(None),
            Self::Recorded => timeline::start(timeline::Settings::default())
                .map(Some)
                .context("a timeline is recorded already"),
        }
    }
}

#[derive(Clone, Copy)]
enum Tasks {
    Outside,
    Inside,
    Long,
}

impl Tasks {
    const ALL: [Self; 3] = [Self::Outside, Self::Inside, Self::Long];

    fn name(self) -> &'static str {
        match self {
            Self::Outside => "empty outside",
            Self::Inside => "empty inside",
            Self::Long => "1us",
        }
    }

    fn prepare(self, timeline: Timeline) -> Result<Prepared> {
        match self {
            Self::Outside => outside::<CountOne>(TASKS, timeline),
            Self::Inside => inside(timeline),
            Self::Long => outside::<OneMicrosecond>(LONG_TASKS, timeline),
        }
    }
}

/// One thread outside of the pool submits all and waits.
fn outside<T: Task>(tasks: u64, timeline: Timeline) -> Result<Prepared> {
    let recording = timeline.start()?;
    let pool = Threaded::start(WORKERS)?;
    Ok(Prepared::new(tasks, tasks, move || {
        let _held = &recording;
        (0..tasks).for_each(|i| pool.submit::<T>(i));
        all_ran(tasks)
    }))
}

fn inside(timeline: Timeline) -> Result<Prepared> {
    let recording = timeline.start()?;
    let settings = Settings::threaded(WORKERS)?;
    Ok(Prepared::new(TASKS, TASKS, move || {
        let _held = (&recording, &settings);
        forget_count(on_a_worker(spawn_and_await, 0))
    }))
}

pub(super) fn families() -> Vec<Family> {
    let title = "What does it cost to record a timeline of the executor?";
    let mut family = Family::question("timeline/recording", title)
        .explain(format!(
            "Two workers run tasks while a timeline is recorded, or while none is. Empty tasks add \
             one to a shared counter: one thread outside of the pool submits {TASKS} of them, or \
             one task spawns and awaits as many; {LONG_TASKS} tasks of about a microsecond come \
             from outside. The recording goes on from one iteration to the next, and keeps the \
             newest events. Short tasks share a stamp."
        ))
        .along("tasks", Scale::Category)
        .series("recording")
        .default_at("recording", "off")
        .item("task");
    for tasks in Tasks::ALL {
        let reason = "what everybody pays who records nothing";
        family.add((tasks.name(), "off"), reason, move |_| tasks.prepare(Timeline::Off));
        let reason = "slices, steals, sleeps and wake-ups of all threads are recorded";
        family.add((tasks.name(), "on"), reason, move |_| tasks.prepare(Timeline::Recorded));
    }
    vec![family]
}
