//! The language of conductor and harness: one JSON value a line, requests on the standard input
//! of `simple-bench serve`, replies on its standard output.
//!
//! A process replies [`Reply::Ready`] when it has started. It then is blocked in a read unless it
//! serves a request: idle, it costs nothing. Each request gets one reply. The process ends with
//! its input, or with the thread that started it; its exit code is 1 if a request failed, else 0. A
//! request that cannot be served gets [`Reply::Failed`] with the reason, and the process goes on.
//! Whatever else is printed, by workloads or libraries, goes to the standard error.
//!
//! [`Request::Prepare`] comes before all requests but [`Request::Catalogue`].
//! [`Request::Check`] uses up what is prepared, and so does [`Request::Measure`], except by
//! [`Instrument::Wall`]; it must be prepared again for another request. A second [`Request::Prepare`] takes the place of the first.
//!
//! The language is that of one version of the workspace: conductor and harness are built together.

pub mod valgrind;

use crate::{Axes, Comparison, Effort, Instrument, Layout, Residency, Sample, ThreadTotals, Work};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The name of the program.
pub const PROGRAM: &str = "simple-bench";

/// The subcommand that serves.
pub const SERVE: &str = "serve";

/// The function that calls the measured part of [`Request::Repeat`]: the outermost frame that
/// belongs to it, on the thread that runs it. It is a symbol of this name, without mangling.
pub const MEASURED: &str = "simple_bench_measured";

/// The function that runs the one iteration of [`Request::Count`], below which instructions and
/// blocks are counted. It is a symbol of this name, without mangling.
pub const COUNTED: &str = "simple_bench_counted";

/// The file, in the folder of the data, that lists the sources which workloads read: absolute
/// paths, one a line. The conductor writes it.
pub const SOURCES_LIST: &str = "sources.list";

/// Callers that callgrind records: enough that calls from outside of an iteration are not taken
/// for calls from inside.
pub const CALLGRIND_CALLERS: u32 = 200;

/// A request to the harness.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum Request {
    /// List the catalogue; the reply is [`Reply::Catalogue`].
    Catalogue,
    /// Prepare a workload, which the requests that follow are about, and run it once: a wrong
    /// result is not worth a measurement. The reply is [`Reply::Prepared`].
    Prepare {
        /// Its name.
        workload: String,
        /// The folder of the files that workloads read.
        data: PathBuf,
    },
    /// Run the workload twice and compare its results and effects with the right ones; the reply
    /// is [`Reply::Right`].
    Check,
    /// Measure the workload by one instrument; the reply is [`Reply::Measured`]. For
    /// [`Instrument::Instructions`] this is a rehearsal: it counts nothing, and shows whether
    /// [`Request::Count`] can.
    Measure {
        /// The instrument.
        instrument: Instrument,
        /// Duration of its parts.
        settings: Settings,
    },
    /// Run the workload for at least this long, and find out how fast it is; the reply is
    /// [`Reply::WarmedUp`].
    WarmUp {
        /// Least duration.
        at_least_ns: u64,
    },
    /// Time samples, after an iteration that brings the caches back; the reply is
    /// [`Reply::Timed`].
    Time {
        /// Iterations of each sample.
        iterations: u64,
        /// Number of samples.
        samples: u32,
    },
    /// Run one iteration in the function [`COUNTED`], for a tool of valgrind that this process
    /// runs under; the reply is [`Reply::Counted`]. Counts repeat exactly in a process that has
    /// the settings of [`valgrind`], runs in the folder of its data, and is told that as `.`.
    Count,
    /// Run the workload again and again in the function [`MEASURED`]; the reply is
    /// [`Reply::Repeated`].
    Repeat(Repeat),
}

/// A request to run a workload again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeat {
    /// Number of iterations, or duration.
    pub amount: Amount,
    /// Stacks of its own that the process takes in a second of processor time; none if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_hz: Option<u32>,
    /// A file for a timeline of the executor; none is made if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeline: Option<PathBuf>,
}

/// Number of iterations of a workload, or their duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    /// This many iterations.
    Iterations(u64),
    /// As many as take this many milliseconds.
    ForMs(u64),
}

/// Duration of the parts of a measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Milliseconds before the first sample.
    pub warm_up_ms: u64,
    /// Milliseconds of all samples together.
    pub measurement_ms: u64,
    /// Number of samples.
    pub samples: usize,
    /// Milliseconds for which operations are begun at each rate.
    pub latency_ms: u64,
}

