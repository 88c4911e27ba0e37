//! The command line.

use crate::console::print::number_of;
use crate::console::{Amount, Progress, interrupt};
use crate::files;
use crate::harness::build::{self, Kind};
use crate::harness::filters;
use crate::profile::cpu::Sampler;
use crate::profile::folder::build_of;
use crate::profile::harness::Harness;
use crate::profile::program::{Anybody, Asked};
use crate::profile::run::Session;
use crate::profile::{diff, print};
use crate::target::Target;
use crate::tools::{Tool, provide};
use crate::{fingerprint, out, owned, say, words};
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use clap::builder::TypedValueParser;
use simple_records::harness::Listed;
use simple_records::{Build, Effort, Fingerprint, View};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Profile one workload, or a program of anybody.
#[derive(Debug, Args)]
pub struct One {
    /// The workload: its whole name, or a part that no other has.
    #[arg(conflicts_with_all = ["command", "pid"])]
    workload: Option<String>,
    /// The views, all by default: processor time, instructions, memory, waits, and the executor's
    /// threads over time, of programs that use the runtime. Of a process, cpu and waiting. The last
    /// may be called waits.
    #[arg(long, value_parser = words::view(), value_delimiter = ',')]
    views: Vec<View>,
    #[command(flatten)]
    anybody: Anybody,
    #[command(flatten)]
    program: Program,
    #[command(flatten)]
    how: How,
}

/// Profile many workloads.
#[derive(Debug, Args)]
pub struct AllWorkloads {
    /// Only workloads whose name contains this, as for `just bench`.
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// The views.
    #[arg(long, value_parser = words::view(), value_delimiter = ',', default_value = "cpu")]
    views: Vec<View>,
    /// The workloads that are measured with this effort.
    #[arg(long, aliases = ["setting", "profile"], default_value = "quick", value_parser = words::effort())]
    effort: Effort,
    /// Also somebody else's code, which is there to compare with.
    #[arg(long)]
    peers: bool,
    #[command(flatten)]
    program: Program,
    #[command(flatten)]
    how: How,
}

/// Compare a workload with what it was.
#[derive(Debug, Args)]
pub struct Diff {
    /// The revision to compare with: a branch, tag or commit.
    revision: String,
    /// The workload: its whole name, or a part that no other has.
    workload: String,
    /// The views; only cpu and instructions can be compared.
    #[arg(
        long,
        value_parser = compared(),
        value_delimiter = ',',
        default_value = "cpu,instructions"
    )]
    views: Vec<View>,
    /// A program that is compared with, instead of building REVISION; for tests.
    #[arg(long, hide = true, requires = "head_program")]
    base_program: Option<PathBuf>,
    /// A program that is looked at, instead of building this checkout; for tests.
    #[arg(long, hide = true, requires = "base_program")]
    head_program: Option<PathBuf>,
    #[command(flatten)]
    how: How,
}

/// Options that all verbs have.
#[derive(Debug, Args)]
struct How {
    /// Time for which processor time is sampled, in milliseconds; waits are looked at for 500 at
    /// most.
    #[arg(long, value_name = "MS", default_value = "2000")]
    for_ms: u64,
    /// The sampler of processor time, instead of the best that works.
    #[arg(long, value_enum)]
    sampler: Option<Sampler>,
    #[command(flatten)]
    target: Target,
}

/// The program that is profiled.
#[derive(Debug, Args)]
struct Program {
    /// The program that runs workloads, instead of the one of this checkout.
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// Output on the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Output {
    /// Every profile, and the number of profiles.
    Profiles,
    /// The number of profiles.
    Summary,
}

/// A view that can be compared.
fn compared() -> impl TypedValueParser<Value = View> {
    words::view().try_map(|view| match view {
        View::Cpu | View::Instructions => Ok(view),
        _ => Err("only processor time and instructions are compared: cpu,instructions"),
    })
}

/// Returns each view once, in the order of views.
fn in_order(views: &[View]) -> Vec<View> {
    View::ALL.into_iter().filter(|view| views.contains(view)).collect()
}

impl Program {
    /// The program for the workloads that filters choose, which are looked up before it is built.
    fn harness(&self, filters: &[String], target: &Target) -> Result<Harness> {
        if self.program.is_none() {
            filters::check(filters, None)?;
            provide(&[Tool::Valgrind, Tool::Perf], target);
        }
        Harness::new(&build::program(self.program.as_deref(), Kind::Profiled, target)?, target)
    }

    fn build(&self, fingerprint: &Fingerprint, harness: &Harness) -> Result<Build> {
        build_of(&harness.program, self.program.is_some(), fingerprint)
    }
}

impl How {
    fn time(&self) -> Result<Duration> {
        ensure!(self.for_ms > 0, "--for-ms must be more than 0");
        Ok(Duration::from_millis(self.for_ms))
    }

