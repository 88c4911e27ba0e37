//! A comparison in progress: what is measured is written down as it comes, and what is written
//! down decides what is measured next.

mod profiling;

use crate::console::{Amount, Progress, interrupt};
use crate::files::{begin_record, can_resume, unix_s};
use crate::gate::block::{Arena, Failure};
use crate::gate::count::{self, Job, News};
use crate::gate::forecast::Forecast;
use crate::gate::matter::Matter;
use crate::gate::order::{Asked, Order};
use crate::harness::valgrind;
use crate::{fingerprint, programs, say};
use anyhow::{Context, Result, ensure};
use simple_records::{
    Build, Gate, GateEnd, GateRecord, GateStart, Log, LogFile, Retired, SCHEMA_VERSION, Side,
    Stage, Witness,
};
use simple_reports::judge::{Outlook, Task, next, outlook, recount, spent_s};
use simple_reports::text;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A block that fails is measured once more before its workload is given up: a condition may
/// not have held by chance.
const ATTEMPTS: u32 = 2;

/// After a block of more seconds than this, the time that is left decides again what is measured.
const SLOW_BLOCK_S: f64 = 1.0;

/// A comparison in progress.
#[derive(Debug)]
pub struct Session {
    gate: Gate,
    writer: Log<Gate>,
    arena: Arena,
    progress: Progress,
    profiles: bool,
}

impl Session {
    /// Begins a comparison in `folder`. `corpus` is the user's own tree of sources, if it is read.
    pub fn begin(
        folder: &Path,
        matter: Matter,
        arena: Arena,
        order: &Order,
        corpus: Option<PathBuf>,
    ) -> Result<Self> {
        let now = SystemTime::now();
        let Matter {
            base,
            head,
            harness,
            suite,
            notes,
            same_program,
            candidates,
            only_in,
            retired,
        } = matter;
        let (run, writer) = begin_record(folder, now)?;
        let start = GateStart {
            schema: SCHEMA_VERSION,
            run,
            started_unix_s: unix_s(now),
            tool: concat!("simple-gate ", env!("CARGO_PKG_VERSION")).to_owned(),
            effort: order.effort.into(),
            filters: order.filters.clone(),
            instruments: order.instruments.clone(),
            candidates: candidates.len() as u64,
            seed: arena.seed,
            base,
            head,
            harness,
            notes,
            corpus,
            suite,
            layouts: arena.sides.layouts(),
            same_program,
            limits: order.limits.clone(),
            fingerprint: fingerprint::collect().told(),
        };
        let gate = Gate::begun(start.clone());
        let mut this =
            Self { gate, writer, arena, progress: Progress::of(Amount::Grows), profiles: true };
        this.write(GateRecord::Gate(Box::new(start)))?;
        for one in only_in {
            this.write(GateRecord::OnlyIn(one))?;
        }
        for candidate in candidates {
            this.write(GateRecord::Candidate(candidate))?;
        }
        for one in retired {
            this.write(GateRecord::Retired(one))?;
        }
        Ok(this)
    }

    /// Goes on with the comparison in `path`, which must be of this machine and these programs,
    /// and was begun as it is asked for now.
    pub fn resume(
        path: &Path,
        (base, head): (&Build, &Build),
        mut arena: Arena,
        asked: &Asked,
    ) -> Result<Self> {
        let gate = Gate::read(path)?;
        let shown = path.display();
        ensure!(gate.end.is_none(), "{shown} is complete: there is nothing to resume");
        let start = &gate.start;
        asked.check(start).with_context(|| format!("{shown} cannot be resumed like that"))?;
        let here = fingerprint::collect().fingerprint;
        can_resume(&start.fingerprint, &here).with_context(|| shown.to_string())?;
        ensure!(
            start.base.key == base.key && start.head.key == head.key,
            "{shown} compares other programs: the sources have changed since; \
             compare again without --resume"
        );
        let is_chosen = gate.candidates.len() as u64 == start.candidates;
        ensure!(is_chosen, "{shown} has only begun: compare again without --resume");
        say!("going on with {shown}: {} blocks are there", gate.blocks.len());
        arena.seed = start.seed;
        let writer = Log::<Gate>::resume(path)?;
        Ok(Self { gate, writer, arena, progress: Progress::of(Amount::Grows), profiles: true })
    }

    /// The same, without profiles of what got slower.
    pub fn without_profiles(self) -> Self {
        Self { profiles: false, ..self }
    }

    /// Measures all that is to be measured.
    pub fn run(mut self) -> Result<(Gate, PathBuf)> {
        self.count_all()?;
        self.time_all()?;
        if self.profiles {
            self.profile_slower()?;
        }
        let finished_unix_s = unix_s(SystemTime::now());
        self.write(GateRecord::GateEnd(GateEnd { finished_unix_s }))?;
        Ok((self.gate, self.writer.path().to_owned()))
    }

    /// Counts what has not been counted, and once more what seems to have grown.
    fn count_all(&mut self) -> Result<()> {
        let candidates = self.gate.candidates.iter();
        let counted = candidates.filter(|one| one.instruments.contains(&Witness::Instructions));
        let names: Vec<String> = counted.map(|one| one.subject.workload.clone()).collect();
        if !names.is_empty() && !programs::is_there("valgrind") {
            let why = valgrind::MISSING;
            self.progress.note(&format!("instructions are not counted: {why}"));
            for workload in names {
                let (instrument, why) = (Witness::Instructions, why.to_owned());
                self.write(GateRecord::Retired(Retired { workload, instrument, side: None, why }))?;
            }
            return Ok(());
        }
        self.count(&names, Stage::Screen)?;
        let again = recount(&self.gate);
        self.count(&again, Stage::Confirm)
    }

