//! The record: the one schema that instruments write and reports read.
//!
//! A run is a file of JSON lines, described in `RUN.md`. [`RecordWriter`] writes
//! it line by line, so that what was measured is kept whatever happens next; [`read_run`]
//! reads it back, also when the last line was cut off.
//!
//! ```
//! use simple_records::{Record, RecordWriter, RunEnd, read_run};
//!
//! # let directory = tempfile::tempdir().unwrap();
//! let mut writer = RecordWriter::create(directory.path(), "example")?;
//! # let run = simple_records::RunStart::example();
//! writer.write(&Record::Run(run))?;
//! writer.write(&Record::End(RunEnd::default()))?;
//! let run = read_run(writer.path())?;
//! assert!(run.end.is_some());
//! # Ok::<(), simple_records::RecordError>(())
//! ```

mod axis;
mod calibration;
mod error;
mod fingerprint;
mod folder;
mod gate;
pub mod harness;
mod lines;
pub mod paired;
mod profile;
mod reader;
mod record;
pub mod repeat;
mod ticks;
mod words;
mod writer;

pub use axis::{Axes, AxisValue, COLD, GUEST_COLD};
pub use calibration::{
    Calibration, CalibrationRecord, CalibrationStart, LeftOut, Trial, TrialKind, read_calibration,
};
pub use error::RecordError;
pub use fingerprint::{Difference, Fingerprint};
pub use folder::{RecordFile, newest_run, record_files};
pub use gate::{
    Block, Build, Candidate, Counted, FunctionCost, Gate, GateEnd, GateLimits, GateRecord,
    GateStart, Harness, OnlyIn, Profiled, Retired, Stage, Turn, read_gate,
};
pub use profile::{
    AllocationSite, AllocationSites, FunctionShare, MissingView, PROFILE_FILE, Profile,
    ProfileRecord, ProfileStart, StackProfile, ThreadTotals, TimelineProfile, Wait, Waits,
    profile_folder, read_profile,
};
pub use reader::{Run, read_run};
pub use record::{
    Comparison, Counts, Display, Latency, Noise, Record, Residency, RunEnd, RunStart,
    SCHEMA_VERSION, Sample, Samples, Scale, Skipped, Subject, is_same_regime,
};
pub use ticks::Ticks;
pub use words::{Counter, Effort, Instrument, Loop, Side, UnknownWord, View, Witness, Word};
pub use writer::RecordWriter;
