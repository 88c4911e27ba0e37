//! Counting instructions: both builds under callgrind, one process per processor where processes share
//! nothing, because counts do not depend on the load of the machine.

use crate::gate::block::Arena;
use crate::gate::sides::Counting;
use crate::harness::valgrind::Scope;
use anyhow::Result;
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

/// Makes all jobs and gives each result to `use_result` as it comes.
pub fn count(
    arena: &Arena,
    jobs: Vec<Job>,
    mut use_result: impl FnMut(Outcome) -> Result<()>,
) -> Result<()> {
    let at_once = match arena.sides.counting() {
        Counting::Iterations => thread::available_parallelism().map_or(1, usize::from),
        Counting::Processes => 1,
    };
    let at_once = at_once.min(jobs.len());
    let queue = Mutex::new(VecDeque::from(jobs));
    let (send, results) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..at_once {
            let (send, queue) = (send.clone(), &queue);
            scope.spawn(move || {
                loop {
                    let job = queue.lock().expect("no panics while it is held").pop_front();
                    let Some(job) = job else { return };
                    if send.send(count_one(arena, job)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        let mut failed = Ok(());
        for result in results {
            if failed.is_ok() {
                failed = use_result(result);
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
    // A second attempt: memory may have been short.
    match count().or_else(|_| count()) {
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
