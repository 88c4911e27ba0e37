//! Counting instructions: both builds under callgrind, as many at once as there are processors,
//! because counts do not depend on what else the machine does.

use crate::gate::block::Arena;
use crate::{owned, programs};
use anyhow::{Context, Result};
use simple_profiles::callgrind::{self, Profile};
use simple_records::{Counted, Retired, Side, Stage};
use std::collections::VecDeque;
use std::fs;
use std::process::Stdio;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

/// Longer than the harness itself has patience with valgrind.
const PATIENCE: Duration = Duration::from_secs(300);

/// One count to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Of which workload.
    pub workload: String,
    /// In which build.
    pub side: Side,
    /// The first time, or once more.
    pub stage: Stage,
}

/// Under what callgrind counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One iteration, on its thread.
    Iteration,
    /// The whole process with all its threads.
    Process,
}

/// What a job came to.
pub type Done = Result<Counted, Retired>;

/// Makes all jobs and gives each result to `use_result` as it comes.
pub fn count(
    arena: &Arena,
    jobs: Vec<Job>,
    mut use_result: impl FnMut(Done) -> Result<()>,
) -> Result<()> {
    let at_once = thread::available_parallelism().map_or(1, usize::from).min(jobs.len());
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

fn count_one(arena: &Arena, job: Job) -> Done {
    let profile = || profile(arena, &job.workload, job.side, Scope::Iteration);
    // Once more: memory may have been short.
    match profile().or_else(|_| profile()) {
        Ok(profile) => Ok(Counted {
            instructions: profile.costs.instructions,
            allocations: profile.costs.allocations(),
            workload: job.workload,
            side: job.side,
            stage: job.stage,
        }),
        Err(error) => Err(Retired {
            workload: job.workload,
            instrument: "instructions".to_owned(),
            side: Some(job.side),
            why: format!("{error:#}"),
        }),
    }
}

/// Runs a workload of one build under callgrind.
pub fn profile(arena: &Arena, workload: &str, side: Side, scope: Scope) -> Result<Profile> {
    let (program, environment) = match side {
        Side::Head => (&arena.head, &arena.head_environment),
        Side::Base | Side::Null => (&arena.base, &arena.base_environment),
    };
    let folder = owned::scratch()?;
    let out = folder.path().join("callgrind.out");
    fs::create_dir_all(&arena.data)?;
    let mut command = programs::measured(program);
    command
        .args(["callgrind", "--workload", workload, "--callers", CALLERS])
        .arg("--data")
        .arg(&arena.data)
        .arg("--out")
        .arg(&out)
        .envs(environment.iter().cloned())
        // What is left there by processes that are killed goes with the folder.
        .env("TMPDIR", folder.path())
        .stdout(Stdio::null());
    if scope == Scope::Process {
        command.arg("--whole");
    }
    programs::run(command, PATIENCE)?;
    let text = fs::read_to_string(&out).context("callgrind left nothing behind")?;
    Ok(match scope {
        Scope::Iteration => callgrind::parse_below(&text, COUNTED)?,
        Scope::Process => callgrind::parse(&text)?,
    })
}

/// So many callers tell functions apart: without stacks, calls from outside of the iteration
/// would count too.
const CALLERS: &str = "200";

/// The function of the harness in which an iteration runs.
const COUNTED: &str = "simple_bench_counted";
