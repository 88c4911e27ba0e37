//! Comparisons of two builds that were never measured: times of a model, with noise that is the
//! same whenever the same block is asked for.

#![allow(dead_code, reason = "each test file uses a part")]

use simple_records::{
    Axes, Block, Build, Candidate, Counted, Effort, Fingerprint, FunctionCost, Gate, GateEnd,
    GateLimits, GateRecord, GateStart, Harness, LogFile, OnlyIn, Profiled, Retired, SCHEMA_VERSION,
    Side, Stage, Subject, Turn, Witness,
};
use simple_reports::judge::{GateFile, GateReport, Judging, Task, next};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The day on which everything is judged.
pub const TODAY: &str = "2026-02-01";

/// An invented machine and builds.
pub fn start() -> GateStart {
    let build = |name: &str, commit: &str, modified| Build {
        name: name.to_owned(),
        commit: Some(commit.to_owned()),
        modified,
        key: commit.to_owned(),
    };
    GateStart {
        schema: SCHEMA_VERSION,
        run: "2026-01-31T12-00-00Z-gate".to_owned(),
        started_unix_s: 1_769_860_800,
        tool: "example 0".to_owned(),
        effort: Effort::Quick.into(),
        filters: Vec::new(),
        instruments: Vec::new(),
        candidates: 0,
        seed: 42,
        base: build("main", "fedcba9876543210", false),
        head: build("this checkout", "0123456789abcdef", true),
        harness: Harness::Same,
        notes: Vec::new(),
        corpus: None,
        suite: None,
        layouts: None,
        same_program: None,
        // Fewer blocks than by default: the rules are the same, and the judge's work grows with their square.
        limits: GateLimits {
            most_screen_blocks: 120,
            confirm_again_blocks: 60,
            ..GateLimits::default()
        },
        fingerprint: Fingerprint {
            cpu_model: Some("Example CPU".to_owned()),
            ..Fingerprint::default()
        },
    }
}

/// A comparison of these workloads, by time and instructions, in which nothing is measured yet.
pub fn begun<S: AsRef<str>>(workloads: &[S]) -> Gate {
    let mut gate = Gate::begun(GateStart { candidates: workloads.len() as u64, ..start() });
    for workload in workloads {
        gate.add(GateRecord::Candidate(Candidate {
            subject: Subject {
                workload: workload.as_ref().to_owned(),
                comparison: "example".to_owned(),
                reason: "because it is there".to_owned(),
                axes: Axes::default(),
                peer: false,
            },
            instruments: Witness::ALL.to_vec(),
        }));
    }
    gate
}

/// The key of a timing: side, workload, block.
#[derive(Debug, Clone, Copy, Hash)]
pub struct At<'a> {
    pub seed: u64,
    pub workload: &'a str,
    pub stage: Stage,
    pub block: u32,
    pub side: Side,
}

