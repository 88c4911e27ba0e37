//! The verbs `run`, `list` and `check`.

use super::asked::{Asked, Foreign, Request};
use super::record::{Earlier, RunRecord};
use super::session::{Conduct, Session, first_blocks_take};
use super::{check, plan, settings};
use crate::console::interrupt::{end_on_interrupt, note_interrupts};
use crate::console::print::number_of;
use crate::console::typed;
use crate::harness::block::Ground;
use crate::harness::build::{self, Kind};
use crate::harness::filters;
use crate::harness::patience::ANSWER;
use crate::harness::{self, Log, named, sources};
use crate::target::Target;
use crate::tools::{Tool, provide};
use crate::{out, programs, say};
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use simple_records::Instrument;
use simple_records::harness::{Catalogue, Family, Listed};
use simple_reports::text;
use std::collections::HashSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Measure workloads and write the records of a run.
#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    request: Request,
    /// Go on with the newest run, which was interrupted, as it was asked for.
    #[arg(long, conflicts_with_all = ["seed", "anew"])]
    resume: bool,
    /// Begin a new record, also where the newest one is complete, of these sources and has these
    /// workloads. Without this, what it leaves open of them is measured on.
    #[arg(long)]
    anew: bool,
    /// Seed of the random order; the default differs from run to run.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    #[command(flatten)]
    harness: Harness,
}

/// List workloads with the reason for each.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    selection: Selection,
}

/// Run each workload twice and compare its results and effects with the right ones.
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    selection: Selection,
}

/// The program, and what lies around it.
#[derive(Debug, Args)]
struct Harness {
    /// The program that runs workloads, instead of the one of this checkout.
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
}

/// A record, and what is to be measured for it.
struct Begun {
    record: RunRecord,
    asked: Asked,
    families: Vec<Family>,
    /// Workloads of the catalogue that the record was not asked for.
    not_selected: u64,
}

/// Workloads of a program.
#[derive(Debug, Args)]
struct Selection {
    /// Only workloads whose name contains this, as for `just bench`.
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    #[command(flatten)]
    harness: Harness,
}

impl Harness {
    /// The program that runs workloads. Filters that choose nothing are refused before it is built.
    fn program(&self, filters: &[String]) -> Result<PathBuf> {
        if self.program.is_none() {
            filters::check(filters, None)?;
        }
        build::program(self.program.as_deref(), Kind::Measured, &self.target)
    }

    /// The program, if it is not that of this project.
    fn foreign(&self) -> Result<Option<Foreign>> {
        self.program.as_deref().map(|program| Foreign::new(program, &self.target)).transpose()
    }

    /// The command line that lists all workloads.
    fn list(&self) -> Result<String> {
        Ok(self.foreign()?.map_or_else(|| typed("list"), |foreign| foreign.list()))
    }
}

impl Selection {
    /// The program and the part of its catalogue that the filters choose.
    fn read(&self) -> Result<(PathBuf, Vec<Family>)> {
        let program = self.harness.program(&self.filters)?;
        let list = self.harness.list()?;
        let families = matching(&harness::catalogue(&program)?, &self.filters, &list)?;
        Ok((program, families))
    }
}

/// The part of a catalogue that matches filters. `list` is the command that shows all of it.
fn matching(catalogue: &Catalogue, filters: &[String], list: &str) -> Result<Vec<Family>> {
    let listed: Vec<_> =
        catalogue.families.iter().flat_map(|family| &family.workloads).map(named).collect();
    if let Some(complaint) = simple_names::complaint(filters, &listed) {
        bail!("{complaint}\n`{list}` shows all workloads");
    }
    Ok(harness::chosen(catalogue.clone(), filters))
}

/// The part of a catalogue that a run measures.
fn selected(catalogue: &Catalogue, asked: &Asked) -> Result<Vec<Family>> {
    let mut families = matching(catalogue, &asked.filters, &asked.list())?;
    let suits =
        |workload: &Listed| asked.instruments.iter().any(|one| workload.instruments.contains(one));
    let filters = asked.filters.join(" ");
    ensure!(
        families.iter().flat_map(|family| &family.workloads).any(suits),
        "workloads match '{filters}', but none of them suits the instruments that are asked for"
    );
    for family in &mut families {
        family.workloads.retain(|workload| workload.effort <= asked.effort);
    }
    families.retain(|family| family.workloads.iter().any(suits));
    ensure!(
        !families.is_empty(),
        "workloads match '{filters}', but none of them is measured with the effort {}: take a \
         larger one (`{} ... --effort full`)",
        asked.effort,
        asked.begins()
    );
    Ok(families)
}

/// Returns whether `all` has every workload of `some`.
fn has_all(all: &[Family], some: &[Family]) -> bool {
    let names = |families| -> HashSet<&str> {
        let workloads = <[Family]>::iter(families).flat_map(|family| &family.workloads);
        workloads.map(|workload| workload.workload.as_str()).collect()
    };
    names(some).is_subset(&names(all))
}

fn workloads_in(families: &[Family]) -> usize {
    families.iter().map(|family| family.workloads.len()).sum()
}

/// Finds out whether a program can stay on these processors, before anything is measured.
fn check_pin(processors: Option<&str>) -> Result<()> {
    let Some(processors) = processors else { return Ok(()) };
    let mut command = programs::taskset(processors);
    command.arg("true");
    programs::run(command, ANSWER).with_context(|| {
        format!("--pin {processors}: measuring cannot stay on these processors")
    })?;
    Ok(())
}

