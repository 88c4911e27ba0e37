//! Records of profiles: where the time, instructions and memory of a workload, or of anybody's
//! program, go.
//!
//! Each has a folder, `target/profiles/<name>/`, with `profile.jsonl` and the files
//! that it names: folded stacks, pictures, a timeline. The newest profile takes the place of the
//! one before.

mod program;

pub use program::{ProcessEnd, ProfiledProgram};

use crate::{Build, Fingerprint, LogFile, Unit, View, Word};
use serde::{Deserialize, Serialize};

/// The name of the file in a workload's folder.
pub const PROFILE_FILE: &str = "profile.jsonl";

/// One line of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ProfileRecord {
    /// The first line.
    Profile(Box<ProfileStart>),
    /// Stacks of functions, with what was counted in them.
    Stacks(StackProfile),
    /// Sites that allocate.
    AllocationSites(AllocationSites),
    /// Waits of threads, by kind.
    Waits(Waits),
    /// Activity of the threads of the executor over time.
    Timeline(TimelineProfile),
    /// A view that is not available.
    Missing(MissingView),
    /// A process of a program that was profiled as a whole.
    Process(ProcessEnd),
    /// A kind of a newer program.
    #[serde(other, skip_serializing)]
    #[cfg_attr(test, schemars(skip))]
    Unknown,
}

/// First line of a profile: workload, build, time and machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ProfileStart {
    /// [`SCHEMA_VERSION`](crate::SCHEMA_VERSION) of the writer.
    pub schema: u32,
    /// Seconds since 1970 in UTC.
    pub started_unix_s: u64,
    /// The profiling program and its version.
    pub tool: String,
    /// The workload; of a program of anybody, the name of its folder.
    pub workload: String,
    /// The program of anybody that was profiled as a whole; absent for workloads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<ProfiledProgram>,
    /// The profiled program.
    pub build: Build,
    /// The machine and toolchain.
    pub fingerprint: Fingerprint,
}

/// Stacks of functions, with what was counted in them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StackProfile {
    /// The view.
    pub view: View,
    /// The sampler with its settings: `perf record, cpu-clock at 1499 Hz`.
    pub sampler: String,
    /// Unit of the counts: `samples`, `instructions`, `bytes`, `ns`.
    pub unit: Word<Unit>,
    /// The sum over all stacks.
    pub total: u64,
    /// Iterations of the workload in which it was counted; 1 for a program as a whole.
    pub iterations: u64,
    /// Duration of these; absent where the profiler slows them down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured_ns: Option<u64>,
    /// The functions with the largest counts of their own, the largest first.
    pub functions: Vec<FunctionShare>,
    /// Remarks, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The folded stacks: a file beside this one.
    pub folded: String,
    /// The flame graph: a file beside this one.
    pub picture: String,
}

/// Counts of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FunctionShare {
    /// Its name, demangled.
    pub function: String,
    /// The name that pictures show.
    pub short: String,
    /// In itself.
    pub own: u64,
    /// In itself and in what it calls.
    pub inclusive: u64,
}

/// Sites that allocate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AllocationSites {
    /// Iterations of the workload in which it was asked for.
    pub iterations: u64,
    /// Blocks in all.
    pub blocks: u64,
    /// Bytes in all.
    pub bytes: u64,
    /// The most bytes that the whole process held at once.
    pub peak_bytes: u64,
    /// The sites that asked for most bytes, the largest first.
    pub sites: Vec<AllocationSite>,
}

/// One place in the code that asks for memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AllocationSite {
    /// The functions, outermost first; the innermost is the one that asked.
    pub stack: Vec<String>,
    /// The names of the same functions that pictures show.
    pub short: Vec<String>,
    /// Blocks it asked for.
    pub blocks: u64,
    /// Bytes it asked for.
    pub bytes: u64,
    /// Of these, the bytes that were held when the whole process held most.
    pub peak_bytes: u64,
    /// Average lifetime of a block, in instructions.
    pub lifetime_instructions: f64,
}

/// Waits of threads, by kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Waits {
    /// The source: `perf record, sched:sched_switch`, or counters.
    pub sampler: String,
    /// By kind, the longest first.
    pub kinds: Vec<Wait>,
    /// Remarks, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// One kind of waiting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Wait {
    /// Such as `futex`, `page fault`.
    pub kind: String,
    /// Number of times.
    pub count: u64,
    /// The sum over all threads; absent where only the number is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_ns: Option<u64>,
    /// The longest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest_ns: Option<u64>,
}

