//! The matter of a comparison: two builds, and the workloads that are judged.

use crate::gate::order::Order;
use crate::gate::repository::Sides;
use crate::harness::builds::Pair;
use crate::harness::{self, Choice};
use crate::suite::{Part, Place, Suite};
use anyhow::{Context, Result, ensure};
use simple_names::Filter;
use simple_records::{
    Axes, Build, Candidate, GateSuite, Harness, OnlyIn, Retired, SameProgram, Side, Subject,
    Witness,
};
use std::collections::BTreeSet;
use std::path::Path;

/// The matter of a comparison.
#[derive(Debug)]
pub struct Matter {
    /// The build that is compared with.
    pub base: Build,
    /// The build that is judged.
    pub head: Build,
    /// The origin of the harness of both.
    pub harness: Harness,
    /// The suite, if the workloads are benchmarks of anybody's repository.
    pub suite: Option<GateSuite>,
    /// Notes for readers, in sentences.
    pub notes: Vec<String>,
    /// The part that is the same in both builds if they are one program; then nothing is judged.
    pub same_program: Option<SameProgram>,
    /// The workloads to judge; at least one, unless both builds are one program.
    pub candidates: Vec<Candidate>,
    /// Those that only one build has.
    pub only_in: Vec<OnlyIn>,
    /// Those that are known to be impossible to measure, by which instrument and why.
    pub retired: Vec<Retired>,
}

impl Matter {
    /// Two programs of the harness.
    ///
    /// # Errors
    /// If a program lists no workloads, or none is chosen.
    pub fn of_programs(pair: &Pair, order: &Order) -> Result<Self> {
        let base = candidates(&pair.base.path, order)?;
        let head = candidates(&pair.head.path, order)?;
        let own = match &pair.base_own {
            Some(program) => candidates(&program.path, order)?,
            None => base.clone(),
        };
        let only_in = only_in(&names(&own), &names(&head));
        let candidates = of_both(head, &names(&base));
        ensure!(
            !candidates.is_empty(),
            "no workload that is judged matches '{}': `just list` shows all of them",
            order.filters.join(" ")
        );
        Ok(Self {
            base: pair.base.build.clone(),
            head: pair.head.build.clone(),
            harness: pair.harness,
            suite: None,
            notes: pair.notes.clone(),
            same_program: None,
            candidates,
            only_in,
            retired: Vec::new(),
        })
    }

    /// The same builds, found to be one program.
    #[must_use]
    pub fn same(self, same: SameProgram) -> Self {
        Self { same_program: Some(same), candidates: Vec::new(), ..self }
    }

    /// Two places of a suite.
    ///
    /// # Errors
    /// If a part cannot list its benchmarks in the head, or none is chosen.
    pub fn of_suite(suite: &Suite, sides: &Sides, order: &Order) -> Result<Self> {
        let (mut base, mut head) = (BTreeSet::new(), Vec::new());
        let mut in_head = BTreeSet::new();
        let mut notes = sides.notes.clone();
        for part in &suite.parts {
            let of_head = benchmarks(part, &sides.head_place, order)
                .with_context(|| format!("{}: its benchmarks cannot be listed", part.prefix))?;
            in_head.extend(of_head.iter().map(|one| one.workload.clone()));
            head.extend(of_head.iter().filter_map(|one| judged(one, &sides.head_place, order)));
            match benchmarks(part, &sides.base_place, order) {
                Ok(of_base) => base.extend(of_base.into_iter().map(|one| one.workload)),
                // A part may be new.
                Err(error) => notes.push(format!(
                    "{} cannot list the benchmarks of {}, so they are not compared ({error:#})",
                    sides.base.name, part.prefix
                )),
            }
        }
        let all: Vec<String> = in_head.union(&base).cloned().collect();
        let only_in = only_in(&base, &in_head);
        let candidates = of_both(head, &base);
        ensure!(
            !candidates.is_empty() || in_head.is_disjoint(&base),
            "nothing of {} can be judged by --instruments instructions alone: processes are \
             counted, but neither scripts nor what times itself; leave the option out to time them",
            all.join(", ")
        );
        ensure!(!candidates.is_empty(), "{}", nothing(&all, sides, order));
        let suite = GateSuite { file: sides.file.clone(), build: suite.build.clone() };
        Ok(Self {
            base: sides.base.clone(),
            head: sides.head.clone(),
            harness: Harness::Own,
            suite: Some(suite),
            notes,
            same_program: None,
            candidates,
            only_in,
            retired: Vec::new(),
        })
    }
}

