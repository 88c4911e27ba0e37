//! The record of a comparison: a run's, and taken away again if nothing was measured.

use crate::console::interrupt;
use crate::files::{Lock, begin_record, lock, unix_s};
use crate::fingerprint;
use crate::run::ERROR;
use anyhow::Result;
use simple_records::{
    Effort, Instrument, Log, LogFile, Origin, Record, RecordError, Run, RunLimits, RunStart,
    SCHEMA_VERSION, Verb,
};
use simple_reports::stats::FIRST_LOOK;
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

/// The request, as far as a record keeps it.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) verb: Verb,
    /// Difference up to which two alternatives are the same, as a share.
    pub(crate) same: f64,
    pub(crate) budget_s: f64,
    pub(crate) seed: u64,
    pub(crate) settings: BTreeMap<String, String>,
}

/// The record of a comparison in progress. Without a figure in it, its file goes when this is
/// dropped.
#[derive(Debug)]
pub(crate) struct CompareRecord {
    writer: Log<Run>,
    /// All that is in it.
    pub(crate) run: Run,
    is_worth_keeping: bool,
    /// Two comparisons at once would disturb each other.
    _lock: Lock,
}

impl CompareRecord {
    /// Begins a record in `folder`.
    ///
    /// # Errors
    /// If it cannot be made.
    pub(crate) fn begin(folder: &Path, begun: Begun) -> Result<Self> {
        let lock = lock(folder)?;
        let now = SystemTime::now();
        let (run, mut writer) = begin_record(folder, now)?;
        let Begun { verb, same, budget_s, seed, settings } = begun;
        // The program's own name and the verb come first.
        let arguments = env::args_os().skip(2).map(|it| it.to_string_lossy().into_owned());
        let start = RunStart {
            schema: SCHEMA_VERSION,
            run,
            started_unix_s: unix_s(now),
            tool: concat!("lab ", env!("CARGO_PKG_VERSION")).to_owned(),
            effort: Effort::Quick.into(),
            seed,
            filters: None,
            rounds: BTreeMap::from([(Instrument::Wall, FIRST_LOOK as u32)]),
            settings,
            limits: Some(RunLimits { error: ERROR, same, same_threaded: same, budget_s }),
            origin: Some(Origin { verb: verb.into(), arguments: arguments.collect() }),
            fingerprint: fingerprint::collect_of_foreign(),
        };
        writer.append(&Record::Run(Box::new(start.clone())))?;
        Ok(Self { writer, run: Run::begun(start), is_worth_keeping: false, _lock: lock })
    }

    /// Appends a record.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn write(&mut self, record: Record) -> Result<(), RecordError> {
        self.writer.append(&record)?;
        if matches!(record, Record::Samples(_)) {
            self.is_worth_keeping = true;
            interrupt::keeps("`lab summary FILE` shows a record of target/compare");
        }
        self.run.add(record);
        Ok(())
    }

    /// Returns whether there is a figure in it.
    pub(crate) fn is_worth_keeping(&self) -> bool {
        self.is_worth_keeping
    }

    pub(crate) fn path(&self) -> &Path {
        self.writer.path()
    }
}

impl Drop for CompareRecord {
    fn drop(&mut self) {
        if !self.is_worth_keeping {
            // Best effort: without it, an empty record is reported as one.
            let _ = fs::remove_file(self.path());
        }
    }
}
