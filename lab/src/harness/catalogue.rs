//! The catalogue of a program, and the workloads of it that are chosen.

use super::Client;
use crate::programs;
use anyhow::{Context, Result, bail};
use simple_names::Filter;
use simple_records::harness::{Catalogue, Family, Gating, Listed};
use simple_records::{AxisValue, Candidate, Effort, Instrument, Subject, Witness};
use std::collections::HashSet;
use std::path::Path;
use std::thread;

/// The instruments that judge.
const JUDGES: [Instrument; 2] = [Instrument::Wall, Instrument::Instructions];

/// Workloads that are judged.
#[derive(Debug, Clone)]
pub struct Choice<'a> {
    /// The least effort that measures them.
    pub effort: Effort,
    /// Patterns of their names and axes. Patterns also find workloads that are not judged by default.
    pub filters: &'a [String],
}

/// Asks a program for its catalogue.
///
/// # Errors
/// If it cannot be started or does not speak the language.
pub fn catalogue(program: &Path) -> Result<Catalogue> {
    let ask = || Client::start(programs::measured(program), None)?.catalogue();
    let catalogue = ask().with_context(|| format!("{} lists no workloads", program.display()))?;
    match fault(&catalogue) {
        None => Ok(catalogue),
        Some(fault) => bail!("{}: {fault}", program.display()),
    }
}

/// The first fault of a catalogue for which its workloads could not be told apart, in a sentence.
fn fault(catalogue: &Catalogue) -> Option<String> {
    let mut names = HashSet::new();
    for Family { comparison, workloads } in &catalogue.families {
        let id = &comparison.id;
        if id.trim().is_empty() {
            return Some("a question has no name: give it one".to_owned());
        }
        for workload in workloads {
            let name = &workload.workload;
            if workload.axes.iter().any(|(_, value)| value.to_string().trim().is_empty()) {
                return Some(format!("'{name}' has an axis without a value: name the alternative"));
            }
            if !names.insert(name.as_str()) {
                return Some(format!(
                    "'{name}' is there twice: give each workload a place of its own"
                ));
            }
        }
    }
    None
}

impl Choice<'_> {
    fn includes(&self, filter: &Filter, workload: &Listed) -> bool {
        !workload.peer
            && workload.gating != Gating::Never
            && workload.effort <= self.effort
            && matches(filter, workload)
    }
}

/// Returns whether a filter chooses a workload.
fn matches(filter: &Filter, workload: &Listed) -> bool {
    filter.chooses(&workload.workload, &named(workload).axes)
}

/// A workload as the list of names has it.
pub fn named(workload: &Listed) -> simple_names::Workload {
    let axes = workload.axes.iter().map(|(axis, value)| (axis.to_owned(), value.to_string()));
    simple_names::Workload {
        name: workload.workload.clone(),
        effort: workload.effort.name().to_owned(),
        axes: axes.collect(),
    }
}

/// The part of a catalogue that matches filters, or all of it if there are none.
pub fn chosen(catalogue: Catalogue, filters: &[String]) -> Vec<Family> {
    let filter = Filter::new(filters);
    let mut families = catalogue.families;
    for family in &mut families {
        family.workloads.retain(|workload| matches(&filter, workload));
    }
    families.retain(|family| !family.workloads.is_empty());
    families
}

/// The workloads that are judged when two builds are compared.
///
/// Peers are not: they are the same code in both builds. Of the runtime's own alternatives, only
/// the defaults are judged ([`Comparison::defaults`]), and a few that represent a mode of their
/// own ([`Gating::Always`]); a run shows a slower table that is nobody's default. Loads of
/// files that are not in memory, and more threads than there are processors, are not judged either:
/// their times are the disk's and the scheduler's.
///
/// [`Comparison::defaults`]: simple_records::Comparison::defaults
pub fn gated(catalogue: &Catalogue, choice: &Choice<'_>) -> Vec<Candidate> {
    let filter = Filter::new(choice.filters);
    let mut candidates = Vec::new();
    for family in &catalogue.families {
        for workload in family.workloads.iter().filter(|one| choice.includes(&filter, one)) {
            let is_judged = |instrument: &Instrument| match instrument {
                Instrument::Instructions => true,
                _ => !choice.filters.is_empty() || is_at_default(family, workload),
            };
            let suits = |instrument: &Instrument| workload.instruments.contains(instrument);
            let instruments = JUDGES.into_iter().filter(suits).filter(is_judged);
            let instruments: Vec<_> = instruments
                .map(|one| match one {
                    Instrument::Instructions => Witness::Instructions,
                    _ => Witness::Time,
                })
                .collect();
            if !instruments.is_empty() {
                candidates.push(Candidate { subject: subject(workload), instruments });
            }
        }
    }
    candidates
}

/// A workload as records have it.
pub fn subject(workload: &Listed) -> Subject {
    Subject {
        workload: workload.workload.clone(),
        comparison: workload.comparison.clone(),
        reason: workload.reason.clone(),
        axes: workload.axes.clone(),
        peer: workload.peer,
    }
}

