//! All workloads and programs that have a profile, with the most expensive function of each.

use super::{ProfileCard, card, commit, graphs, is_modified};
use crate::analysis::Report;
use crate::html::context::{Shared, short_commit};
use crate::profiles::{Profiled, Profiles};
use crate::text;
use simple_records::{Unit, View};
use std::collections::HashSet;

/// The data of `_profiles.html`.
pub(in crate::html) struct Overview {
    pub(in crate::html) rows: Vec<Row>,
    /// Programs of anybody, with all of their profiles.
    pub(in crate::html) programs: Vec<ProgramCard>,
    /// Workloads with a profile that the run does not have.
    pub(in crate::html) others: Vec<String>,
    pub(in crate::html) warnings: Vec<String>,
}

/// One workload.
pub(in crate::html) struct Row {
    pub(in crate::html) href: String,
    pub(in crate::html) name: String,
    pub(in crate::html) hottest: Option<Hottest>,
    pub(in crate::html) made: String,
    pub(in crate::html) commit: String,
}

/// One program of anybody.
pub(in crate::html) struct ProgramCard {
    pub(in crate::html) anchor: String,
    /// Its command line.
    pub(in crate::html) name: String,
    pub(in crate::html) hottest: Option<Hottest>,
    pub(in crate::html) profile: ProfileCard,
}

/// The function with the largest count of its own.
pub(in crate::html) struct Hottest {
    pub(in crate::html) name: String,
    pub(in crate::html) short: String,
    pub(in crate::html) share: f64,
    pub(in crate::html) share_text: String,
    pub(in crate::html) view: &'static str,
}

/// `None` if there is nothing to show.
pub(in crate::html) fn overview(
    report: &Report,
    profiles: &Profiles,
    shared: &mut Shared,
) -> Option<Overview> {
    let known = workloads(report);
    let programs = profiles.of_programs().iter().map(|profiled| program(profiled, shared));
    let mut overview = Overview {
        rows: Vec::new(),
        programs: programs.collect(),
        others: Vec::new(),
        warnings: profiles.warnings.clone(),
    };
    for (name, profiled) in profiles.iter() {
        if known.contains(name) {
            overview.rows.push(row(name, profiled, shared));
        } else {
            overview.others.push(name.to_owned());
        }
    }
    let has_any = !overview.rows.is_empty()
        || !overview.programs.is_empty()
        || !overview.others.is_empty()
        || !overview.warnings.is_empty();
    has_any.then_some(overview)
}

/// All profiles, each with its figures, where there is no run with cards; `None` if there are none.
pub(in crate::html) fn alone(profiles: &Profiles, shared: &mut Shared) -> Option<Overview> {
    let workloads = profiles.iter().map(|(_, profiled)| profiled);
    let all = profiles.of_programs().iter().chain(workloads);
    let programs: Vec<ProgramCard> = all.map(|profiled| program(profiled, shared)).collect();
    let warnings = profiles.warnings.clone();
    let has_any = !programs.is_empty() || !warnings.is_empty();
    has_any.then_some(Overview { rows: Vec::new(), programs, others: Vec::new(), warnings })
}

fn program(profiled: &Profiled, shared: &mut Shared) -> ProgramCard {
    let start = &profiled.profile.start;
    let anchor = shared.ids.anchor("p", &start.workload);
    let program = start.program.clone();
    let line = program.as_ref().map_or(start.workload.clone(), |one| one.command.join(" "));
    // Its code has nothing to do with that of the run.
    let profile = ProfileCard { differs: Vec::new(), ..card(profiled, &anchor, shared) };
    ProgramCard {
        name: program
            .and_then(|one| one.pid)
            .map_or(line.clone(), |pid| format!("process {pid}: {line}")),
        hottest: hottest(profiled),
        profile,
        anchor,
    }
}

/// Workloads that have a card.
fn workloads(report: &Report) -> HashSet<&str> {
    let timed = report.workloads().map(|workload| workload.subject.workload.as_str());
    let counted = report.comparisons.iter().flat_map(|compared| &compared.counted);
    let latencies = report.comparisons.iter().flat_map(|compared| &compared.latencies);
    let counted = counted.map(|counted| counted.subject.workload.as_str());
    timed.chain(counted).chain(latencies.map(|l| l.subject.workload.as_str())).collect()
}

fn row(name: &str, profiled: &Profiled, shared: &mut Shared) -> Row {
    let start = &profiled.profile.start;
    let mut commit = short_commit(commit(start)).unwrap_or_default();
    if is_modified(start) && !commit.is_empty() {
        commit.push_str(" with changes");
    }
    Row {
        href: shared.ids.anchor("w", name),
        name: name.to_owned(),
        hottest: hottest(profiled),
        made: text::utc(start.started_unix_s),
        commit,
    }
}

/// The hottest function by processor time, or by instructions if that is not available.
fn hottest(profiled: &Profiled) -> Option<Hottest> {
    let of_view = |view| {
        let stacks = profiled.profile.stacks.iter().find(|stacks| stacks.view == view)?;
        let function = stacks.functions.iter().max_by_key(|function| function.own)?;
        let share = graphs::share(function.own, stacks.total)?;
        Some(Hottest {
            name: function.function.clone(),
            short: function.short.clone(),
            share,
            share_text: text::percent(share),
            view: match view {
                View::Cpu if stacks.unit == Unit::Samples => "processor time",
                _ => "instructions",
            },
        })
    };
    of_view(View::Cpu).or_else(|| of_view(View::Instructions))
}