/// Activity of the threads of the executor over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TimelineProfile {
    /// Iterations of the workload that it shows.
    pub iterations: u64,
    /// Its duration.
    pub measured_ns: u64,
    /// The trace, for the viewers of Chrome and Perfetto: a file beside this one.
    pub trace: String,
    /// A picture of it: a file beside this one; absent where nothing takes time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// Each thread.
    pub threads: Vec<ThreadTotals>,
    /// Remarks, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Totals of a thread of the executor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ThreadTotals {
    /// Its name.
    pub name: String,
    /// Jobs that it ran.
    pub jobs: u64,
    /// Time spent on jobs.
    pub run_ns: u64,
    /// Number of times that it slept for want of work.
    pub parks: u64,
    /// Time spent asleep.
    pub parked_ns: u64,
    /// Number of times that it took jobs from another thread.
    pub steals: u64,
    /// Number of times that it woke another thread.
    pub wakes: u64,
    /// Events that no longer fitted and are missing in all the others.
    pub dropped: u64,
}

/// A view that is not available.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MissingView {
    /// Which.
    pub view: View,
    /// Why, and what would help.
    pub why: String,
}

/// A workload's profile as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Its first line.
    pub start: ProfileStart,
    /// One a view, in the order of the file.
    pub stacks: Vec<StackProfile>,
    /// Sites that allocate.
    pub allocations: Option<AllocationSites>,
    /// Waits of threads, by kind.
    pub waits: Option<Waits>,
    /// Activity of the threads over time.
    pub timeline: Option<TimelineProfile>,
    /// Views that are not available.
    pub missing: Vec<MissingView>,
    /// The processes of a program that was profiled as a whole, one a view.
    pub processes: Vec<ProcessEnd>,
    /// Remarks on the file, in sentences.
    pub warnings: Vec<String>,
}

impl LogFile for Profile {
    type Line = ProfileRecord;

    const NAME: &'static str = "profile";

    fn begin(first: ProfileRecord) -> Option<Self> {
        let ProfileRecord::Profile(start) = first else { return None };
        Some(Self {
            start: *start,
            stacks: Vec::new(),
            allocations: None,
            waits: None,
            timeline: None,
            missing: Vec::new(),
            processes: Vec::new(),
            warnings: Vec::new(),
        })
    }

    fn add(&mut self, record: ProfileRecord) {
        match record {
            ProfileRecord::Stacks(stacks) => self.stacks.push(stacks),
            ProfileRecord::AllocationSites(sites) => self.allocations = Some(sites),
            ProfileRecord::Waits(waits) => self.waits = Some(waits),
            ProfileRecord::Timeline(timeline) => self.timeline = Some(timeline),
            ProfileRecord::Missing(missing) => self.missing.push(missing),
            ProfileRecord::Process(process) => self.processes.push(process),
            ProfileRecord::Profile(_) | ProfileRecord::Unknown => {}
        }
    }

    fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }
}

/// The name of a workload's folder.
pub fn profile_folder(workload: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '+');
    workload.chars().map(|c| if harmless(c) { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let start = ProfileStart {
            schema: crate::SCHEMA_VERSION,
            started_unix_s: 1,
            tool: "example 0".to_owned(),
            workload: "future/new".to_owned(),
            program: None,
            build: Build::default(),
            fingerprint: Fingerprint::default(),
        };
        let stacks = StackProfile {
            view: View::Cpu,
            sampler: "perf".to_owned(),
            unit: Unit::Samples.into(),
            total: 10,
            iterations: 3,
            measured_ns: None,
            functions: vec![FunctionShare {
                function: "a::b::f".to_owned(),
                short: "b::f".to_owned(),
                own: 7,
                inclusive: 10,
            }],
            notes: Vec::new(),
            folded: "cpu.folded".to_owned(),
            picture: "cpu.svg".to_owned(),
        };
        let missing = MissingView { view: View::Waiting, why: "not permitted".to_owned() };
        let records = [
            ProfileRecord::Profile(Box::new(start.clone())),
            ProfileRecord::Stacks(stacks.clone()),
            ProfileRecord::Missing(missing.clone()),
        ];
        let mut log = crate::Log::<Profile>::create(folder.path(), "profile").unwrap();
        records.iter().for_each(|record| log.append(record).unwrap());
        assert_eq!(log.path().file_name().unwrap(), PROFILE_FILE);
        let profile = Profile::read(log.path()).unwrap();
        assert_eq!((profile.start, profile.stacks), (start, vec![stacks]));
        assert_eq!((profile.missing, profile.timeline), (vec![missing], None));
    }

    #[test]
    fn a_unit_of_a_newer_program_is_kept() {
        let line = r#"{"kind":"stacks","view":"cpu","sampler":"perf","unit":"joules","total":1,
                       "iterations":1,"functions":[],"folded":"cpu.folded","picture":"cpu.svg"}"#;
        let ProfileRecord::Stacks(stacks) = serde_json::from_str(line).unwrap() else {
            panic!("it is a line of stacks")
        };
        assert_eq!((stacks.unit.known(), stacks.unit.to_string()), (None, "joules".to_owned()));
    }

    #[test]
    fn folders_have_names_that_any_system_takes() {
        assert_eq!(profile_folder("file/load/1 MiB/a=b"), "file-load-1-MiB-a-b");
    }
}
