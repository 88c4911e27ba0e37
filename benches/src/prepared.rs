//! A workload that is ready to run, and how its iterations are timed.

use crate::service::{Operation, Service};
use crate::team::Team;
use crate::timing::Timing;
use crate::watch::Watch;
use anyhow::{Result, ensure};
use simple_records::{Layout, Residency, Work};
use std::time::{Duration, Instant};

/// Attempts at making an iteration's condition hold before giving up.
const MOST_ATTEMPTS: u32 = 8;
/// Longer after each attempt.
const RETRY_AFTER: Duration = Duration::from_millis(5);

/// Operations of a service that are going on at once while it is checked.
const OPERATIONS_CHECKED: u64 = 100;

/// One iteration of a workload; its result can be checked.
pub type Iteration = Box<dyn FnMut() -> u64>;

/// Code that makes the condition under which an iteration is measured (a cold file, sleeping
/// workers).
pub type Stage = Box<dyn FnMut() -> Result<Condition>>;

/// Whether the condition of an iteration could be made to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// It does.
    Holds,
    /// It does not, perhaps not yet.
    Fails,
    /// A file's pages were looked for in the page cache: the condition holds if none is there.
    Residency {
        /// Those that are there.
        resident_pages: u64,
        /// All of them.
        pages: u64,
    },
}

impl Condition {
    fn holds(self) -> bool {
        matches!(self, Self::Holds | Self::Residency { resident_pages: 0, .. })
    }
}

enum Code {
    /// Timed as a whole.
    Alone(Iteration),
    /// Each iteration timed by itself, after its stage.
    Staged(Stage, Iteration),
    /// Run by several threads at once.
    Team(Team),
    /// Asked for operations, which are done some time later.
    Service(Service),
}

/// A workload that is ready to run. What it was prepared with is taken down when it is
/// dropped.
pub struct Prepared {
    code: Code,
    /// The right result of every iteration.
    pub expected: u64,
    /// The work of one iteration.
    pub work: Work,
    /// Layout in the page cache of the file that it reads, where that is its condition.
    pub layout: Option<Layout>,
    /// Iterations that were run.
    ran: u64,
    audit: Option<Box<dyn FnOnce(u64) -> Result<()>>>,
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Prepared({} items)", self.work.items)
    }
}

impl Prepared {
    fn with(code: Code, items: u64, expected: u64) -> Self {
        let work = Work { items, bytes: None, threads: None };
        Self { code, expected, work, layout: None, ran: 0, audit: None }
    }

    /// A closure that processes `items` and returns `expected`.
    pub fn new(items: u64, expected: u64, run: impl FnMut() -> u64 + 'static) -> Self {
        Self::with(Code::Alone(Box::new(run)), items, expected)
    }

    /// A closure as in [`new`](Self::new), before each run of which `stage` makes its
    /// condition. Stages are not measured; a run whose condition does not hold does not happen.
    pub fn staged(
        items: u64,
        expected: u64,
        stage: impl FnMut() -> Result<Condition> + 'static,
        run: impl FnMut() -> u64 + 'static,
    ) -> Self {
        Self::with(Code::Staged(Box::new(stage), Box::new(run)), items, expected)
    }

    /// A team of threads, all of which together process `items` in an iteration, and whose
    /// results add up to `expected`.
    pub(crate) fn team(items: u64, expected: u64, team: Team) -> Self {
        Self::with(Code::Team(team), items, expected)
    }

    /// A service: `begin` starts one operation and returns without waiting for it; whoever
    /// does the operation calls [`Operation::complete`] once. An iteration is one operation.
    pub fn service(begin: impl FnMut(Operation) + 'static) -> Self {
        Self::with(Code::Service(Service::new(begin)), 1, 0)
    }

    /// Adds how many bytes an iteration processes.
    #[must_use]
    pub fn bytes(mut self, bytes: u64) -> Self {
        self.work.bytes = Some(bytes);
        self
    }

