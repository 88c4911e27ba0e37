//! What recording a timeline of the executor costs.

use super::Family;
use crate::peers::{Pool, Settings, Task, Threaded, body, on_a_worker};
use crate::{Prepared, Workload};
use anyhow::{Context, Result};
use simple_records::{Axes, Comparison, Display, Scale};
use simple_runtime::timeline::{self, Recording};
use simple_runtime::{RuntimeValue, Value, future};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};

const WORKERS: u64 = 2;
const EMPTY_TASKS: u64 = 10_000;
const LONG_TASKS: u64 = 2_000;
/// Steps of about a microsecond: each waits for the multiplication before it.
const STEPS: u64 = 750;

static RAN: AtomicU64 = AtomicU64::new(0);

/// Adds one to a shared counter.
struct CountOne;

impl Task for CountOne {
    #[inline]
    fn run(_: u64) -> u64 {
        RAN.fetch_add(1, Ordering::Relaxed);
        1
    }
}

/// The same after some steps.
struct Steps;

impl Task for Steps {
    fn run(_: u64) -> u64 {
        let end = (0..STEPS).fold(1_u64, |x, _| black_box(x).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        black_box(end);
        CountOne::run(0)
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

    fn prepare(self, is_recorded: bool) -> Result<Prepared> {
        match self {
            Self::Outside => outside::<CountOne>(EMPTY_TASKS, is_recorded),
            Self::Inside => inside(is_recorded),
            Self::Long => outside::<Steps>(LONG_TASKS, is_recorded),
        }
    }
}

/// A recording that lasts as long as the workload, if it is to be recorded.
fn recording(is_recorded: bool) -> Result<Option<Recording>> {
    let start = || timeline::start(timeline::Settings::default());
    is_recorded.then(start).transpose().context("a timeline is recorded already")
}

/// One thread outside of the pool submits all and waits.
fn outside<T: Task>(tasks: u64, is_recorded: bool) -> Result<Prepared> {
    let recording = recording(is_recorded)?;
    let pool = Threaded::start(WORKERS)?;
    Ok(Prepared::new(tasks, tasks, move || {
        let _held = &recording;
        (0..tasks).for_each(|i| pool.submit::<T>(i));
        while RAN.load(Ordering::Acquire) < tasks {
            std::thread::yield_now();
        }
        RAN.swap(0, Ordering::Relaxed)
    }))
}

/// The parent's body: makes the tasks, awaits all, answers how many there were.
extern "C-unwind" fn spawn_and_await(_: RuntimeValue) -> Value {
    let make = |i| Value::future(Some(body::<CountOne>), Value::int(i));
    let futures: Vec<_> = (0..EMPTY_TASKS as i64).map(make).collect();
    Value::int(future::all(&futures).iter().filter_map(Value::as_int).sum())
}

fn inside(is_recorded: bool) -> Result<Prepared> {
    let recording = recording(is_recorded)?;
    let settings = Settings::threaded(WORKERS)?;
    Ok(Prepared::new(EMPTY_TASKS, EMPTY_TASKS, move || {
        let _held = (&recording, &settings);
        let answer = on_a_worker(spawn_and_await, 0);
        RAN.store(0, Ordering::Relaxed);
        answer
    }))
}

fn axes(tasks: &str, recording: &str) -> Axes {
    Axes::default().with("tasks", tasks).with("recording", recording)
}

pub(super) fn families() -> Vec<Family> {
    let comparison = Comparison {
        id: "timeline/recording".to_owned(),
        title: "What does it cost to record a timeline of the executor?".to_owned(),
        explanation: format!(
            "Two workers run tasks while a timeline is recorded, or while none is. Empty tasks add \
             one to a shared counter: one thread outside of the pool submits {EMPTY_TASKS} of \
             them, or one task spawns and awaits as many; {LONG_TASKS} tasks of about a \
             microsecond come from outside. The recording goes on from one iteration to the \
             next, and keeps the newest events. Short tasks share a stamp."
        ),
        x_axis: "tasks".to_owned(),
        x_scale: Scale::Category,
        series_axis: "recording".to_owned(),
        facet_axis: None,
        defaults: Axes::default().with("recording", "off"),
        item: "task".to_owned(),
        display: Display::TimePerItem,
    };
    let mut workloads = Vec::new();
    for tasks in Tasks::ALL {
        let ways = [
            ("off", "what everybody pays who records nothing", false),
            ("on", "slices, steals, sleeps and wake-ups of all threads are recorded", true),
        ];
        for (name, reason, is_recorded) in ways {
            let prepare = move |_: &_| tasks.prepare(is_recorded);
            workloads.push(Workload::new(&comparison, axes(tasks.name(), name), reason, prepare));
        }
    }
    vec![Family { comparison, workloads }]
}
