//! Doses: numbers of steps that make a hot path slower by a known share.
//!
//! A place that is slowed costs something even without steps (`simple_runtime`'s module `slowdown`), so
//! both sides come to it, and only the head makes steps.

mod paths;
mod search;

pub use paths::{BENCHED_TOO, COUNTED, OTHERWISE, Path, SPUN};

use crate::gate::block::Arena;
use crate::gate::sides::Programs;
use crate::harness::Log;
use crate::harness::block::Ground;
use crate::harness::valgrind::Scope;
use anyhow::{Result, bail};
use search::{Measured, Next, Search, TOLERANCE};
use simple_records::{Dose, DoseForm, Side, Stage, Witness};
use simple_reports::judge::{Task, difference};

/// Smallest slow-down that is set by measuring; smaller ones are fractions of it, because the time to
/// measure them as precisely grows quadratically.
pub const LEAST_MEASURED: f64 = 0.05;
/// Factors of the visits of which one makes steps, from the coarsest doses to the finest.
const FINER: [u32; 3] = [1, 8, 64];

/// The end of a search.
#[derive(Debug, Clone)]
pub enum Setting {
    /// The dose.
    Set(Dose),
    /// The reason why there is none.
    Impossible(String),
}

/// The dose that slows `path` by the share `by`, in time or in instructions. Another dose of the path,
/// `known`, says what to try first.
///
/// # Errors
/// If the workload cannot be measured.
pub fn set(
    programs: &Programs,
    path: &Path,
    witness: Witness,
    by: f64,
    known: Option<&Dose>,
) -> Result<Setting> {
    let aim = match witness {
        Witness::Time => by.max(LEAST_MEASURED),
        Witness::Instructions => by,
    };
    let mut why = String::new();
    for finer in FINER {
        let every = path.every * finer;
        // Finer doses than those of a known one were not needed, coarser ones would not do.
        if known.is_some_and(|dose| every < dose.every) {
            continue;
        }
        let first = match known {
            Some(dose) => {
                let finer = f64::from(every) / f64::from(dose.every);
                (f64::from(dose.steps) * finer * aim / dose.share).round() as u32
            }
            None => first_steps(path.form) * finer,
        };
        match search(programs, path, witness, every, Search::new(aim, first))? {
            Ok((steps, effect)) => {
                let dose = dose(path, every, steps, effect);
                match if by < aim { fraction(&dose, by) } else { Some(dose) } {
                    Some(dose) => return Ok(Setting::Set(dose)),
                    None => why = "a step is too large a part of it".to_owned(),
                }
            }
            Err(Next::TooCoarse) => {
                "one step less is too little, and one more too much".clone_into(&mut why)
            }
            // Finer steps do not help.
            Err(_) => {
                return Ok(Setting::Impossible("the blocks of it differ too much".to_owned()));
            }
        }
    }
    Ok(Setting::Impossible(why))
}

/// Steps that are tried first, at each of the visits of a path.
fn first_steps(form: DoseForm) -> u32 {
    match form {
        DoseForm::Spin => 20,
        DoseForm::Fence | DoseForm::Miss | DoseForm::Lock | DoseForm::Line => 4,
    }
}

/// The part of a dose that slows by `by`, in proportion. `None` if a step is too large for that.
pub fn fraction(dose: &Dose, by: f64) -> Option<Dose> {
    let steps = (f64::from(dose.steps) * by / dose.share).round();
    let part = steps / f64::from(dose.steps);
    let share = dose.share * part;
    let is_near = steps > 0.0 && (share / by - 1.0).abs() <= TOLERANCE;
    let interval = dose.interval.map(|end| end * part);
    is_near.then(|| Dose { steps: steps as u32, share, interval, ..dose.clone() })
}

fn dose(
    path: &Path,
    every: u32,
    steps: u32,
    Measured { share, interval, blocks }: Measured,
) -> Dose {
    let Path { site, form, threads, .. } = *path;
    Dose {
        form: form.into(),
        site: site.to_owned(),
        steps,
        every,
        share,
        interval,
        blocks,
        threads,
    }
}

