//! The views of instructions and memory of a whole program, by valgrind.

use super::process::{Ran, Stop, Watch};
use super::session::{Session, failed};
use super::subject::Origin;
use super::unrecorded::ensure_space;
use super::valgrind_log::{Log, left_out};
use crate::harness::valgrind::{DHAT_CALLERS, MISSING};
use crate::profile::memory::sites;
use crate::profile::stacks::CollectedStacks;
use crate::{owned, programs};
use anyhow::{Result, bail, ensure};
use simple_profiles::dhat::{self, Heap, Measure};
use simple_profiles::normalize::StackCounts;
use simple_profiles::sample::Cut;
use simple_profiles::{Folded, callgrind};
use simple_records::harness::valgrind::CALLGRIND_ARGUMENTS;
use simple_records::{AllocationSites, Unit, View};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Callers for which callgrind counts a function apart. Programs that recurse through several
/// functions have a number of stacks that grows with it.
const CALLERS: &str = "--separate-callers=60";

/// A tool of valgrind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    Callgrind,
    Dhat,
}

impl Tool {
    fn name(self) -> &'static str {
        match self {
            Self::Callgrind => "callgrind",
            Self::Dhat => "dhat",
        }
    }

    fn arguments(self) -> Vec<&'static str> {
        match self {
            Self::Callgrind => CALLGRIND_ARGUMENTS.into_iter().chain([CALLERS]).collect(),
            Self::Dhat => vec![DHAT_CALLERS],
        }
    }

    /// The command line without the program. Each process writes files of its own into `folder`.
    fn command(self, folder: &Path) -> Command {
        let mut command = programs::valgrind_of_user();
        command.args(["--trace-children=yes", "--read-inline-info=no"]);
        command.arg(format!("--tool={}", self.name())).args(self.arguments());
        let out = format!("--{}-out-file", self.name());
        for (option, file) in [(out.as_str(), "/out.%p"), ("--log-file", "/log.%p")] {
            let mut option = programs::path_option(option, folder);
            option.push(file);
            command.arg(option);
        }
        command
    }
}

/// Findings about one process, from the file that a tool wrote.
struct Counted<T> {
    /// The name of its program.
    program: String,
    found: T,
}

/// All processes that a tool watched, with what a reader should know, in sentences.
struct All<T> {
    processes: Vec<Counted<T>>,
    notes: Vec<String>,
    forks: Forks,
    ran: Ran,
}

/// Processes that were forked and started no other program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Forks {
    None,
    /// Their counts are those of their parents, too.
    LeftOut,
}

/// Counts a program's instructions, for the view of them or in the place of another.
pub(super) fn instructions(session: &mut Session<'_>, view: View) -> Result<CollectedStacks> {
    let read = |text: &str| Ok(callgrind::parse(text)?.stacks);
    let all = run(session, view, Tool::Callgrind, read)?;
    let mut stacks = Folded::default();
    for (name, found) in named(&all.processes) {
        let cut = Cut::program();
        for (stack, count) in found.iter() {
            stacks.add(name.iter().chain(cut.of_program(stack)), count);
        }
    }
    ensure!(!stacks.is_empty(), "callgrind counted no instruction");
    Ok(CollectedStacks {
        view,
        sampler: sampler("callgrind", &all),
        unit: Unit::Instructions,
        counts: StackCounts { stacks, iterations: 1, period_ns: None },
        table: None,
        measured_ns: None,
        notes: notes(session, &all),
    })
}

/// Collects the bytes that a program asked for by stack, none where it asked for none, and the sites.
pub(super) fn memory(
    session: &mut Session<'_>,
) -> Result<(Option<CollectedStacks>, AllocationSites)> {
    let all = run(session, View::Memory, Tool::Dhat, |text| Ok(dhat::parse(text)?))?;
    let cut = Cut::program();
    let heaps = named(&all.processes).map(|(name, heap)| {
        let mut heap = heap.clone();
        for site in &mut heap.sites {
            let stack = name.iter().chain(cut.of_program(&site.stack)).cloned().collect();
            site.stack = stack;
        }
        heap
    });
    let heap = Heap::of_processes(heaps);
    let sampler = sampler("DHAT", &all);
    let mut notes = notes(session, &all);
    if all.processes.len() > 1 {
        notes.push("The most bytes at once are those of the largest process.".to_owned());
    }
    let stacks = heap.folded(Measure::Bytes);
    let collected = (!stacks.is_empty()).then_some(CollectedStacks {
        view: View::Memory,
        sampler,
        unit: Unit::Bytes,
        counts: StackCounts { stacks, iterations: 1, period_ns: None },
        table: None,
        measured_ns: None,
        notes,
    });
    Ok((collected, sites(&heap, 1)))
}

