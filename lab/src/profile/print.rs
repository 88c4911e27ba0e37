//! Printing profiles: the hottest functions, and the paths of the pictures.

use crate::console::print::number_of;
use crate::out;
use crate::profile::diff::Difference;
use anyhow::Result;
use simple_profiles::growth::Change;
use simple_records::{
    Ending, LogFile, PROFILE_FILE, ProcessEnd, Profile, StackProfile, Unit, View, Word,
};
use std::path::Path;

/// Maximum number of functions that are shown of each view.
const SHOWN: usize = 8;

/// Prints these views of a workload's profile. The reason of a view that is missing was printed
/// when it failed.
pub fn profile(place: &Path, views: &[View]) -> Result<()> {
    let profile = Profile::read(&place.join(PROFILE_FILE))?;
    out!("{}", lines(&profile, views, place).join("\n"));
    Ok(())
}

fn lines(profile: &Profile, views: &[View], place: &Path) -> Vec<String> {
    let has = |view: View| views.contains(&view);
    let scope = Scope::of(profile);
    let mut lines = vec![title(profile)];
    for stacks in profile.stacks.iter().filter(|stacks| has(stacks.view)) {
        lines.extend(stack_lines(stacks, place, scope));
    }
    if let Some(sites) = profile.allocations.as_ref().filter(|_| has(View::Memory)) {
        lines.push(format!(
            "\nallocations: {} and {} in {}; {} at once at most",
            number_of(sites.blocks as usize, "block"),
            number_of(sites.bytes as usize, "byte"),
            scope.words(sites.iterations),
            number_of(sites.peak_bytes as usize, "byte")
        ));
    }
    if let Some(waits) = profile.waits.as_ref().filter(|_| has(View::Waiting)) {
        lines.push(format!("\nwaits, by {}", waits.sampler));
        for wait in &waits.kinds {
            let total = wait.total_ns.map_or(String::new(), ms);
            lines.push(format!("  {:>14} {:>8} times  {}", total, wait.count, wait.kind));
        }
        lines.extend(waits.notes.iter().map(|note| format!("  note: {note}")));
    }
    if let Some(timeline) = profile.timeline.as_ref().filter(|_| has(View::Timeline)) {
        lines.push(format!(
            "\ntimeline of {}: open it in Perfetto or chrome://tracing\n  {}",
            number_of(timeline.threads.len(), "thread"),
            place.join(&timeline.trace).display()
        ));
        let picture = timeline.picture.iter();
        lines.extend(picture.map(|picture| format!("  {}", place.join(picture).display())));
    }
    let processes = profile.processes.iter().filter(|process| has(process.view));
    let processes: Vec<String> = processes.map(|process| process_line(process, place)).collect();
    if !processes.is_empty() {
        lines.push("\nprocesses, with the time that their tools took".to_owned());
        lines.extend(processes);
    }
    let kept = kept(profile, views);
    if !kept.is_empty() {
        lines.push(format!("\nkept from earlier, and in the report: {}", kept.join(", ")));
    }
    lines.push(String::new());
    lines
}

/// The subject of figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Iterations of a workload.
    Iterations,
    /// A program from its start to its end.
    Program,
    /// A process while it was looked at.
    Process,
}

impl Scope {
    fn of(profile: &Profile) -> Self {
        match &profile.start.program {
            None => Self::Iterations,
            Some(program) if program.pid.is_some() => Self::Process,
            Some(_) => Self::Program,
        }
    }

    fn words(self, iterations: u64) -> String {
        match self {
            Self::Iterations => number_of(iterations as usize, "iteration"),
            Self::Program => "the whole program".to_owned(),
            Self::Process => "the process".to_owned(),
        }
    }
}

/// The name of the workload, or the command line of a program.
fn title(profile: &Profile) -> String {
    match &profile.start.program {
        None => profile.start.workload.clone(),
        Some(program) => {
            let line = shell_words::join(&program.command);
            program.pid.map_or(line.clone(), |pid| format!("process {pid}: {line}"))
        }
    }
}

fn process_line(process: &ProcessEnd, place: &Path) -> String {
    let ending = match (process.ending.known(), process.code) {
        (Some(Ending::Exited), Some(code)) => format!("exit code {code}"),
        (Some(Ending::Exited), None) => "ended meanwhile".to_owned(),
        (Some(Ending::Signalled), code) => format!("signal {}", code.unwrap_or_default()),
        (Some(Ending::Stopped), _) => "stopped".to_owned(),
        (Some(Ending::GoesOn), _) => "goes on".to_owned(),
        (None, _) => process.ending.to_string(),
    };
    let output = process.output.iter().map(|name| place.join(name).display().to_string());
    let output = output.map(|path| format!(", its output: {path}")).collect::<String>();
    format!("  {:<12} {:>14}  {ending}{output}", process.view.name(), ms(process.lasted_ns))
}