/// Reason why nothing is compared.
fn nothing(all: &[String], sides: &Sides, order: &Order) -> String {
    let both = format!("{} and {}", sides.base.name, sides.head.name);
    match (all, &order.filters[..]) {
        ([], []) => format!("{} lists no benchmark that could be compared", sides.file),
        ([], filters) => format!(
            "no benchmark of {} matches '{}': without a filter all of them are compared",
            sides.file,
            filters.join(" ")
        ),
        (all, _) => format!(
            "{both} have no benchmark in common: {} is only in one of them; compare with a \
             revision that has it",
            all.join(", ")
        ),
    }
}

fn names(list: &[Candidate]) -> BTreeSet<String> {
    list.iter().map(|candidate| candidate.subject.workload.clone()).collect()
}

fn only_in(base: &BTreeSet<String>, head: &BTreeSet<String>) -> Vec<OnlyIn> {
    let only = |one: &BTreeSet<String>, other: &BTreeSet<String>, side| -> Vec<OnlyIn> {
        let only = one.difference(other).cloned();
        only.map(|workload| OnlyIn { workload, side }).collect()
    };
    let mut found = only(base, head, Side::Base);
    found.extend(only(head, base, Side::Head));
    found
}

fn of_both(mut head: Vec<Candidate>, base: &BTreeSet<String>) -> Vec<Candidate> {
    head.retain(|one| base.contains(&one.subject.workload));
    head
}

/// The workloads of a program that are judged.
///
/// # Errors
/// If it lists none.
pub fn candidates(program: &Path, order: &Order) -> Result<Vec<Candidate>> {
    let choice = Choice { effort: order.effort, filters: &order.filters };
    let mut all = harness::gated(&harness::catalogue(program)?, &choice);
    if !order.instruments.is_empty() {
        for candidate in &mut all {
            candidate.instruments.retain(|one| order.instruments.contains(one));
        }
        all.retain(|candidate| !candidate.instruments.is_empty());
    }
    all.retain(|one| order.exactly.as_ref().is_none_or(|name| one.subject.workload == *name));
    Ok(all)
}

/// A benchmark of a part.
#[derive(Debug)]
struct Listed<'a> {
    part: &'a Part,
    /// Its name without the part's.
    name: String,
    workload: String,
}

/// The benchmarks of a part that are chosen.
fn benchmarks<'a>(part: &'a Part, place: &Place, order: &Order) -> Result<Vec<Listed<'a>>> {
    let filter = Filter::new(&order.filters);
    let listed = part.adapter.list(place)?.into_iter().map(|name| {
        let workload = format!("{}/{name}", part.prefix);
        Listed { part, name, workload }
    });
    Ok(listed.filter(|one| filter.chooses(&one.workload, &[])).collect())
}

/// A benchmark with the witnesses that judge it; `None` if there are none. One whose process cannot be
/// had is timed, which says why.
fn judged(one: &Listed<'_>, place: &Place, order: &Order) -> Option<Candidate> {
    let is_asked =
        |witness: &Witness| order.instruments.is_empty() || order.instruments.contains(witness);
    let mut instruments = vec![Witness::Time];
    let counts = is_asked(&Witness::Instructions);
    let adapter = &one.part.adapter;
    let can_count = || {
        matches!(adapter.counted(place, &one.name), Ok(Some(_)))
            || matches!(adapter.counted_iteration(place, &one.name), Ok(Some(_)))
    };
    if counts && can_count() {
        instruments.push(Witness::Instructions);
    }
    instruments.retain(is_asked);
    let subject = subject(one.part, one.workload.clone());
    (!instruments.is_empty()).then_some(Candidate { subject, instruments })
}

fn subject(part: &Part, workload: String) -> Subject {
    Subject {
        workload,
        comparison: part.prefix.clone(),
        reason: "a benchmark of the repository".to_owned(),
        axes: Axes::default(),
        peer: false,
    }
}