/// A rough time of a run, in words: of all workloads of this project what it usually takes, else what can be
/// said of blocks.
fn forecast(asked: &Asked, families: &[Family], budget_s: Option<f64>) -> String {
    if asked.foreign.is_none() && asked.filters.is_empty() {
        let usual = text::duration(settings::usual_time(asked.effort));
        return format!("a run of all workloads takes about {usual}");
    }
    let Some(budget_s) = budget_s else { return "without times".to_owned() };
    let budget = Duration::from_secs_f64(budget_s);
    let first = first_blocks_take(workloads_in(families));
    let [shown, all] = [first, budget.max(first)].map(text::duration);
    format!("the first blocks take about {shown}, all of them at most about {all}")
}

impl List {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let (_, families) = self.selection.read()?;
        for family in families {
            out!("{}: {}", family.comparison.id, family.comparison.title);
            for workload in &family.workloads {
                let peer = if workload.peer { " (peer)" } else { "" };
                let (name, effort) = (&workload.workload, workload.effort.name());
                out!("  {name:54} {effort:9} {}{peer}", workload.reason);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Check {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        end_on_interrupt()?;
        let (program, families) = self.selection.read()?;
        let data = self.selection.harness.target.data();
        sources::make_list(&data, None)?;
        check::check(&program, &families, &data)
    }
}

impl Run {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        note_interrupts()?;
        let (program, target) =
            (self.harness.program(self.request.filters())?, &self.harness.target);
        if self.harness.program.is_none() {
            provide(&[Tool::Runner], target);
        }
        let catalogue = harness::catalogue(&program)?;
        let Begun { record, asked, families, not_selected } = self.begin(&catalogue)?;
        let log = Log::append_to(&record.log_path())?;
        sources::make_list(&target.data(), asked.corpus.as_deref())?;
        let seed = record.run.start.seed;
        let groups =
            plan::groups(&families, &asked.instruments, settings::ROUNDS, seed, &record.done);
        let conduct = Conduct {
            program: &program,
            target,
            settings: settings::settings(asked.effort),
            ground: Ground { data: target.data(), log, pin: asked.pin.clone() },
        };
        let is_timed = asked.instruments.contains(&Instrument::Wall);
        let budget_s = is_timed.then(|| settings::limits(asked.effort).budget_s);
        say!(
            "measuring {} with the effort {}: all of them in blocks, then those of open questions \
             in more; {}",
            number_of(workloads_in(&families), "workload"),
            asked.effort,
            forecast(&asked, &families, budget_s)
        );
        Session::new(conduct, record, asked, not_selected).run(&families, budget_s, &groups)
    }

    /// A new record, or the one that is gone on with, and what is measured for it.
    fn begin(&self, catalogue: &Catalogue) -> Result<Begun> {
        let records = self.harness.target.records();
        let all = workloads_in(&catalogue.families);
        let begun = |record, asked, families: Vec<Family>, recorded: usize| Begun {
            record,
            asked,
            families,
            not_selected: all.saturating_sub(recorded) as u64,
        };
        if self.resume {
            let (record, asked) = RunRecord::resume(&records, &self.request)?;
            ensure!(
                asked.foreign == self.harness.foreign()?,
                "{} is of another program, or of another state of it: begin a new run",
                record.path().display()
            );
            check_pin(asked.pin.as_deref())?;
            let (shown, count) = (record.path().display(), record.done.len());
            say!("going on with {shown}: it has {}", number_of(count, "measurement"));
            let families = selected(catalogue, &asked)?;
            let recorded = workloads_in(&families);
            return Ok(begun(record, asked, families, recorded));
        }
        let asked = Asked { foreign: self.harness.foreign()?, ..self.request.of_new_run()? };
        check_pin(asked.pin.as_deref())?;
        let families = selected(catalogue, &asked)?;
        if let Some(record) = self.added_to(catalogue, &asked, &families)? {
            let recorded =
                Asked::of(&record.run.start).and_then(|was| selected(catalogue, &was))?;
            let recorded = workloads_in(&recorded);
            return Ok(begun(record, asked, families, recorded));
        }
        let record = RunRecord::begin(&records, &asked, self.seed, &families)?;
        let recorded = workloads_in(&families);
        Ok(begun(record, asked, families, recorded))
    }

    /// The newest record, if these workloads are to be added to it. One that has a part of all
    /// workloads would hide it.
    fn added_to(
        &self,
        catalogue: &Catalogue,
        asked: &Asked,
        families: &[Family],
    ) -> Result<Option<RunRecord>> {
        if self.anew || self.seed.is_some() {
            return Ok(None);
        }
        let covers =
            |was: &Asked| selected(catalogue, was).is_ok_and(|was| has_all(&was, families));
        match RunRecord::to_add_to(&self.harness.target.records(), asked, covers)? {
            Earlier::Goes(record) => {
                let shown = record.path().display();
                say!("adding to {shown}, which is of these sources (`--anew` begins another)");
                Ok(Some(*record))
            }
            Earlier::Another { run, why } if !asked.filters.is_empty() => {
                let report = asked.report();
                say!(
                    "beginning another record: the newest, {run}, {why}; `{report} {run}` shows \
                     that one again"
                );
                Ok(None)
            }
            Earlier::Another { .. } | Earlier::Nothing => Ok(None),
        }
    }
}
