//! Two programs of the harness.

use super::{Counting, Entrant, Layouts, Pace, Portion, Sides, Taken};
use crate::harness::block::{Contestant, Ground};
use crate::harness::builds::Pair;
use crate::harness::turns::TurnOrder;
use crate::harness::valgrind::{Scope, Subject};
use crate::harness::{Client, Log, Timed, sources};
use crate::target::Target;
use anyhow::Result;
use simple_profiles::callgrind::Profile;
use simple_records::Side;
use simple_reports::judge::Task;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Fewer samples than these have no quartile worth the name.
const PACE: Pace = Pace {
    warm_up_ns: 3_000_000,
    sample_ns: 500_000.0,
    turn_ns: 4_000_000.0,
    least_samples: 4,
    least_long_samples: 4,
    order: TurnOrder::ThereAndBack,
};

/// Threads that meet take one of several times, which a process often keeps: by where the scheduler has put
/// them. More processes say more about those than longer turns.
const BRIEF: Pace = Pace {
    turn_ns: 1_000_000.0,
    least_samples: 2,
    least_long_samples: 2,
    order: TurnOrder::Forwards,
    ..PACE
};

/// The programs that take turns.
#[derive(Debug)]
pub struct Programs {
    /// The program that is compared with.
    pub base: PathBuf,
    /// The program that is judged.
    pub head: PathBuf,
    /// Added to the environment of the head.
    pub head_environment: Vec<(String, String)>,
    /// Added to the environment of the base.
    pub base_environment: Vec<(String, String)>,
    /// The layouts that blocks run; without any, the programs as they were linked.
    pub layouts: Option<Arc<Layouts>>,
    /// The files of the processes.
    pub ground: Ground,
}

impl Programs {
    /// The programs of a pair, with files in `target`. `corpus` is the user's own tree of sources, if
    /// it is read.
    ///
    /// # Errors
    /// If the log or the sources cannot be written.
    pub fn new(pair: &Pair, target: &Target, corpus: Option<&Path>) -> Result<Self> {
        let data = std::path::absolute(target.data())?;
        sources::make_list(&data, corpus)?;
        Ok(Self {
            base: pair.base.path.clone(),
            head: pair.head.path.clone(),
            base_environment: Vec::new(),
            head_environment: Vec::new(),
            layouts: None,
            ground: Ground { data, log: Log::append_to(&target.gate_log())?, pin: None },
        })
    }

    fn side(&self, side: Side) -> (&Path, &[(String, String)]) {
        match side {
            Side::Head => (&self.head, &self.head_environment),
            Side::Base | Side::Null => (&self.base, &self.base_environment),
        }
    }
}

impl Sides for Programs {
    fn prepare(&self, task: &Task, tell: &mut dyn FnMut(&str)) -> Result<()> {
        let Some(layouts) = &self.layouts else { return Ok(()) };
        for (side, words) in layouts.missing(task) {
            tell(&words);
            layouts.program(side, task)?;
        }
        Ok(())
    }

    fn layouts(&self) -> Option<u32> {
        self.layouts.as_ref().map(|layouts| layouts.count())
    }

    fn start(
        &self,
        task: &Task,
        side: Side,
        processor: Option<usize>,
        random: &mut fastrand::Rng,
    ) -> Result<Box<dyn Entrant>> {
        let (program, environment) = self.side(side);
        let layout =
            self.layouts.as_ref().map(|layouts| layouts.program(side, task)).transpose()?;
        let program = layout.as_deref().unwrap_or(program);
        let contestant = Contestant { program, environment, workload: &task.workload };
        Ok(Box::new(self.ground.start(&contestant, processor, random)?))
    }

    fn processor(&self, random: &mut fastrand::Rng) -> Option<usize> {
        self.ground.processor(random)
    }

    fn instructions(&self, workload: &str, side: Side, scope: Scope) -> Result<Profile> {
        let (program, environment) = self.side(side);
        Subject { program, workload, data: &self.ground.data, environment }.instructions(scope)
    }

    fn pace(&self, threads: Option<u64>) -> Pace {
        if threads.is_some_and(|threads| threads > 1) { BRIEF } else { PACE }
    }

    fn counting(&self) -> Counting {
        Counting::Iterations
    }
}

impl Entrant for Client {
    fn warm_up(&mut self, at_least_ns: u64) -> Result<f64> {
        Self::warm_up(self, at_least_ns)
    }

    fn threads(&self) -> Option<u64> {
        Self::threads(self)
    }

    fn turn(&mut self, portion: &Portion) -> Result<Taken> {
        let Portion { iterations, samples, .. } = *portion;
        let Timed { totals_ns, page_faults_minor, involuntary_switches } =
            self.time(iterations, samples)?;
        Ok(Taken { iterations, totals_ns, page_faults_minor, involuntary_switches })
    }
}