/// Returns whether a workload measures the defaults, or a mode of its own.
fn is_at_default(family: &Family, workload: &Listed) -> bool {
    let mut defaults = family.comparison.defaults.iter();
    let at_defaults =
        defaults.all(|(axis, value)| workload.axes.get(axis).is_none_or(|at| at == value));
    let most = thread::available_parallelism().map_or(1, usize::from) as u64;
    let threads = ["threads", "workers"].into_iter().filter_map(|axis| workload.axes.get(axis));
    let is_crowded = threads.filter_map(AxisValue::number).any(|threads| threads > most);
    (at_defaults && !is_crowded) || workload.gating == Gating::Always
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use simple_records::{Axes, Comparison, Display, Scale};

    /// A workload of the comparison `a/b` with this lock.
    fn listed(lock: &str, threads: u64) -> Listed {
        Listed {
            workload: format!("a/b/{lock}/{threads}"),
            comparison: "a/b".to_owned(),
            reason: "to test".to_owned(),
            axes: Axes::default().with("lock", lock).with("threads", threads),
            peer: false,
            effort: Effort::Quick,
            instruments: vec![Instrument::Wall],
            gating: Gating::AtDefaults,
        }
    }

    /// A comparison of locks, whose default is `slab`.
    pub(crate) fn example() -> Catalogue {
        let comparison = Comparison {
            id: "a/b".to_owned(),
            title: "Which?".to_owned(),
            explanation: "Any.".to_owned(),
            x_axis: "threads".to_owned(),
            x_scale: Scale::Linear,
            series_axis: "lock".to_owned(),
            facet_axis: None,
            defaults: Axes::default().with("lock", "slab"),
            item: "look".to_owned(),
            display: Display::TimePerItem,
        };
        let mut workloads = vec![
            listed("slab", 1),
            listed("mutex", 1),
            listed("slab", 1_000_000),
            Listed { gating: Gating::Always, ..listed("manual", 1) },
            Listed { gating: Gating::Never, ..listed("slab", 2) },
            Listed { peer: true, ..listed("dashmap", 1) },
            Listed { effort: Effort::Full, ..listed("slab", 0) },
        ];
        workloads[1].instruments.push(Instrument::Instructions);
        Catalogue { families: vec![Family { comparison, workloads }] }
    }

    fn judged(effort: Effort, filters: &[&str]) -> Vec<(String, String)> {
        let filters: Vec<_> = filters.iter().map(|&text| text.to_owned()).collect();
        let candidates = gated(&example(), &Choice { effort, filters: &filters });
        let shown = candidates.into_iter().map(|one| (one.subject.workload, one.instruments));
        let words =
            |all: Vec<Witness>| all.iter().map(|one| one.name()).collect::<Vec<_>>().join(",");
        shown.map(|(name, witnesses)| (name, words(witnesses))).collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn defaults_and_modes_of_their_own_are_judged_by_time() {
        let quick =
            [("a/b/slab/1", "wall"), ("a/b/mutex/1", "instructions"), ("a/b/manual/1", "wall")];
        assert_eq!(judged(Effort::Quick, &[]), pairs(&quick));
        let full = judged(Effort::Full, &[]);
        assert_eq!(full.len(), quick.len() + 1);
        assert!(full.contains(&("a/b/slab/0".to_owned(), "wall".to_owned())));
    }

    #[test]
    fn filters_find_alternatives_too_but_neither_peers_nor_the_disk() {
        assert_eq!(
            judged(Effort::Quick, &["mutex"]),
            pairs(&[("a/b/mutex/1", "wall,instructions")])
        );
        assert_eq!(judged(Effort::Quick, &["lock=mutex"]).len(), 1);
        assert_eq!(judged(Effort::Quick, &["dashmap"]), []);
        assert_eq!(judged(Effort::Full, &["slab/2"]), []);
        assert_eq!(judged(Effort::Quick, &["no such"]), []);
    }

    #[test]
    fn workloads_that_cannot_be_told_apart_are_a_fault() {
        let faulty = |change: fn(&mut Family)| {
            let mut catalogue = example();
            catalogue.families[0].workloads.truncate(2);
            change(&mut catalogue.families[0]);
            fault(&catalogue)
        };
        assert_eq!(faulty(|_| {}), None);
        for (change, word) in [
            (faulty(|one| one.comparison.id = " ".to_owned()), "no name"),
            (
                faulty(|one| one.workloads.push(one.workloads[0].clone())),
                "a/b/slab/1' is there twice",
            ),
            (faulty(|one| one.workloads[0] = listed("", 1)), "without a value"),
        ] {
            assert!(change.as_ref().is_some_and(|fault| fault.contains(word)), "{change:?}");
        }
    }

    #[test]
    fn chosen_families_have_workloads() {
        let chosen = |filter: &str| chosen(example(), &[filter.to_owned()]);
        assert_eq!(chosen("a/b")[0].workloads.len(), example().families[0].workloads.len());
        assert_eq!(chosen("threads=1").len(), 1);
        assert!(chosen("no such").is_empty());
    }
}
