//! One block: fresh processes of base, head, and base once more, that take turns.

use crate::gate::sides::{Entrant, Portion, Sides, Taken};
use crate::harness::block;
use anyhow::{Error, anyhow};
use simple_records::{Block, Side, Ticks, Turn};
use simple_reports::judge::Task;
use std::time::Instant;

const SIDES: [Side; 3] = [Side::Base, Side::Head, Side::Null];

/// The place of all blocks.
#[derive(Debug)]
pub struct Arena {
    /// Those that take turns.
    pub sides: Box<dyn Sides>,
    /// Seed of all orders.
    pub seed: u64,
}

/// The reason why there is no block.
#[derive(Debug)]
pub struct Failure {
    /// The side that failed; absent if not only one did.
    pub side: Option<Side>,
    /// The reason.
    pub why: Error,
}

type Worker = Box<dyn Entrant>;
type Workers = Vec<(Side, Worker)>;
type Failed = (Side, Error);

impl Arena {
    /// An arena of these sides. Without a `seed` orders differ from arena to arena.
    pub fn new(sides: Box<dyn Sides>, seed: Option<u64>) -> Self {
        Self { sides, seed: seed.unwrap_or_else(|| fastrand::u64(..)) }
    }

    /// Measures one block. The same seed, task and attempt give the same order.
    ///
    /// # Errors
    /// If a process fails.
    pub fn measure(&self, task: &Task, attempt: u32) -> Result<Block, Failure> {
        let mut random = fastrand::Rng::with_seed(self.seed_of(task, attempt));
        let mut order = SIDES;
        random.shuffle(&mut order);
        let (ticks, began) = (Ticks::now(), Instant::now());
        let mut workers = self.start(task, order, &mut random)?;
        let threads = workers.iter().filter_map(|(_, worker)| worker.threads()).max();
        let pace = self.sides.pace(threads);
        let portion = Portion::of(warm_up(&mut workers, pace.warm_up_ns)?, &pace);
        let mut turns = Vec::new();
        for index in pace.order.of(workers.len()) {
            match turn(&portion, &mut workers[index]) {
                Ok(turn) => turns.push(turn),
                Err(failed) => return Err(with_others(&portion, failed, &mut workers, index)),
            }
        }
        let steal_percent =
            ticks.zip(Ticks::now()).and_then(|(before, now)| now.stolen_percent_since(before));
        let Task { workload, stage, block } = task.clone();
        let elapsed_s = Some(began.elapsed().as_secs_f64());
        Ok(Block { workload, stage, block, turns, steal_percent, elapsed_s })
    }

    fn start(
        &self,
        task: &Task,
        order: [Side; 3],
        random: &mut fastrand::Rng,
    ) -> Result<Workers, Failure> {
        let processor = self.sides.processor(random);
        let mut workers = Vec::new();
        let mut failed = Vec::new();
        for side in order {
            match self.sides.start(task, side, processor, random) {
                Ok(worker) => workers.push((side, worker)),
                Err(why) => failed.push((side, why)),
            }
        }
        blame(failed).map_or(Ok(workers), Err)
    }

    fn seed_of(&self, task: &Task, attempt: u32) -> u64 {
        let Task { workload, stage, block } = task;
        block::seed(&format!("{} {workload} {stage:?} {block} {attempt}", self.seed))
    }
}

/// Returns whose fault it is: one build's, if no process of the other failed.
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

/// Has all run for a while; returns the duration of an iteration of the base, in nanoseconds. All
/// sides that are told run as many iterations, by the speed of the base.
fn warm_up(workers: &mut Workers, at_least_ns: u64) -> Result<f64, Failure> {
    let (mut base_ns, mut failed) = (1.0, Vec::new());
    for (side, worker) in workers {
        match worker.warm_up(at_least_ns) {
            Ok(iteration_ns) if *side == Side::Base => base_ns = iteration_ns,
            Ok(_) => {}
            Err(why) => failed.push((*side, why)),
        }
    }
    blame(failed).map_or(Ok(base_ns.max(0.1)), Err)
}

fn turn(portion: &Portion, (side, worker): &mut (Side, Worker)) -> Result<Turn, Failed> {
    let Taken { iterations, totals_ns, page_faults_minor, involuntary_switches } =
        worker.turn(portion).map_err(|why| (*side, why))?;
    Ok(Turn { side: *side, iterations, totals_ns, page_faults_minor, involuntary_switches })
}

/// A failure in a turn, with those of the others if they fail alike.
fn with_others(portion: &Portion, failed: Failed, workers: &mut Workers, index: usize) -> Failure {
    let (side, why) = failed;
    let others = workers.iter_mut().enumerate().filter(|(other, _)| *other != index);
    let mut all: Vec<Failed> =
        others.filter_map(|(_, worker)| turn(portion, worker).err()).collect();
    let shown = format!("{why:#}");
    all.push((side, why));
    blame(all).unwrap_or_else(|| Failure { side: None, why: anyhow!(shown) })
}
