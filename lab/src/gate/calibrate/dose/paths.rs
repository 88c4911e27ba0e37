//! Hot paths that are slowed, and the workloads that go through them.

use simple_records::DoseForm;

/// A hot path, a form of slow-down, and a workload that goes through the path.
#[derive(Debug, PartialEq)]
pub struct Path {
    /// Name of the place in the runtime.
    pub site: &'static str,
    /// The form of a step.
    pub form: DoseForm,
    /// The workload.
    pub workload: &'static str,
    /// Visits of a thread of which one makes steps, in the coarsest doses: a step at each would be too much.
    pub every: u32,
    /// Threads of the workload.
    pub threads: u32,
}

const fn spin(site: &'static str, workload: &'static str, threads: u32) -> Path {
    Path { site, form: DoseForm::Spin, workload, every: 1, threads }
}

const TREE: &str = "future/tree/manual poll/1";
const SPAWN: &str = "executor/spawn-inside/threaded/2";
const GET: &str = "registry/get-only/slab/2/1000";
const LOAD: &str = "file/load/auto/4KiB/warm";
const COPY: &str = "value/deep-copy/array of strings/1000";
const CHAIN: &str = "aop/chain/runtime/4";
const ALONE: &str = "channel/throughput/runtime/0";
const PAIR: &str = "channel/throughput/runtime/1";

/// Paths that are slowed in time by additional instructions.
pub static SPUN: [Path; 9] = [
    spin("future-run", TREE, 1),
    spin("future-run", SPAWN, 2),
    spin("future-new", "future/new-await/await/1", 1),
    Path { every: 8, ..spin("registry-get", GET, 2) },
    spin("file-load", LOAD, 1),
    spin("deep-copy", COPY, 1),
    spin("aop-call", CHAIN, 1),
    spin("channel-send", ALONE, 1),
    // One of both threads sends.
    spin("channel-send", PAIR, 2),
];

/// Paths that are slowed in time by something else.
pub static OTHERWISE: [Path; 10] = [
    Path { site: "future-run", form: DoseForm::Fence, workload: TREE, every: 64, threads: 1 },
    Path { site: "registry-get", form: DoseForm::Fence, workload: GET, every: 64, threads: 2 },
    Path { site: "deep-copy", form: DoseForm::Miss, workload: COPY, every: 512, threads: 1 },
    Path { site: "registry-get", form: DoseForm::Miss, workload: GET, every: 512, threads: 2 },
    Path { site: "file-load", form: DoseForm::Miss, workload: LOAD, every: 1, threads: 1 },
    Path { site: "aop-call", form: DoseForm::Lock, workload: CHAIN, every: 8, threads: 1 },
    Path { site: "registry-get", form: DoseForm::Lock, workload: GET, every: 8, threads: 2 },
    Path { site: "future-run", form: DoseForm::Lock, workload: SPAWN, every: 8, threads: 2 },
    Path { site: "registry-get", form: DoseForm::Line, workload: GET, every: 8, threads: 2 },
    Path { site: "future-run", form: DoseForm::Line, workload: SPAWN, every: 8, threads: 2 },
];

/// A path that is slowed in time to find out how often a run is right, besides those of [`SPUN`].
pub static BENCHED_TOO: [Path; 1] = [spin("coverage-probe", "coverage/probe/decision/1/1000", 1)];

/// Paths that are made to execute more instructions.
pub static COUNTED: [Path; 4] = [
    spin("future-new", "abi/calls/future/rt_future_new", 1),
    spin("channel-send", "abi/calls/channel/rt_channel_send", 1),
    spin("aop-call", "abi/calls/aop/rt_aop_proceed, one advice", 1),
    spin("coverage-probe", "abi/calls/coverage/rt_coverage_decision_probe, next", 1),
];
