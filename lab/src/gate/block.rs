//! One block: fresh processes of base, head, and base once more, that take turns.

use crate::gate::worker::Worker;
use anyhow::{Error, anyhow};
use simple_records::paired::{Reply, Request};
use simple_records::{Block, Side, Ticks, Turn};
use simple_reports::gate::Task;
use std::fs::File;
use std::path::PathBuf;

const SIDES: [Side; 3] = [Side::Base, Side::Head, Side::Null];
/// As long as a process runs before it is measured.
const WARM_UP_NS: u64 = 3_000_000;
/// As long as a sample takes at least, as far as an iteration is not longer.
const SAMPLE_NS: f64 = 500_000.0;
/// As long as a turn takes, about.
const TURN_NS: f64 = 4_000_000.0;
/// Fewer have no quartile worth the name.
const LEAST_SAMPLES: f64 = 4.0;

/// What takes turns.
#[derive(Debug)]
pub struct Arena {
    /// The program that is compared with.
    pub base: PathBuf,
    /// The program that is judged.
    pub head: PathBuf,
    /// Added to the environment of the head.
    pub head_environment: Vec<(String, String)>,
    /// Added to the environment of the base.
    pub base_environment: Vec<(String, String)>,
    /// The folder of the files that workloads read.
    pub data: PathBuf,
    /// Gets what the processes complain of.
    pub log: File,
    /// Seed of all orders.
    pub seed: u64,
}

/// Why there is no block.
#[derive(Debug)]
pub struct Failure {
    /// The side that failed; absent if not only one did.
    pub side: Option<Side>,
    /// Why.
    pub why: Error,
}

impl Arena {
    /// Measures one block. The same seed, task and attempt give the same order.
    pub fn measure(&self, task: &Task, attempt: u32) -> Result<Block, Failure> {
        let mut random = fastrand::Rng::with_seed(self.seed_of(task, attempt));
        let mut order = SIDES;
        random.shuffle(&mut order);
        let ticks = Ticks::now();
        let mut workers = self.start(&task.workload, order, &mut random)?;
        let iteration_ns = warm_up(&mut workers)?;
        let request = request(iteration_ns);
        let mut turns = Vec::new();
        // The same forwards and backwards: what drifts evenly cancels.
        for index in (0..order.len()).chain((0..order.len()).rev()) {
            match turn(&mut workers[index], request) {
                Ok(turn) => turns.push(turn),
                Err(failed) => return Err(with_others(failed, &mut workers, index, request)),
            }
        }
        let steal_percent =
            ticks.zip(Ticks::now()).and_then(|(before, now)| now.stolen_percent_since(before));
        let Task { workload, stage, block } = task.clone();
        Ok(Block { workload, stage, block, turns, steal_percent })
    }

    fn start(
        &self,
        workload: &str,
        order: [Side; 3],
        random: &mut fastrand::Rng,
    ) -> Result<Vec<(Side, Worker)>, Failure> {
        let mut workers = Vec::new();
        let mut failed = Vec::new();
        for side in order {
            let (program, environment) = match side {
                Side::Head => (&self.head, &self.head_environment),
                Side::Base | Side::Null => (&self.base, &self.base_environment),
            };
            match Worker::start(program, workload, &self.data, &self.log, environment, random) {
                Ok(worker) => workers.push((side, worker)),
                Err(why) => failed.push((side, why)),
            }
        }
        match blame(failed) {
            Some(failure) => Err(failure),
            None => Ok(workers),
        }
    }

    fn seed_of(&self, task: &Task, attempt: u32) -> u64 {
        // FNV-1a (Fowler, Noll, Vo), of all that names a block.
        let Task { workload, stage, block } = task;
        let name = format!("{} {workload} {stage:?} {block} {attempt}", self.seed);
        name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        })
    }
}

type Failed = (Side, Error);

/// Whose fault it is: of one build, if no process of the other failed.
fn blame(mut failed: Vec<Failed>) -> Option<Failure> {
    let only_head = failed.iter().all(|(side, _)| *side == Side::Head);
    let no_head = failed.iter().all(|(side, _)| *side != Side::Head);
    let (_, why) = failed.pop()?;
    let side = match (only_head, no_head) {
        (true, _) => Some(Side::Head),
        (_, true) => Some(Side::Base),
        _ => None,
    };
    Some(Failure { side, why })
}

/// Has all run for a while; answers how long an iteration takes in the base.
fn warm_up(workers: &mut [(Side, Worker)]) -> Result<f64, Failure> {
    let (mut base_ns, mut failed) = (1.0, Vec::new());
    for (side, worker) in workers {
        match worker.ask(Request::WarmUp { at_least_ns: WARM_UP_NS }) {
            // As many iterations on all sides, by the speed of the base.
            Ok(Reply::WarmedUp { iteration_ns }) if *side == Side::Base => base_ns = iteration_ns,
            Ok(Reply::WarmedUp { .. }) => {}
            Ok(other) => failed.push((*side, illegible(&other))),
            Err(why) => failed.push((*side, why)),
        }
    }
    match blame(failed) {
        Some(failure) => Err(failure),
        None => Ok(base_ns.max(0.1)),
    }
}

/// What is asked in every turn, for an iteration of this length.
fn request(iteration_ns: f64) -> Request {
    let iterations = (SAMPLE_NS / iteration_ns).ceil().max(1.0);
    let samples = (TURN_NS / (iterations * iteration_ns)).clamp(LEAST_SAMPLES, TURN_NS / SAMPLE_NS);
    Request::Measure { iterations: iterations as u64, samples: samples as u32 }
}

fn turn((side, worker): &mut (Side, Worker), request: Request) -> Result<Turn, Failed> {
    let side = *side;
    let Request::Measure { iterations, .. } = request else {
        return Err((side, anyhow!("a turn is for measuring")));
    };
    match worker.ask(request) {
        Ok(Reply::Measured { totals_ns, page_faults_minor, involuntary_switches }) => {
            Ok(Turn { side, iterations, totals_ns, page_faults_minor, involuntary_switches })
        }
        Ok(other) => Err((side, illegible(&other))),
        Err(why) => Err((side, why)),
    }
}

/// A failure in a turn, with those of the others if they fail alike.
fn with_others(
    failed: Failed,
    workers: &mut [(Side, Worker)],
    index: usize,
    request: Request,
) -> Failure {
    let (side, why) = failed;
    let others = workers.iter_mut().enumerate().filter(|(other, _)| *other != index);
    let mut all: Vec<Failed> =
        others.filter_map(|(_, worker)| turn(worker, request).err()).collect();
    let shown = format!("{why:#}");
    all.push((side, why));
    blame(all).unwrap_or_else(|| Failure { side: None, why: anyhow!(shown) })
}

fn illegible(reply: &Reply) -> Error {
    anyhow!("it replied {reply:?}, which is no answer")
}
