//! The record of a run: begun, gone on with, and taken away again if nothing was measured.

use super::asked::{Asked, Request};
use super::plan::Key;
use super::settings;
use crate::console::interrupt;
use crate::files::{Lock, begin_record, can_resume, lock, unix_s};
use crate::fingerprint;
use anyhow::{Context, Result, ensure};
use simple_records::harness::Family;
use simple_records::{
    Fingerprint, Log, LogFile, Record, RecordError, Run, RunStart, SCHEMA_VERSION, newest_run,
};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The record of a run in progress. Without a figure in it, its file goes when this is dropped:
/// it must not be the newest run.
#[derive(Debug)]
pub(super) struct RunRecord {
    writer: Log<Run>,
    /// All that is in it.
    pub(super) run: Run,
    /// Steps whose figures are in it already.
    pub(super) done: HashSet<Key>,
    is_worth_keeping: bool,
    /// Two runs at once would disturb each other, and only the newer one could be resumed.
    _lock: Lock,
}

impl RunRecord {
    /// Begins the record of a new run in the folder `records`.
    pub(super) fn begin(
        records: &Path,
        asked: &Asked,
        seed: Option<u64>,
        families: &[Family],
    ) -> Result<Self> {
        let lock = lock(records)?;
        let now = SystemTime::now();
        let (run, mut writer) = begin_record(records, now)?;
        let seed = seed.unwrap_or_else(|| fastrand::u64(..));
        let start = RunStart {
            schema: SCHEMA_VERSION,
            run,
            started_unix_s: unix_s(now),
            tool: match asked.foreign {
                Some(_) => concat!("lab ", env!("CARGO_PKG_VERSION")),
                None => concat!("simple-bench ", env!("CARGO_PKG_VERSION")),
            }
            .to_owned(),
            effort: asked.effort.into(),
            seed,
            filters: Some(asked.filters.clone()),
            rounds: asked.rounds(),
            settings: asked.settings(),
            limits: Some(settings::limits(asked.effort)),
            origin: asked.foreign.as_ref().map(|foreign| foreign.origin.clone()),
            fingerprint: match asked.foreign {
                Some(_) => fingerprint::collect_of_foreign(),
                None => fingerprint::collect().told(),
            },
        };
        writer.append(&Record::Run(Box::new(start.clone())))?;
        let run = Run::begun(start);
        let done = HashSet::new();
        let mut this = Self { writer, run, done, is_worth_keeping: false, _lock: lock };
        for family in families {
            this.write(Record::Comparison(family.comparison.clone()))?;
        }
        Ok(this)
    }

    /// Goes on with the newest run in the folder `records`, and says what it was asked for.
    ///
    /// # Errors
    /// If it is complete, was measured elsewhere, or was asked for something else.
    pub(super) fn resume(records: &Path, request: &Request) -> Result<(Self, Asked)> {
        // Without a record there is no folder to lock.
        newest_run(records)?;
        let lock = lock(records)?;
        let path = newest_run(records)?;
        let shown = path.display();
        let run = Run::read(&path)?;
        ensure!(run.end.is_none(), "{shown} is complete: there is nothing to resume");
        let asked = can_go_on(&run, request);
        let asked = asked.with_context(|| format!("{shown} cannot be gone on with"))?;
        Ok((Self::open(&path, run, lock)?, asked))
    }

    /// Opens the newest run in the folder `records`, to add to it: if it is complete, was measured here,
    /// of these sources, as `asked` says, and `covers` says that it was asked for all workloads that are
    /// asked for now.
    ///
    /// # Errors
    /// If the record cannot be opened.
    pub(super) fn to_add_to(
        records: &Path,
        asked: &Asked,
        covers: impl Fn(&Asked) -> bool,
    ) -> Result<Earlier> {
        if newest_run(records).is_err() {
            return Ok(Earlier::Nothing);
        }
        // Before the record is read: another run may be adding to it.
        let lock = lock(records)?;
        let Ok(path) = newest_run(records) else { return Ok(Earlier::Nothing) };
        let Ok(run) = Run::read(&path) else { return Ok(Earlier::Nothing) };
        match why_not_added_to(&run, asked, covers) {
            Ok(()) => Ok(Earlier::Goes(Box::new(Self::open(&path, run, lock)?))),
            Err(why) => Ok(Earlier::Another { run: run.start.run, why }),
        }
    }

    fn open(path: &Path, run: Run, lock: Lock) -> Result<Self> {
        let done = done_steps(&run);
        let is_worth_keeping = !run.samples.is_empty() || !done.is_empty();
        Ok(Self { writer: Log::<Run>::resume(path)?, run, done, is_worth_keeping, _lock: lock })
    }