/// Findings about the processes. Of several, each has a name that its stacks begin with.
fn named<T>(processes: &[Counted<T>]) -> impl Iterator<Item = (Option<String>, &T)> {
    let is_alone = processes.len() < 2;
    processes.iter().map(move |one| ((!is_alone).then(|| one.program.clone()), &one.found))
}

/// The tool, for the headline: where forks are left out, a reader must not take its sum for all.
fn sampler<T>(tool: &str, all: &All<T>) -> String {
    match all.forks {
        Forks::None => tool.to_owned(),
        Forks::LeftOut => format!("{tool}, of the parent alone: forked processes are left out"),
    }
}

fn notes<T>(session: &Session<'_>, all: &All<T>) -> Vec<String> {
    let mut notes = session.notes(&all.ran);
    notes.push(
        "Under valgrind a program is many times slower, and one of its threads runs at a time."
            .to_owned(),
    );
    notes.extend(all.notes.iter().cloned());
    notes
}

/// Runs the program under a tool, and reads what it wrote of each process.
fn run<T>(
    session: &mut Session<'_>,
    view: View,
    tool: Tool,
    read: impl Fn(&str) -> Result<T>,
) -> Result<All<T>> {
    ensure!(programs::is_there("valgrind"), MISSING);
    let Origin::Started(words) = &session.subject.origin else {
        bail!("valgrind must start a program itself: `lab profile -- PROGRAM`");
    };
    let folder = owned::scratch_in(session.profiles)?;
    let mut command = tool.command(folder.path());
    command.args(words);
    let output = session.output(view);
    let (limit, stop) = (session.limit, Stop::Valgrind);
    let ran = session.run(view, command, Watch { limit, stop, growing: None, output: &output })?;
    let logs = Log::read_all(folder.path());
    let (mut processes, mut notes, mut unread) = (Vec::new(), Vec::new(), Vec::new());
    for log in logs.iter().filter(|log| !log.is_fork_of_any(&logs)) {
        let text = fs::read_to_string(folder.path().join(format!("out.{}", log.pid)));
        match text.map_err(Into::into).and_then(|text| read(&text)) {
            Ok(found) => processes.push(Counted { program: log.program(), found }),
            Err(error) => unread.push(format!("{}: {error:#}", log.program())),
        }
    }
    if processes.is_empty() {
        ensure_space(folder.path())?;
        let said = logs.iter().map(|log| log.said.as_str()).collect::<Vec<_>>().join("\n");
        let printed = fs::read(&output).unwrap_or_default();
        let printed = String::from_utf8_lossy(&printed);
        return failed(tool.name(), &ran, if said.is_empty() { &printed } else { &said });
    }
    let left_out = left_out(&logs);
    let forks = if left_out.is_some() { Forks::LeftOut } else { Forks::None };
    notes.extend(left_out);
    notes.extend(unread.iter().map(|why| format!("A process is left out: {why}.")));
    Ok(All { processes, notes, forks, ran })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_process_writes_its_own_files() {
        let command = Tool::Dhat.command(Path::new("/100%"));
        let arguments: Vec<_> = command.get_args().map(|one| one.to_string_lossy()).collect();
        for expected in ["--dhat-out-file=/100%%/out.%p", "--log-file=/100%%/log.%p"] {
            assert!(arguments.iter().any(|one| one == expected), "{arguments:?}");
        }
    }

    #[test]
    fn only_several_processes_are_named() {
        let one = |name: &str| Counted { program: name.to_owned(), found: 1 };
        let names = |all: &[Counted<i32>]| named(all).map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(&[one("a")]), [None]);
        assert_eq!(names(&[one("a"), one("b")]), [Some("a".to_owned()), Some("b".to_owned())]);
    }
}