    fn count(&mut self, names: &[String], stage: Stage) -> Result<()> {
        let is_done = |workload: &String, side: Side| {
            let mut counted = self.gate.counted.iter().filter(|one| one.stage == stage);
            let mut retired = self.gate.retired.iter().filter(|one| {
                one.instrument == Witness::Instructions
                    && one.side.is_none_or(|retired| retired == side)
            });
            counted.any(|one| one.workload == *workload && one.side == side)
                || retired.any(|one| one.workload == *workload)
        };
        let sides = [Side::Base, Side::Head];
        let jobs: Vec<Job> = names
            .iter()
            .flat_map(|workload| sides.map(|side| Job { workload: workload.clone(), side, stage }))
            .filter(|job| !is_done(&job.workload, job.side))
            .collect();
        if jobs.is_empty() {
            return Ok(());
        }
        self.progress.expect(jobs.len());
        let part = match stage {
            Stage::Screen => "counting instructions",
            Stage::Confirm => "counting again what seems to have grown",
        };
        let Self { gate, writer, progress, arena, .. } = self;
        count::count(arena, jobs, |news| {
            interrupt::hold_if_ending();
            let record = match news {
                News::Begun(job) => {
                    progress.show(part, &job.workload);
                    return Ok(());
                }
                News::Done(Ok(counted)) => GateRecord::Counted(counted),
                News::Done(Err(retired)) => {
                    progress.note(&format!("not counted: {}: {}", retired.workload, retired.why));
                    GateRecord::Retired(retired)
                }
            };
            writer.append(&record)?;
            gate.add(record);
            progress.step();
            Ok(())
        })
    }

    /// Measures blocks until everything is decided, or the time is over.
    fn time_all(&mut self) -> Result<()> {
        let mut forecast = Forecast::begin();
        loop {
            let mut tasks = next(&self.gate);
            if tasks.is_empty() {
                self.progress.say_steps();
                return Ok(());
            }
            if let Some(words) = forecast.words(&self.gate, &tasks) {
                self.progress.note(&words);
            }
            let seed = self.arena.seed ^ u64::from(tasks[0].block);
            fastrand::Rng::with_seed(seed).shuffle(&mut tasks);
            // Blocks of one workload keep their order.
            tasks.sort_by_key(|task| task.block);
            self.prepare(&tasks)?;
            let mut outlook = outlook(&self.gate);
            for task in tasks {
                self.progress.say_state(state(&self.gate, &outlook));
                self.progress.expect_all(outlook.blocks, outlook.expected);
                self.time(&task)?;
                forecast.step();
                outlook.blocks += 1;
                if self.is_slow() {
                    // A whole pass of such blocks could outlast the budget.
                    break;
                }
            }
        }
    }

    /// Makes what the blocks need before the first of them, so that none waits for it.
    fn prepare(&mut self, tasks: &[Task]) -> Result<()> {
        let Self { arena, progress, .. } = self;
        for task in tasks {
            let made =
                arena.sides.prepare(task, &mut |what| progress.show("linking layouts", what));
            // A child that was ended by an interrupt has not failed.
            interrupt::hold_if_ending();
            made?;
        }
        Ok(())
    }

    /// Returns whether the newest block was slow.
    fn is_slow(&self) -> bool {
        let newest = self.gate.blocks.last().and_then(|block| block.elapsed_s);
        newest.is_some_and(|elapsed_s| elapsed_s > SLOW_BLOCK_S)
    }

    fn time(&mut self, task: &Task) -> Result<()> {
        let part = match task.stage {
            Stage::Screen => format!("block {}", task.block + 1),
            Stage::Confirm => format!("measuring suspects again, block {}", task.block + 1),
        };
        self.progress.show(&part, &task.workload);
        let mut failure = None;
        for attempt in 0..ATTEMPTS {
            match self.arena.measure(task, attempt) {
                Ok(block) => return self.write(GateRecord::Block(block)),
                Err(failed) => failure = Some(failed),
            }
        }
        let Some(Failure { side, why }) = failure else { return Ok(()) };
        self.progress.note(&format!("not timed any more: {}: {why:#}", task.workload));
        self.write(GateRecord::Retired(Retired {
            workload: task.workload.clone(),
            instrument: Witness::Time,
            side,
            why: format!("{why:#}"),
        }))
    }

    fn write(&mut self, record: GateRecord) -> Result<()> {
        // A child that was ended by an interrupt has not failed.
        interrupt::hold_if_ending();
        self.writer.append(&record)?;
        self.gate.add(record);
        Ok(())
    }
}

/// `12 of 40 blocks, 3 of 10 workloads decided, 4 min of the budget left`.
fn state(gate: &Gate, outlook: &Outlook) -> String {
    let Outlook { blocks, expected, answered, workloads } = outlook;
    let state = format!(
        "{blocks} of {} blocks, {answered} of {workloads} workloads decided",
        expected.max(blocks)
    );
    match gate.start.limits.budget_s {
        None => state,
        Some(budget_s) => {
            let left_s = (budget_s - spent_s(gate)).max(0.0);
            let left = Duration::try_from_secs_f64(left_s).unwrap_or(Duration::MAX);
            format!("{state}, {} of the budget left", text::duration(left))
        }
    }
}