    /// Appends a record.
    pub(super) fn write(&mut self, record: Record) -> Result<(), RecordError> {
        self.writer.append(&record)?;
        if matches!(record, Record::Samples(_) | Record::Counts(_) | Record::Latency(_)) {
            self.is_worth_keeping = true;
            if let Ok(asked) = Asked::of(&self.run.start) {
                let (show, begins) = (asked.report(), asked.begins());
                interrupt::keeps(format!("`{show}` shows it, `{begins} --resume` goes on"));
            }
        }
        self.run.add(record);
        Ok(())
    }

    /// Returns whether there is a figure in it.
    pub(super) fn is_worth_keeping(&self) -> bool {
        self.is_worth_keeping
    }

    pub(super) fn path(&self) -> &Path {
        self.writer.path()
    }

    /// Path of the log, which gets the children's output.
    pub(super) fn log_path(&self) -> PathBuf {
        self.path().with_extension("log")
    }
}

impl Drop for RunRecord {
    fn drop(&mut self) {
        if !self.is_worth_keeping {
            // Best effort: without it, an empty run is reported as one.
            let _ = fs::remove_file(self.path());
        }
        let log = self.log_path();
        if fs::metadata(&log).is_ok_and(|file| file.len() == 0) {
            let _ = fs::remove_file(log);
        }
    }
}

/// The newest run, for whoever wants to add to it.
#[derive(Debug)]
pub(super) enum Earlier {
    /// There is none, or it cannot be read.
    Nothing,
    /// It can be added to.
    Goes(Box<RunRecord>),
    /// It cannot.
    Another {
        /// Its name.
        run: String,
        /// Why not, as the rest of a sentence about it.
        why: String,
    },
}

/// Returns nothing if a run can be added to; else why it cannot.
fn why_not_added_to(
    run: &Run,
    asked: &Asked,
    covers: impl Fn(&Asked) -> bool,
) -> Result<(), String> {
    let here = here(run);
    let recorded = &run.start.fingerprint;
    if run.end.is_none() {
        return Err(format!("was interrupted (`{} --resume` goes on with it)", asked.begins()));
    }
    if run.start.origin.is_some() && recorded.commit.is_none() {
        return Err("is of a program that is in no commit, and may have changed".to_owned());
    }
    // A checkout with changes has no name: it may be another one now.
    if [recorded.modified, here.modified] != [Some(false); 2] {
        return Err("or this checkout has changes that are not committed".to_owned());
    }
    if recorded.commit != here.commit {
        return Err("is of another commit".to_owned());
    }
    can_resume(recorded, &here).map_err(|why| format!("is of another machine: {why}"))?;
    let was = Asked::of(&run.start).map_err(|why| format!("does not fit: {why}"))?;
    if !asked.is_part_of(&was) || !is_measured_alike(run, &was) {
        return Err("was measured otherwise".to_owned());
    }
    match covers(&was) {
        true => Ok(()),
        false => Err("lacks workloads that are asked for now".to_owned()),
    }
}

/// This machine, with what a record of such a run says of sources and compiler.
fn here(run: &Run) -> Fingerprint {
    match run.start.origin {
        Some(_) => fingerprint::collect_of_foreign(),
        None => fingerprint::collect().fingerprint,
    }
}

fn can_go_on(run: &Run, request: &Request) -> Result<Asked> {
    let here = here(run);
    can_resume(&run.start.fingerprint, &here)?;
    ensure!(
        (&run.start.fingerprint.commit, run.start.fingerprint.modified)
            == (&here.commit, here.modified),
        "it is of another state of the sources: begin a new run"
    );
    let asked = request.of_resumed(&run.start)?;
    ensure!(
        is_measured_alike(run, &asked),
        "another program began it, which measured otherwise: begin a new run"
    );
    Ok(asked)
}

/// Returns whether a run was begun with the limits, rounds and settings of this program, and there
/// are numbers left for its blocks.
fn is_measured_alike(run: &Run, asked: &Asked) -> bool {
    let start = &run.start;
    start.limits == Some(settings::limits(asked.effort))
        && start.rounds == asked.rounds()
        && start.settings == asked.settings()
        && run.samples.iter().all(|samples| samples.round < u32::MAX)
        && run.noise.iter().all(|noise| noise.round < u32::MAX)
}

fn done_steps(run: &Run) -> HashSet<Key> {
    let counts =
        run.counts.iter().map(|c| (c.subject.workload.clone(), c.instrument.to_string(), c.round));
    let latencies = run
        .latencies
        .iter()
        .map(|l| (l.subject.workload.clone(), l.instrument.to_string(), l.round));
    counts.chain(latencies).collect()
}