/// Measures until the search has ended. The error is its end without a dose.
fn search(
    programs: &Programs,
    path: &Path,
    witness: Witness,
    every: u32,
    mut search: Search,
) -> Result<Result<(u32, Measured), Next>> {
    let mut block = 0;
    loop {
        match search.next() {
            Next::Measure { steps, blocks } => {
                let arena = with_steps(programs, path, every, steps)?;
                match witness {
                    Witness::Time => {
                        search.add(&longer(&arena, path, block, blocks as u32)?);
                        block += blocks as u32;
                    }
                    Witness::Instructions => search.add_exact(more_instructions(&arena, path)?),
                }
            }
            Next::Set { steps, effect } => return Ok(Ok((steps, effect))),
            end => return Ok(Err(end)),
        }
    }
}

/// Variables of a side that makes this many steps at one of `every` visits.
pub fn environment(path: &Path, every: u32, steps: u32) -> Vec<(String, String)> {
    let Path { site, form, .. } = path;
    vec![("SIMPLE_RT_SLOWDOWN".to_owned(), format!("{site}={form}:{steps}/{every}"))]
}

/// Returns by how much the head takes longer, in each of these blocks, as differences of logarithms.
fn longer(arena: &Arena, path: &Path, first: u32, blocks: u32) -> Result<Vec<f64>> {
    let mut differences = Vec::new();
    for block in first..first + blocks {
        let task = Task { workload: path.workload.to_owned(), stage: Stage::Confirm, block };
        let block = arena.measure(&task, 0).map_err(|failure| failure.why)?;
        match difference(&block) {
            Some(difference) => differences.push(difference),
            None => bail!("nothing was timed"),
        }
    }
    Ok(differences)
}

/// Returns the share by which the head executes more instructions.
fn more_instructions(arena: &Arena, path: &Path) -> Result<f64> {
    let count = |side| {
        let profile = arena.sides.instructions(path.workload, side, Scope::Iteration)?;
        Ok::<_, anyhow::Error>(profile.costs.instructions as f64)
    };
    Ok(count(Side::Head)? / count(Side::Base)? - 1.0)
}

fn with_steps(programs: &Programs, path: &Path, every: u32, steps: u32) -> Result<Arena> {
    let Programs { base, head, ground, layouts, .. } = programs;
    let programs = Programs {
        base: base.clone(),
        head: head.clone(),
        base_environment: environment(path, every, 0),
        head_environment: environment(path, every, steps),
        layouts: layouts.clone(),
        ground: Ground {
            data: ground.data.clone(),
            log: Log::append_to(&ground.log.path)?,
            pin: None,
        },
    };
    Ok(Arena::new(Box::new(programs), None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_part_of_a_dose_has_the_part_of_its_interval() {
        let effect = Measured { share: 0.052, interval: [0.048, 0.056], blocks: 24 };
        let all = dose(&SPUN[0], 8, 100, effect);
        let part = fraction(&all, 0.01).unwrap();
        assert_eq!((part.steps, part.every, part.blocks), (19, 8, 24));
        assert!((part.share - 0.00988).abs() < 1e-9 && part.interval[0] < part.share);
        let coarse = dose(&SPUN[0], 8, 3, effect);
        assert_eq!(fraction(&coarse, 0.01), None, "a step is 1.7%");
        assert_eq!(fraction(&coarse, 0.001), None, "no step is left");
    }

    #[test]
    fn the_environment_names_place_form_and_steps() {
        let [(name, value)] = &environment(&OTHERWISE[0], 8, 12)[..] else { panic!() };
        assert_eq!((&**name, &**value), ("SIMPLE_RT_SLOWDOWN", "future-run=fence:12/8"));
    }

    /// A record tells trials apart by form and workload.
    #[test]
    fn no_two_paths_have_one_form_and_workload() {
        let timed: Vec<&Path> = SPUN.iter().chain(&OTHERWISE).collect();
        let different: BTreeSet<_> = timed.iter().map(|path| (path.form, path.workload)).collect();
        assert_eq!(different.len(), timed.len());
        let others: BTreeSet<_> = OTHERWISE.iter().map(|path| path.form).collect();
        assert_eq!(others.len(), 4);
        assert!(OTHERWISE.iter().filter(|path| path.threads > 1).count() >= 3);
    }
}
