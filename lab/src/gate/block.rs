//! One block: fresh processes of base, head, and base once more, that take turns.

use crate::harness::block::{self, Contestant, Ground};
use crate::harness::builds::Pair;
use crate::harness::valgrind::Subject;
use crate::harness::{Client, Log, Timed, sources};
use crate::target::Target;
use anyhow::{Error, Result, anyhow};
use simple_records::{Block, Side, Ticks, Turn};
use simple_reports::judge::Task;
use std::path::{Path, PathBuf};
use std::time::Instant;

const SIDES: [Side; 3] = [Side::Base, Side::Head, Side::Null];
/// Time that a process runs before it is measured.
const WARM_UP_NS: u64 = 3_000_000;
/// Least time of a sample, as far as an iteration is not longer.
const SAMPLE_NS: f64 = 500_000.0;
/// Rough time of a turn.
const TURN_NS: f64 = 4_000_000.0;
/// Least number of samples: fewer have no quartile worth the name.
const LEAST_SAMPLES: f64 = 4.0;

/// The programs that take turns.
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
    /// The files of the processes.
    pub ground: Ground,
    /// The user's own tree of sources, if it is read.
    pub corpus: Option<PathBuf>,
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

/// The samples of a turn.
#[derive(Debug, Clone, Copy)]
struct Portion {
    iterations: u64,
    samples: u32,
}

type Workers = Vec<(Side, Client)>;
type Failed = (Side, Error);

impl Arena {
    /// The programs of a pair, with files in `target`. Without a `seed` orders differ from arena to
    /// arena.
    ///
    /// # Errors
    /// If the log or the sources cannot be written.
    pub fn new(
        pair: &Pair,
        target: &Target,
        corpus: Option<PathBuf>,
        seed: Option<u64>,
    ) -> Result<Self> {
        let data = std::path::absolute(target.data())?;
        sources::make_list(&data, corpus.as_deref())?;
        Ok(Self {
            base: pair.base.path.clone(),
            head: pair.head.path.clone(),
            base_environment: Vec::new(),
            head_environment: Vec::new(),
            ground: Ground { data, log: Log::append_to(&target.gate_log())?, pin: None },
            corpus,
            seed: seed.unwrap_or_else(|| fastrand::u64(..)),
        })
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
        let mut workers = self.start(&task.workload, order, &mut random)?;
        let portion = Portion::of(warm_up(&mut workers)?);
        let mut turns = Vec::new();
        // The same forwards and backwards: what drifts evenly cancels.
        for index in (0..order.len()).chain((0..order.len()).rev()) {
            match portion.turn(&mut workers[index]) {
                Ok(turn) => turns.push(turn),
                Err(failed) => return Err(portion.with_others(failed, &mut workers, index)),
            }
        }
        let steal_percent =
            ticks.zip(Ticks::now()).and_then(|(before, now)| now.stolen_percent_since(before));
        let Task { workload, stage, block } = task.clone();
        let elapsed_s = Some(began.elapsed().as_secs_f64());
        Ok(Block { workload, stage, block, turns, steal_percent, elapsed_s })
    }

    /// A workload of one side, for valgrind.
    pub fn subject<'a>(&'a self, workload: &'a str, side: Side) -> Subject<'a> {
        let (program, environment) = self.side(side);
        Subject { program, workload, data: &self.ground.data, environment }
    }

    fn side(&self, side: Side) -> (&Path, &[(String, String)]) {
        match side {
            Side::Head => (&self.head, &self.head_environment),
            Side::Base | Side::Null => (&self.base, &self.base_environment),
        }
    }

    fn start(
        &self,
        workload: &str,
        order: [Side; 3],
        random: &mut fastrand::Rng,
    ) -> Result<Workers, Failure> {
        let mut workers = Vec::new();
        let mut failed = Vec::new();
        for side in order {
            match self.start_one(workload, side, random) {
                Ok(worker) => workers.push((side, worker)),
                Err(why) => failed.push((side, why)),
            }
        }
        blame(failed).map_or(Ok(workers), Err)
    }

    fn start_one(&self, workload: &str, side: Side, random: &mut fastrand::Rng) -> Result<Client> {
        let (program, environment) = self.side(side);
        self.ground.start(&Contestant { program, environment, workload }, random)
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
/// sides run as many iterations, by the speed of the base.
fn warm_up(workers: &mut Workers) -> Result<f64, Failure> {
    let (mut base_ns, mut failed) = (1.0, Vec::new());
    for (side, worker) in workers {
        match worker.warm_up(WARM_UP_NS) {
            Ok(iteration_ns) if *side == Side::Base => base_ns = iteration_ns,
            Ok(_) => {}
            Err(why) => failed.push((*side, why)),
        }
    }
    blame(failed).map_or(Ok(base_ns.max(0.1)), Err)
}

impl Portion {
    /// The samples of every turn, for an iteration of this length.
    fn of(iteration_ns: f64) -> Self {
        let iterations = (SAMPLE_NS / iteration_ns).ceil().max(1.0);
        let samples =
            (TURN_NS / (iterations * iteration_ns)).clamp(LEAST_SAMPLES, TURN_NS / SAMPLE_NS);
        Self { iterations: iterations as u64, samples: samples as u32 }
    }

    fn turn(self, (side, worker): &mut (Side, Client)) -> Result<Turn, Failed> {
        let Self { iterations, samples } = self;
        match worker.time(iterations, samples) {
            Ok(Timed { totals_ns, page_faults_minor, involuntary_switches }) => {
                let side = *side;
                Ok(Turn { side, iterations, totals_ns, page_faults_minor, involuntary_switches })
            }
            Err(why) => Err((*side, why)),
        }
    }

    /// A failure in a turn, with those of the others if they fail alike.
    fn with_others(self, failed: Failed, workers: &mut Workers, index: usize) -> Failure {
        let (side, why) = failed;
        let others = workers.iter_mut().enumerate().filter(|(other, _)| *other != index);
        let mut all: Vec<Failed> =
            others.filter_map(|(_, worker)| self.turn(worker).err()).collect();
        let shown = format!("{why:#}");
        all.push((side, why));
        blame(all).unwrap_or_else(|| Failure { side: None, why: anyhow!(shown) })
    }
}