/// A reply of the harness.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub enum Reply {
    /// The process has started.
    Ready,
    /// The catalogue.
    Catalogue(Catalogue),
    /// The workload is prepared; the work of one iteration.
    Prepared(Work),
    /// The workload does what it is said to do.
    Right,
    /// The figures of an instrument.
    Measured(Measured),
    /// The workload has run for a while.
    WarmedUp {
        /// Duration of an iteration, roughly, with all that is not measured of it: what makes its
        /// condition.
        iteration_ns: f64,
    },
    /// The samples.
    Timed {
        /// Duration of the iterations of each sample together.
        totals_ns: Vec<f64>,
        /// Page faults without input or output, over all samples.
        page_faults_minor: u64,
        /// Number of times that the process lost its processor without having asked.
        involuntary_switches: u64,
    },
    /// The iteration has run.
    Counted,
    /// The iterations have run.
    Repeated(Repeated),
    /// The request cannot be served.
    Failed {
        /// Why, and what would help.
        why: String,
    },
}

/// All workloads, by their comparison.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalogue {
    /// In the order in which they are shown.
    pub families: Vec<Family>,
}

/// A comparison with its workloads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Family {
    /// The comparison.
    pub comparison: Comparison,
    /// Its workloads.
    pub workloads: Vec<Listed>,
}

/// A workload of the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    /// Its name.
    pub workload: String,
    /// The id of its comparison.
    pub comparison: String,
    /// Why it exists.
    pub reason: String,
    /// Its place in its comparison.
    pub axes: Axes,
    /// True for somebody else's code, to compare with.
    pub peer: bool,
    /// The least effort that measures it.
    pub effort: Effort,
    /// The instruments that suit it.
    pub instruments: Vec<Instrument>,
    /// Rule by which a comparison of two builds judges its time.
    pub gating: Gating,
}

/// Rule by which a comparison of two builds judges the time of a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gating {
    /// Judged if every choice is the default and no more threads run than there are processors.
    AtDefaults,
    /// Always judged: it represents a mode for which people choose this runtime.
    Always,
    /// Never judged: its time is the disk's.
    Never,
}

/// The figures of an instrument, with the work of an iteration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The work of an iteration.
    #[serde(flatten)]
    pub work: Work,
    /// The figures.
    pub outcome: Outcome,
    /// Number of times that the process lost its processor without having asked.
    pub involuntary_switches: u64,
}

/// The figures of an instrument.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Times.
    Samples {
        /// Raw.
        samples: Vec<Sample>,
        /// Iterations that do not count, because their condition did not hold.
        discarded: u64,
        /// Pages of the file that were in memory, where that is the condition.
        residency: Option<Residency>,
        /// Layout of a warm file in the page cache before the first iteration.
        layout: Option<Layout>,
    },
    /// Counts of an iteration, by name.
    Counts(BTreeMap<String, f64>),
    /// Latencies, by rate.
    Latencies(Vec<LatencyRun>),
}

/// Latencies at one rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LatencyRun {
    /// Operations that were begun in a second; absent in a closed loop.
    pub offered_per_s: Option<f64>,
    /// Operations that were finished in a second.
    pub achieved_per_s: f64,
    /// Duration of the whole.
    pub duration_s: f64,
    /// The distribution, as hdrhistogram compresses it, in base 64.
    pub histogram_ns: String,
    /// Percentiles by name.
    pub percentiles_ns: BTreeMap<String, u64>,
}

/// A process' account of the iterations that it has run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Repeated {
    /// Number of iterations.
    pub iterations: u64,
    /// Duration of all windows together.
    pub measured_ns: u64,
    /// Windows of the measured part: from and to, in nanoseconds of `CLOCK_MONOTONIC`, ascending and
    /// apart.
    pub windows: Vec<[u64; 2]>,
    /// Counts inside of the windows, by the kernel and by the runtime.
    pub counters: BTreeMap<String, u64>,
    /// Stacks that the process took of itself, if it was asked to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stacks: Vec<SampledStack>,
    /// Activity of the executor's threads, if a timeline was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub threads: Vec<ThreadTotals>,
    /// Remarks for readers, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A stack and the number of times that it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampledStack {
    /// The thread's name.
    pub thread: String,
    /// The thread's number, unique in the process.
    pub tid: u64,
    /// The functions, innermost first, without those that were inlined.
    pub frames: Vec<String>,
    /// Number of times.
    pub count: u64,
}
