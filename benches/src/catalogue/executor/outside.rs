//! Small tasks from a thread outside of the pool.

use super::tasks::{CountOne, TASKS, all_ran, take_count};
use super::{WORKERS, effort};
use crate::catalogue::Family;
use crate::peers::{Pool, PoolKind, Settings, Task, WithPool};
use crate::{Effort, Prepared};
use anyhow::Result;
use simple_runtime::{RuntimeValue, Value, executor};

struct SubmitAll {
    workers: u64,
}

impl WithPool for SubmitAll {
    type Output = Result<Prepared>;

    fn run<P: Pool>(self) -> Result<Prepared> {
        let pool = P::start(self.workers)?;
        Ok(Prepared::new(TASKS, TASKS, move || {
            (0..TASKS).for_each(|i| pool.submit::<CountOne>(i));
            all_ran(TASKS)
        }))
    }
}

extern "C-unwind" fn count_one(_: RuntimeValue) -> Value {
    CountOne::run(0);
    Value::nil()
}

fn manual() -> Result<Prepared> {
    let settings = Settings::manual()?;
    Ok(Prepared::new(TASKS, TASKS, move || {
        let _held = &settings;
        for _ in 0..TASKS {
            executor::submit(count_one, Value::nil());
        }
        executor::poll_all();
        take_count()
    }))
}

pub(super) fn family() -> Family {
    let title = "Which mode, and how many workers, for many small tasks?";
    let mut family = super::question("executor/empty-tasks", title)
        .explain(format!(
            "One thread outside of the pool submits {TASKS} tasks, each of which adds one to a \
             shared counter, and waits until all have run. The counter is part of every figure. \
             Manual mode runs the tasks on the submitting thread, so it has no workers; it is \
             shown at one. Tasks this small show the cost of handing them over, not how well long \
             ones are spread."
        ))
        .item("task");
    let reason = "what a task costs when no thread is woken and no line is shared";
    family.add(("manual", 1), reason, |_| manual()).gated();
    for workers in WORKERS {
        for kind in PoolKind::ALL {
            let prepare = move |_: &_| kind.dispatch(SubmitAll { workers });
            let is_rare = kind.is_peer() && workers != 8;
            let of_other_numbers = if is_rare { Effort::Standard } else { Effort::Quick };
            family
                .add((kind.name(), workers), kind.reason(), prepare)
                .peer_if(kind.is_peer())
                .effort(effort(workers, of_other_numbers));
        }
    }
    family
}
