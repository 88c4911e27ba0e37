//! Counting instructions: both builds under callgrind, one process per processor where processes share
//! nothing, because counts do not depend on the load of the machine.

use crate::compare::fault::Fault;
use crate::gate::block::Arena;
use crate::gate::sides::Counting;
use crate::harness::valgrind::Scope;
use crate::programs::Hung;
use anyhow::{Error, Result};
use simple_records::{Counted, Retired, Side, Stage, Witness};
use std::collections::VecDeque;
use std::sync::{Mutex, mpsc};
use std::thread;

/// One count to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The workload.
    pub workload: String,
    /// The build.
    pub side: Side,
    /// The first count, or the second one.
    pub stage: Stage,
}

/// The count of a job, or the reason why there is none.
pub type Outcome = Result<Counted, Retired>;

/// News of a job.
#[derive(Debug)]
pub enum News {
    /// It has begun.
    Begun(Job),
    /// It is done.
    Done(Outcome),
}

/// Makes all jobs and gives all news to `use_news` as they come.
pub fn count(
    arena: &Arena,
    jobs: Vec<Job>,
    mut use_news: impl FnMut(News) -> Result<()>,
) -> Result<()> {
    let at_once = match arena.sides.counting() {
        Counting::Iterations => thread::available_parallelism().map_or(1, usize::from),
        Counting::Processes => 1,
    };
    let at_once = at_once.min(jobs.len());
    let queue = Mutex::new(VecDeque::from(jobs));
    let (send, all_news) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..at_once {
            let (send, queue) = (send.clone(), &queue);
            scope.spawn(move || {
                loop {
                    let job = queue.lock().expect("no panics while it is held").pop_front();
                    let Some(job) = job else { return };
                    let begun = send.send(News::Begun(job.clone()));
                    if begun.and_then(|()| send.send(News::Done(count_one(arena, job)))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        let mut failed = Ok(());
        for news in all_news {
            if failed.is_ok() {
                failed = use_news(news);
            }
            if failed.is_err() {
                queue.lock().expect("no panics while it is held").clear();
            }
        }
        failed
    })
}

fn count_one(arena: &Arena, job: Job) -> Outcome {
    let count = || arena.sides.instructions(&job.workload, job.side, Scope::Iteration);
    // A second attempt: memory may have been short. It would not help one that does not end.
    let again = |error: Error| match error.is::<Hung>() || error.is::<Fault>() {
        true => Err(error),
        false => count(),
    };
    match count().or_else(again) {
        Ok(profile) => Ok(Counted {
            instructions: profile.costs.instructions,
            allocations: profile.costs.allocations(),
            workload: job.workload,
            side: job.side,
            stage: job.stage,
        }),
        Err(error) => Err(Retired {
            workload: job.workload,
            instrument: Witness::Instructions,
            side: match arena.sides.counting() {
                Counting::Iterations => Some(job.side),
                Counting::Processes => None,
            },
            why: format!("{error:#}"),
        }),
    }
}
