//! The record: the one schema that instruments write and reports read.
//!
//! Runs, comparisons of two builds, calibrations and profiles are files of JSON lines, described
//! in `RUN.md`, `GATE.md` and `PROFILE.md`. [`Log`] appends to them line by line, so that what was
//! measured is kept whatever happens next; [`LogFile::read`] reads them back, also when the last
//! line was cut off.
//!
//! ```
//! use simple_records::{Log, LogFile, Record, Run, RunEnd};
//!
//! # let directory = tempfile::tempdir().unwrap();
//! let mut log = Log::<Run>::create(directory.path(), "example")?;
//! # let start = simple_records::RunStart::example();
//! log.append(&Record::Run(start.into()))?;
//! log.append(&Record::End(RunEnd::default()))?;
//! let run = Run::read(log.path())?;
//! assert!(run.end.is_some());
//! # Ok::<(), simple_records::RecordError>(())
//! ```

mod axis;
mod calibration;
mod dose;
mod error;
mod fingerprint;
mod folder;
mod gate;
mod harmless;
pub mod harness;
mod log;
mod page_cache;
mod plausible;
mod profile;
mod record;
mod run;
#[cfg(test)]
mod schemas;
mod ticks;
mod words;

pub use axis::{Axes, AxisValue, COLD, GUEST_COLD};
pub use calibration::{
    BenchLimits, BenchTrial, BenchVerdict, Calibration, CalibrationRecord, CalibrationStart,
    LeftOut, Trial, TrialKind,
};
pub use dose::{Dose, DoseOf, InjectedNoise};
pub use error::RecordError;
pub use fingerprint::{Difference, Fingerprint};
pub use folder::{RecordFile, empty_after, newest_run, record_files};
pub use gate::{
    Block, Build, Candidate, Counted, FunctionCost, Gate, GateEnd, GateLimits, GateRecord,
    GateStart, GateSuite, Harness, OnlyIn, Profiled, Retired, SameProgram, Stage, Turn,
};
pub use harmless::{from_json, harmless, harmless_copy};
pub use log::{Log, LogFile};
pub use page_cache::{Folios, Layout, Residency};
pub use plausible::Implausible;
pub use profile::{
    AllocationSite, AllocationSites, FunctionShare, MissingView, PROFILE_FILE, ProcessEnd, Profile,
    ProfileRecord, ProfileStart, ProfiledProgram, StackProfile, ThreadTotals, TimelineProfile,
    Wait, Waits, profile_folder,
};
pub use record::{
    Comparison, Counts, Display, Latency, NULL_CONTROL, Noise, Record, SCHEMA_VERSION, Sample,
    Samples, Scale, Skipped, Subject, Work, is_same_regime,
};
pub use run::{Origin, Run, RunEnd, RunLimits, RunStart};
pub use ticks::Ticks;
pub use words::{
    Counter, DoseForm, Effort, Ending, Instrument, Loop, NoiseKind, Side, Unit, UnknownWord, Verb,
    View, Witness, Word,
};
