//! A workload's profile on its card, and those of programs of anybody.
//!
//! * `graphs`: flame graphs and the functions beside them.
//! * `tables`: allocations, waits and threads.
//! * `overview`: all workloads that have a profile, and programs of anybody.

mod graphs;
mod overview;
mod tables;

pub(super) use overview::{Overview, alone, overview};

use super::context::{Copied, Shared, short_commit};
use crate::profiles::Profiled;
use crate::text;
use graphs::{Graph, Scope};
use simple_records::{Fingerprint, ProfileStart, View};
use tables::{Memory, Threads, WaitRows};

/// A profile.
pub(super) struct ProfileCard {
    /// Time and tool.
    pub(super) made: String,
    /// Reasons why its figures may differ from those of the run.
    pub(super) differs: Vec<String>,
    pub(super) warnings: Vec<String>,
    pub(super) views: Vec<ViewPart>,
}

/// One view of a profile.
pub(super) struct ViewPart {
    pub(super) title: &'static str,
    pub(super) graphs: Vec<Graph>,
    pub(super) memory: Option<Memory>,
    pub(super) waits: Option<WaitRows>,
    pub(super) threads: Option<Threads>,
    pub(super) missing: Vec<String>,
}

impl ViewPart {
    fn says_nothing(&self) -> bool {
        self.graphs.is_empty()
            && self.memory.is_none()
            && self.waits.is_none()
            && self.threads.is_none()
            && self.missing.is_empty()
    }
}

/// The profile on the card with this anchor. Adds its pictures to the files to copy.
pub(super) fn card(profiled: &Profiled, anchor: &str, shared: &mut Shared) -> ProfileCard {
    let start = &profiled.profile.start;
    let mut copy = |name: &str, to: String| {
        let from = profiled.file(name)?;
        shared.copied.push(Copied { from, to: to.clone() });
        Some(to)
    };
    let views = View::ALL.map(|view| part(profiled, view, anchor, &mut copy));
    ProfileCard {
        made: format!("{} by {}", text::utc(start.started_unix_s), start.tool),
        differs: differs(start, shared.fingerprint),
        warnings: profiled.profile.warnings.clone(),
        views: views.into_iter().filter(|part| !part.says_nothing()).collect(),
    }
}

/// `copy` returns the future path of a file of the profile, if it exists.
fn part(
    profiled: &Profiled,
    view: View,
    anchor: &str,
    copy: &mut dyn FnMut(&str, String) -> Option<String>,
) -> ViewPart {
    let profile = &profiled.profile;
    let scope = Scope::of(&profile.start);
    let stacks = profile.stacks.iter().filter(|stacks| stacks.view == view);
    let graphs = stacks.zip(1..).map(|(stacks, number)| {
        let number = if number == 1 { String::new() } else { format!("-{number}") };
        let to = format!("flame/{anchor}-{}{number}.svg", view.name());
        let size = profiled.file(&stacks.picture).and_then(|path| graphs::size_of(&path));
        graphs::graph(stacks, scope, copy(&stacks.picture, to), size)
    });
    let graphs = graphs.collect();
    let missing = profile.missing.iter().filter(|missing| missing.view == view);
    let timeline = profile.timeline.as_ref().filter(|_| view == View::Timeline);
    ViewPart {
        title: title(view),
        graphs,
        memory: profile
            .allocations
            .as_ref()
            .filter(|_| view == View::Memory)
            .map(|sites| tables::memory(sites, scope)),
        waits: profile.waits.as_ref().filter(|_| view == View::Waiting).map(tables::waits),
        threads: timeline.map(|timeline| {
            let trace = copy(&timeline.trace, format!("flame/{anchor}-timeline.json"));
            let picture = timeline.picture.as_ref().and_then(|picture| {
                let size = profiled.file(picture).and_then(|path| graphs::size_of(&path));
                Some((copy(picture, format!("flame/{anchor}-timeline.svg"))?, size))
            });
            tables::threads(timeline, scope, trace, picture)
        }),
        missing: missing.map(|missing| missing.why.clone()).collect(),
    }
}

fn title(view: View) -> &'static str {
    match view {
        View::Cpu => "Processor time",
        View::Instructions => "Instructions",
        View::Memory => "Memory",
        View::Waiting => "Waiting",
        View::Timeline => "Timeline",
    }
}

/// Reasons why a profile may not be one of the measured code.
fn differs(start: &ProfileStart, run: &Fingerprint) -> Vec<String> {
    let commit = commit(start);
    let mut differs = Vec::new();
    match (commit, run.commit.as_deref()) {
        (Some(profiled), Some(measured)) if profiled != measured => {
            let [profiled, measured] =
                [profiled, measured].map(|commit| short_commit(Some(commit)).unwrap_or_default());
            differs.push(format!("made of commit {profiled}, while the run is of {measured}"));
        }
        (Some(_), Some(_)) if is_modified(start) || run.modified == Some(true) => {
            differs.push("there were changes since the commit, which need not be the same".into());
        }
        _ => {}
    }
    if let (Some(profiled), Some(measured)) = (&start.fingerprint.cpu_model, &run.cpu_model)
        && profiled != measured
    {
        differs.push(format!("made on another processor: {profiled}"));
    }
    differs
}

fn commit(start: &ProfileStart) -> Option<&str> {
    start.build.commit.as_deref().or(start.fingerprint.commit.as_deref())
}

fn is_modified(start: &ProfileStart) -> bool {
    start.build.modified || start.fingerprint.modified == Some(true)
}