impl At<'_> {
    /// Between 0 and 1, excluding both; `salt` makes it another number.
    pub fn uniform(&self, salt: u64) -> f64 {
        let mut hasher = DefaultHasher::new();
        (self, salt).hash(&mut hasher);
        ((hasher.finish() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Normal with this standard deviation (Box and Muller 1958).
    pub fn normal(&self, deviation: f64) -> f64 {
        let radius = (-2.0 * self.uniform(0).ln()).sqrt();
        deviation * radius * (std::f64::consts::TAU * self.uniform(1)).cos()
    }
}

/// Time that each invented block took.
pub const BLOCK_S: f64 = 0.1;

/// A block with this time of an iteration for each side, in nanoseconds.
pub fn block(task: &Task, time_ns: impl Fn(Side) -> f64) -> Block {
    let order = [Side::Base, Side::Head, Side::Null, Side::Null, Side::Head, Side::Base];
    let turn = |side| Turn {
        side,
        iterations: 100,
        // Whole nanoseconds, which a file keeps exactly.
        totals_ns: vec![(time_ns(side) * 100.0).round(); 3],
        page_faults_minor: 30,
        involuntary_switches: 0,
    };
    Block {
        workload: task.workload.clone(),
        stage: task.stage,
        block: task.block,
        turns: order.map(turn).to_vec(),
        steal_percent: None,
        elapsed_s: Some(BLOCK_S),
    }
}

/// A task's figure under a model: the logarithm of a side's time in µs.
pub fn measured(seed: u64, task: &Task, model: &impl Fn(At) -> f64) -> Block {
    let Task { workload, stage, block: number } = task;
    block(task, |side| {
        let at = At { seed, workload, stage: *stage, block: *number, side };
        1000.0 * model(at).exp()
    })
}

/// Measures until nothing is left to do, and ends.
pub fn run_to_end(gate: &mut Gate, seed: u64, model: &impl Fn(At) -> f64) {
    loop {
        let tasks = next(gate);
        if tasks.is_empty() {
            break;
        }
        for task in tasks {
            gate.add(GateRecord::Block(measured(seed, &task, model)));
        }
    }
    gate.add(GateRecord::GateEnd(GateEnd { finished_unix_s: 1_769_860_800 + 1260 }));
}

/// A whole comparison of these workloads.
pub fn whole<S: AsRef<str>>(workloads: &[S], seed: u64, model: impl Fn(At) -> f64) -> Gate {
    let mut gate = begun(workloads);
    run_to_end(&mut gate, seed, &model);
    gate
}

/// Instructions of base and head, counted once or several times.
pub fn counted(gate: &mut Gate, workload: &str, counts: &[[u64; 2]]) {
    for (index, [base, head]) in counts.iter().enumerate() {
        let stage = if index == 0 { Stage::Screen } else { Stage::Confirm };
        for (side, instructions) in [(Side::Base, *base), (Side::Head, *head)] {
            let workload = workload.to_owned();
            gate.add(GateRecord::Counted(Counted {
                workload,
                side,
                stage,
                instructions,
                allocations: 12,
            }));
        }
    }
}

/// A workload that can no longer be measured.
pub fn retired(
    gate: &mut Gate,
    workload: &str,
    instrument: Witness,
    side: Option<Side>,
    why: &str,
) {
    gate.add(GateRecord::Retired(Retired {
        workload: workload.to_owned(),
        instrument,
        side,
        why: why.to_owned(),
    }));
}

/// The contents of a comparison's file.
pub fn text(gate: &Gate) -> String {
    let first = std::iter::once(GateRecord::Gate(Box::new(gate.start.clone())));
    let lines = first
        .chain(gate.only_in.iter().cloned().map(GateRecord::OnlyIn))
        .chain(gate.candidates.iter().cloned().map(GateRecord::Candidate))
        .chain(gate.counted.iter().cloned().map(GateRecord::Counted))
        .chain(gate.retired.iter().cloned().map(GateRecord::Retired))
        .chain(gate.blocks.iter().cloned().map(GateRecord::Block))
        .chain(gate.profiled.iter().cloned().map(GateRecord::Profiled))
        .chain(gate.end.map(GateRecord::GateEnd));
    lines.map(|line| serde_json::to_string(&line).unwrap() + "\n").collect()
}

/// A comparison as its file is read: with harmless texts.
pub fn read_back(gate: &Gate) -> Gate {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gate.jsonl");
    std::fs::write(&path, text(gate)).unwrap();
    Gate::read(&path).unwrap()
}

/// Judged without excuses.
pub fn judged(gate: &Gate) -> GateReport {
    Judging::default().judge(gate)
}

/// Judged with the gate's file, on [`TODAY`].
pub fn judged_with(gate: &Gate, file: &GateFile) -> GateReport {
    let today = TODAY.parse().unwrap();
    Judging { file: Some((file, &today)), allowed: &[] }.judge(gate)
}

/// Half a percent of noise, and what is given by workload and side.
pub fn calm(extra: impl Fn(&str, Side) -> f64) -> impl Fn(At) -> f64 {
    move |at: At| at.normal(0.005) + extra(at.workload, at.side)
}

/// One row of each kind that a report has: slower by time, by instructions and by both, waived,
/// faster, open, same, broken, not measured, and in one build only.
pub fn of_all_kinds() -> Gate {
    let names = [
        "executor/empty-tasks/4",
        "file/load/auto/1MiB",
        "file/load/touch/4KiB",
        "future/tree/12",
        "registry/lookup/dashmap/4",
        "registry/lookup/mutex|rw/2",
        "registry/lookup/slab/4",
        "thread/start",
    ]
    .map(str::to_owned);
    let steady = (0..20).map(|n| format!("value/copy/{n}"));
    let names: Vec<String> = names.into_iter().chain(steady).collect();
    let mut gate = begun(&names);
    gate.start.limits.instructions_of.insert("value/copy/19".to_owned(), 0.02);
    let extra = |workload: &str, side| match (workload, side) {
        ("file/load/auto/1MiB", Side::Head) => 0.08,
        ("file/load/touch/4KiB", Side::Head) => 0.2,
        ("future/tree/12", Side::Head) => -0.12,
        ("registry/lookup/slab/4", Side::Head) => 1.1,
        _ => 0.0,
    };
    let model = |at: At| {
        let noise = if at.workload == "thread/start" { 0.3 } else { 0.005 };
        at.normal(noise) + extra(at.workload, at.side)
    };
    retired(
        &mut gate,
        "executor/empty-tasks/4",
        Witness::Time,
        Some(Side::Head),
        "it panicked: no queue",
    );
    retired(
        &mut gate,
        "registry/lookup/dashmap/4",
        Witness::Time,
        None,
        "it needs 16 GiB of memory",
    );
    counts_of_all_kinds(&mut gate);
    run_to_end(&mut gate, 7, &model);
    for block in gate.blocks.iter_mut().filter(|block| block.workload == "file/load/auto/1MiB") {
        let head = block.turns.iter_mut().filter(|turn| turn.side == Side::Head);
        head.for_each(|turn| turn.page_faults_minor = 130);
    }
    gate.add(GateRecord::OnlyIn(OnlyIn {
        workload: "file/load/new/4KiB".to_owned(),
        side: Side::Head,
    }));
    gate.add(GateRecord::OnlyIn(OnlyIn {
        workload: "file/load/old/4KiB".to_owned(),
        side: Side::Base,
    }));
    gate
}

fn counts_of_all_kinds(gate: &mut Gate) {
    counted(gate, "registry/lookup/slab/4", &[[41_000, 118_000], [41_000, 118_000]]);
    counted(gate, "registry/lookup/mutex|rw/2", &[[500_000, 503_000], [500_000, 503_000]]);
    counted(gate, "value/copy/1", &[[1_000_000, 1_000_100]]);
    counted(gate, "value/copy/19", &[[1_000_000, 1_015_000]]);
    let slab = |counted: &&mut Counted| {
        counted.workload == "registry/lookup/slab/4" && counted.side == Side::Head
    };
    gate.counted.iter_mut().filter(slab).for_each(|counted| counted.allocations = 14);
    let cost =
        |function: &str, base, head| FunctionCost { function: function.to_owned(), base, head };
    gate.add(GateRecord::Profiled(Profiled {
        workload: "registry/lookup/slab/4".to_owned(),
        scope: "an iteration".to_owned(),
        totals: [41_000, 118_000],
        functions: vec![
            cost("simple_runtime::registry::slab::Slab<T>::get", 12_000, 80_000),
            cost("simple_runtime::sync::spin", 0, 11_000),
            cost("core::hash::BuildHasher::hash_one", 9_000, 7_000),
            cost("memcpy|`fast`", 3_000, 3_000),
        ],
        files: vec!["slab-4.diff.svg".to_owned(), "slab-4.head.folded".to_owned()],
    }));
}