    /// Says that an iteration starts threads, so that they are not there before it.
    #[must_use]
    pub fn starts_threads(mut self) -> Self {
        self.work.threads = Some(2);
        self
    }

    /// Adds how the page cache holds the file that an iteration reads.
    #[must_use]
    pub fn layout(mut self, layout: Option<Layout>) -> Self {
        self.layout = layout;
        self
    }

    /// Adds a check of the effects of all iterations that were run, which gets their number.
    #[must_use]
    pub fn audit(mut self, audit: impl FnOnce(u64) -> Result<()> + 'static) -> Self {
        self.audit = Some(Box::new(audit));
        self
    }

    /// Runs this many iterations and returns their timing.
    ///
    /// # Errors
    /// If a result is wrong, or a condition cannot be made.
    pub fn time(&mut self, iterations: u64) -> Result<Timing> {
        self.time_watched(iterations, &mut ())
    }

    /// [`time`](Self::time), while somebody watches.
    pub(crate) fn time_watched(
        &mut self,
        iterations: u64,
        watch: &mut impl Watch,
    ) -> Result<Timing> {
        let expected = self.expected;
        self.ran += iterations;
        match &mut self.code {
            Code::Alone(run) => {
                let (answer, elapsed) = watch.measured(|| time_alone(run, iterations, expected));
                ensure_right(answer, expected)?;
                Ok(Timing::of(elapsed))
            }
            Code::Staged(stage, run) => {
                let mut timing = Timing::default();
                for _ in 0..iterations {
                    let staged = make_condition(stage)?;
                    let (answer, elapsed) = watch.measured(|| time_alone(run, 1, expected));
                    timing.add(Timing { elapsed, ..staged });
                    ensure_right(answer, expected)?;
                }
                Ok(timing)
            }
            Code::Team(team) => {
                let (answer, elapsed) = team.run(iterations, watch);
                ensure_right(answer, expected.wrapping_mul(iterations))?;
                Ok(Timing::of(elapsed))
            }
            Code::Service(service) => service.burst(iterations, watch).map(Timing::of),
        }
    }

    /// Runs this many iterations and fails if a result or an effect is wrong. A service is
    /// asked for many operations each time, all of which must be done once.
    pub fn check(mut self, iterations: u64) -> Result<()> {
        let is_service = matches!(self.code, Code::Service(_));
        let at_once = if is_service { OPERATIONS_CHECKED } else { 1 };
        for _ in 0..iterations {
            self.time(at_once)?;
        }
        if let Some(audit) = self.audit.take() {
            audit(self.ran)?;
        }
        match self.into_service() {
            Some(service) => service.close(),
            None => Ok(()),
        }
    }

    /// The service, for the instrument that asks for operations at a rate; `None` where it is
    /// something else.
    pub(crate) fn into_service(self) -> Option<Service> {
        match self.code {
            Code::Service(service) => Some(service),
            _ => None,
        }
    }

    /// The bare iteration, for instruments that read no clock; `None` where it needs a stage
    /// or several threads, or is a service.
    pub fn iteration(&mut self) -> Option<&mut Iteration> {
        match &mut self.code {
            Code::Alone(run) => Some(run),
            Code::Staged(..) | Code::Team(_) | Code::Service(_) => None,
        }
    }
}

/// Returns a wrong result if any of the results was wrong.
#[inline(always)]
fn time_alone(run: &mut Iteration, iterations: u64, expected: u64) -> (u64, Duration) {
    let mut answered = expected;
    let start = Instant::now();
    for _ in 0..iterations {
        let answer = std::hint::black_box(run());
        if answer != expected {
            answered = answer;
        }
    }
    (answered, start.elapsed())
}

fn ensure_right(answer: u64, expected: u64) -> Result<()> {
    ensure!(answer == expected, "it answered {answer} where {expected} is right");
    Ok(())
}