fn stack_lines(stacks: &StackProfile, place: &Path, scope: Scope) -> Vec<String> {
    let total = match &stacks.unit {
        Word::Known(Unit::Ns) => ms(stacks.total),
        unit => format!("{} {unit}", stacks.total),
    };
    let (view, sampler) = (stacks.view.name(), &stacks.sampler);
    let iterations = scope.words(stacks.iterations);
    let mut lines = vec![
        format!("\n{view}: {total} in {iterations}, by {sampler}"),
        format!("  {:>6} {:>6}  function", "self", "all"),
    ];
    let share = |count: u64| 100.0 * count as f64 / stacks.total.max(1) as f64;
    let shown = stacks.functions.iter().filter(|function| is_shown(share(function.own)));
    lines.extend(shown.take(SHOWN).map(|function| {
        let (own, inclusive) = (share(function.own), share(function.inclusive));
        format!("  {own:>5.1}% {inclusive:>5.1}%  {}", function.function)
    }));
    lines.extend(stacks.notes.iter().map(|note| format!("  note: {note}")));
    lines.push(format!("  {}", place.join(&stacks.picture).display()));
    lines
}

/// The names of views that an earlier run of the same build made.
fn kept(profile: &Profile, views: &[View]) -> Vec<&'static str> {
    let is_there = |view: &View| match view {
        View::Timeline => profile.timeline.is_some(),
        View::Waiting if profile.waits.is_some() => true,
        View::Memory if profile.allocations.is_some() => true,
        view => profile.stacks.iter().any(|stacks| stacks.view == *view),
    };
    let earlier = View::ALL.into_iter().filter(|view| !views.contains(view));
    earlier.filter(is_there).map(View::name).collect()
}

/// Returns whether a percentage is more than `0.0%` when it is printed.
fn is_shown(percent: f64) -> bool {
    percent.abs() >= 0.05
}

fn ms(ns: u64) -> String {
    format!("{:.3} ms", ns as f64 / 1e6)
}

/// Prints the changes since a revision.
pub fn differences(revision: &str, workload: &str, differences: &[Difference]) {
    out!("{workload}: from {revision} to this checkout");
    for difference in differences {
        let growth = &difference.growth;
        let percent = 100.0 * growth.delta() as f64 / growth.total_before.max(1) as f64;
        out!(
            "\n{}: {} -> {} {} ({percent:+.1}%), by {}",
            difference.view.name(),
            growth.total_before,
            growth.total_after,
            difference.unit,
            difference.sampler
        );
        let share = |delta: i128| 100.0 * delta as f64 / growth.total_before.max(1) as f64;
        let visible = |change: &&Change| is_shown(share(change.delta()));
        let changes = || growth.changes.iter().filter(visible);
        let grew = changes().filter(|change| change.delta() > 0).take(SHOWN);
        let shrank = changes().rev().filter(|change| change.delta() < 0).take(SHOWN);
        for change in grew.chain(shrank) {
            let mark = match (change.is_new(), change.is_vanished()) {
                (true, _) => " (new)",
                (_, true) => " (gone)",
                _ => "",
            };
            out!("  {:>+6.1}%  {}{mark}", share(change.delta()), change.function);
        }
        difference.notes.iter().for_each(|note| out!("  note: {note}"));
        out!("  {}", difference.picture.display());
    }
    out!("");
}

#[cfg(test)]
mod tests {
    use super::*;
    use simple_records::{
        Build, Fingerprint, FunctionShare, ProfileRecord, ProfileStart, SCHEMA_VERSION,
    };

    fn stacks(view: View, unit: Unit, own: &[u64]) -> StackProfile {
        let function = |(at, own): (usize, &u64)| FunctionShare {
            function: format!("function_{at}"),
            short: String::new(),
            own: *own,
            inclusive: *own,
        };
        StackProfile {
            view,
            sampler: "test".to_owned(),
            unit: unit.into(),
            total: 1_000_000,
            iterations: 1,
            measured_ns: None,
            functions: own.iter().enumerate().map(function).collect(),
            notes: Vec::new(),
            folded: String::new(),
            picture: format!("{}.svg", view.name()),
        }
    }

    fn profile(stacks: Vec<StackProfile>) -> Profile {
        let start = ProfileStart {
            schema: SCHEMA_VERSION,
            started_unix_s: 0,
            tool: "test".to_owned(),
            workload: "a/b".to_owned(),
            program: None,
            build: Build::default(),
            fingerprint: Fingerprint::default(),
        };
        let empty = Profile::begin(ProfileRecord::Profile(Box::new(start))).unwrap();
        Profile { stacks, ..empty }
    }

    fn printed(profile: &Profile, views: &[View]) -> String {
        lines(profile, views, Path::new("a-b")).join("\n")
    }

    #[test]
    fn views_of_an_earlier_run_are_only_named() {
        let views =
            [View::Cpu, View::Waiting].map(|view| stacks(view, Unit::Samples, &[1_000_000]));
        let said = printed(&profile(views.into()), &[View::Waiting]);
        assert!(said.contains("waiting.svg") && !said.contains("cpu.svg"), "{said}");
        assert!(said.contains("kept from earlier, and in the report: cpu\n"), "{said}");
    }

    #[test]
    fn functions_that_would_show_as_nothing_are_left_out() {
        let cpu = stacks(View::Cpu, Unit::Samples, &[999_001, 500, 499]);
        let said = printed(&profile(vec![cpu]), &[View::Cpu]);
        assert!(said.contains("function_1") && !said.contains("function_2"), "{said}");
    }

    #[test]
    fn times_have_one_unit() {
        let said = printed(&profile(vec![stacks(View::Waiting, Unit::Ns, &[])]), &[View::Waiting]);
        assert!(said.contains("waiting: 1.000 ms in 1 iteration"), "{said}");
    }
}