    /// Profiles workloads, and prints as much of them as `output` says.
    fn profile(
        &self,
        program: &Program,
        harness: &Harness,
        workloads: &[Listed],
        views: &[View],
        output: Output,
    ) -> Result<ExitCode> {
        let fingerprint = fingerprint::collect().told();
        let build = program.build(&fingerprint, harness)?;
        let profiles = &harness.profiles;
        let _lock = files::lock(profiles)?;
        owned::remove_leftovers(profiles);
        let session = Session {
            harness,
            build: &build,
            fingerprint: &fingerprint,
            profiles,
            views,
            time: self.time()?,
            sampler: self.sampler,
        };
        let began = Instant::now();
        let mut progress = Progress::of(Amount::Grows);
        progress.expect(workloads.len() * views.len());
        let mut places = Vec::new();
        for listed in workloads {
            let finished = session.profile(listed, &mut progress)?;
            interrupt::keeps("the report shows the profiles that were finished");
            if finished.missing.len() < views.len() {
                places.push(finished.place);
            }
        }
        drop(progress);
        if places.is_empty() {
            say!("error: no view is available, for the reasons above");
            return Ok(ExitCode::FAILURE);
        }
        if output == Output::Profiles {
            places.iter().try_for_each(|place| print::profile(place, views))?;
        }
        out!(
            "profiled {} in {:.0} s: {}; `{}` shows them beside the figures of `{}`",
            number_of(places.len(), "workload"),
            began.elapsed().as_secs_f64(),
            profiles.display(),
            files::call("report"),
            files::call("run")
        );
        Ok(ExitCode::SUCCESS)
    }
}

impl One {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let views = in_order(&self.views);
        let (sampler, target) = (self.how.sampler, &self.how.target);
        match &self.workload {
            Some(workload) if !self.anybody.is_named() => self.workload(workload, &views),
            _ if !self.anybody.is_named() => bail!(
                "nothing is named that could be profiled: `lab profile -- PROGRAM` starts a \
                 program, `lab profile --pid PID` looks at one that runs, `lab profile WORKLOAD` \
                 profiles a workload"
            ),
            _ => self.anybody.profile(Asked { views: &views, sampler, target }),
        }
    }

    fn workload(&self, name: &str, views: &[View]) -> Result<ExitCode> {
        if self.program.program.is_none() {
            refuse_program(name)?;
        }
        interrupt::end_on_interrupt()?;
        let harness = self.program.harness(&[name.to_owned()], &self.how.target)?;
        let listed = harness.workload(name)?;
        let views = if views.is_empty() { &View::ALL } else { views };
        self.how.profile(&self.program, &harness, &[listed], views, Output::Profiles)
    }
}

/// Refuses a name that is not meant as one of a workload.
fn refuse_program(name: &str) -> Result<()> {
    ensure!(
        !Path::new(name).is_file(),
        "'{name}' is a file, not a workload: `lab profile -- {name}` profiles a program"
    );
    // Elsewhere there are no workloads, and nothing to build them from.
    ensure!(
        files::is_checkout(),
        "'{name}' names a workload, and there are none in this folder: `lab profile -- PROGRAM` \
         profiles a program, --program FILE names one that has workloads"
    );
    Ok(())
}

impl AllWorkloads {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        interrupt::end_on_interrupt()?;
        let harness = self.program.harness(&self.filters, &self.how.target)?;
        let mut workloads = harness.workloads(&self.filters)?;
        workloads.retain(|listed| (self.peers || !listed.peer) && listed.effort <= self.effort);
        ensure!(
            !workloads.is_empty(),
            "no workload matches '{}' with this effort: `just list` shows all of them, --effort \
             full and --peers take more",
            self.filters.join(" ")
        );
        self.how.profile(
            &self.program,
            &harness,
            &workloads,
            &in_order(&self.views),
            Output::Summary,
        )
    }
}

impl Diff {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        interrupt::end_on_interrupt()?;
        if self.base_program.is_none() {
            filters::check(std::slice::from_ref(&self.workload), Some(&self.revision))?;
        }
        let views = in_order(&self.views);
        let session = diff::DiffSession {
            revision: &self.revision,
            target: &self.how.target,
            views: &views,
            time: self.how.time()?,
            sampler: self.how.sampler,
        };
        // The gate builds in the first; profilers remove unfinished profiles from the second.
        let target = &self.how.target;
        let (gate, _profiles) = (files::lock(&target.gate())?, files::lock(&target.profiles())?);
        let sides = match (&self.base_program, &self.head_program) {
            (Some(base), Some(head)) => session.given(base, head)?,
            _ => {
                provide(&[Tool::Valgrind, Tool::Perf], target);
                session.build(&gate)?
            }
        };
        let listed = sides.head.workload(&self.workload)?;
        let mut progress = Progress::of(Amount::Grows);
        progress.expect(views.len());
        let differences = session
            .compare(&sides, &listed, &mut progress)
            .with_context(|| format!("{} cannot be compared", listed.workload))?;
        drop(progress);
        print::differences(&self.revision, &listed.workload, &differences);
        sides.notes.iter().for_each(|note| out!("note: {note}"));
        Ok(ExitCode::SUCCESS)
    }
}