/// Makes the condition of an iteration. Returns the number of failed attempts, and what the last one
/// found in the page cache.
fn make_condition(stage: &mut Stage) -> Result<Timing> {
    for discarded in 0..MOST_ATTEMPTS {
        let condition = stage()?;
        if condition.holds() {
            let residency = match condition {
                Condition::Residency { resident_pages, pages } => {
                    Some(Residency { iterations: 1, pages, resident_pages_max: resident_pages })
                }
                _ => None,
            };
            let discarded = u64::from(discarded);
            return Ok(Timing { discarded, residency, ..Timing::default() });
        }
        // Something is still under way, such as reading ahead.
        std::thread::sleep(RETRY_AFTER * (discarded + 1));
    }
    anyhow::bail!("its condition could not be made to hold in {MOST_ATTEMPTS} attempts")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;

    #[test]
    fn a_wrong_answer_is_found() {
        assert!(Prepared::new(1, 5, || 5).check(3).is_ok());
        let error = Prepared::new(1, 5, || 6).check(1).unwrap_err();
        assert!(error.to_string().contains("answered 6 where 5"), "{error}");
        let mut calls = 0;
        let mut sometimes = Prepared::new(1, 5, move || {
            calls += 1;
            if calls == 2 { 7 } else { 5 }
        });
        assert!(sometimes.time(3).is_err(), "one wrong answer among right ones");
    }

    #[test]
    fn a_wrong_effect_is_found() {
        let audited = |right: bool| {
            Prepared::new(1, 0, || 0).audit(move |runs| {
                ensure!(right && runs == 2, "the effect is wrong");
                Ok(())
            })
        };
        assert!(audited(true).check(2).is_ok());
        assert!(audited(false).check(2).is_err());
    }

    #[test]
    fn iterations_without_their_condition_are_discarded_and_counted() {
        let (staged, ran) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let (stages, runs) = (staged.clone(), ran.clone());
        let stage = move || {
            stages.set(stages.get() + 1);
            Ok(if stages.get() % 3 == 0 { Condition::Holds } else { Condition::Fails })
        };
        let run = move || {
            runs.set(runs.get() + 1);
            0
        };
        let timing = Prepared::staged(1, 0, stage, run).time(4).unwrap();
        assert_eq!((staged.get(), ran.get(), timing.discarded), (12, 4, 8));
    }

    #[test]
    fn what_was_in_the_page_cache_is_kept_of_iterations_that_count() {
        let mut looks = 0;
        let stage = move || {
            looks += 1;
            let resident_pages = if looks % 2 == 1 { 7 } else { 0 };
            Ok(Condition::Residency { resident_pages, pages: 9 })
        };
        let timing = Prepared::staged(1, 0, stage, || 0).time(3).unwrap();
        let kept = Residency { iterations: 3, pages: 9, resident_pages_max: 0 };
        assert_eq!((timing.discarded, timing.residency), (3, Some(kept)));
    }

    #[test]
    fn a_condition_that_never_holds_is_an_error() {
        let mut never = Prepared::staged(1, 0, || Ok(Condition::Fails), || 0);
        assert!(never.time(1).unwrap_err().to_string().contains("condition"));
    }

    #[test]
    fn operations_that_are_not_done_exactly_once_are_found() {
        assert!(Prepared::service(Operation::complete).check(2).is_ok());
        let twice = |operation: Operation| (0..2).for_each(|_| operation.complete());
        assert!(Prepared::service(twice).check(2).is_err());
        let mut prepared = Prepared::service(Operation::complete);
        assert!(prepared.time(5).is_ok());
        assert!(prepared.iteration().is_none() && prepared.into_service().is_some());
    }

    #[test]
    fn all_members_of_a_team_run_all_iterations() {
        let team = Team::new(3, |member| move || member);
        let mut prepared = Prepared::team(3, 3, team);
        assert!(prepared.time(10).is_ok());
        assert!(prepared.iteration().is_none());
        prepared.expected = 4;
        assert!(prepared.time(1).is_err());
    }
}
