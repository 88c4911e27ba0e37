//! Invented runs with figures that can be computed by head, written by the writer that instruments
//! use.

#![allow(dead_code, reason = "each test file uses a part")]

pub mod blocks;
pub mod calibration;
pub mod gate;
pub mod profiles;
pub mod tags;

use simple_records::{
    Axes, AxisValue, Comparison, Display, Fingerprint, Instrument, Log, LogFile, Record, Run,
    RunEnd, RunStart, Sample, Samples, Scale, Skipped, Subject, Work,
};
use std::path::{Path, PathBuf};

/// An invented machine.
pub fn start(rounds: u32) -> RunStart {
    let mut start = RunStart::example();
    start.run = "2026-01-31T12-00-00Z".to_owned();
    start.started_unix_s = 1_769_860_800;
    start.seed = 42;
    start.rounds.insert(Instrument::Wall, rounds);
    start.fingerprint = Fingerprint {
        cpu_model: Some("Example CPU".to_owned()),
        available_parallelism: Some(2),
        memory_bytes: Some(16 << 30),
        kernel: Some("Linux 6.1.0".to_owned()),
        arch: Some("x86_64".to_owned()),
        libc: Some("glibc 2.36".to_owned()),
        rustc: Some("rustc 1.95.0".to_owned()),
        commit: Some("0123456789abcdef".to_owned()),
        modified: Some(false),
        ..Fingerprint::default()
    };
    start
}

/// Two facets, numbers along x, a peer.
pub fn locks() -> Comparison {
    Comparison {
        id: "registry/lookup".to_owned(),
        title: "Which lock, with how many threads?".to_owned(),
        explanation: "Threads look up handles.".to_owned(),
        x_axis: "threads".to_owned(),
        x_scale: Scale::Log,
        series_axis: "lock".to_owned(),
        facet_axis: Some("mix".to_owned()),
        defaults: Axes::default(),
        item: "lookup".to_owned(),
        display: Display::ItemsPerSecond,
    }
}

/// Names side by side, bytes.
pub fn files() -> Comparison {
    Comparison {
        id: "file/load".to_owned(),
        title: "Which strategy for a file?".to_owned(),
        explanation: "Load and sum.".to_owned(),
        x_axis: "cache".to_owned(),
        x_scale: Scale::Category,
        series_axis: "strategy".to_owned(),
        facet_axis: None,
        defaults: Axes::default(),
        item: "byte".to_owned(),
        display: Display::BytesPerSecond,
    }
}

/// Factors of each round's time: rounds differ, alternatives drift together.
const DRIFT: [f64; 5] = [1.0, 1.02, 0.99, 1.2, 1.01];

/// One workload's record of one round; three samples around `time_ns` an item.
pub fn samples(comparison: &Comparison, axes: Axes, round: u32, time_ns: f64) -> Samples {
    let values: String = axes.iter().map(|(_, value)| format!("/{value}")).collect();
    let time_ns = time_ns * DRIFT[round as usize % DRIFT.len()];
    let sample = |factor: f64| Sample { iterations: 10, total_ns: time_ns * factor * 10.0 * 100.0 };
    Samples {
        subject: Subject {
            workload: comparison.id.clone() + &values,
            comparison: comparison.id.clone(),
            reason: "because it is there".to_owned(),
            axes,
            peer: false,
        },
        work: Work { items: 100, bytes: None, threads: None },
        instrument: Instrument::Wall,
        round,
        samples: [0.99, 1.0, 1.05].map(sample).to_vec(),
        discarded: 0,
        residency: None,
        layout: None,
    }
}

/// A whole run: slab always wins by far, the two others cannot be told apart at one thread.
pub fn whole_run(rounds: u32) -> Vec<Record> {
    let (locks, files) = (locks(), files());
    let mut records = vec![
        Record::Run(start(rounds).into()),
        Record::Comparison(locks.clone()),
        Record::Comparison(files.clone()),
    ];
    for round in 0..rounds {
        for (mix, extra) in [("get only", 0.0), ("5% updates", 20.0)] {
            for threads in [1, 2, 4] {
                let wobble = if round % 2 == 0 { 1.01 } else { 0.99 };
                let alternatives = [
                    ("slab", 20.0, false),
                    ("mutex", 50.0 + extra * threads as f64, false),
                    ("rwlock", 50.0 * wobble, false),
                    ("dashmap", 40.0, true),
                ];
                for (lock, time_ns, peer) in alternatives {
                    let axes = Axes::default()
                        .with("lock", lock)
                        .with("threads", AxisValue::Count(threads))
                        .with("mix", mix);
                    let mut samples = samples(&locks, axes, round, time_ns);
                    samples.subject.peer = peer;
                    records.push(Record::Samples(samples));
                }
            }
        }
        for (strategy, time_ns, peer) in
            [("auto", 0.1, false), ("touch", 0.25, false), ("std::fs::read", 0.09, true)]
        {
            let axes = Axes::default().with("strategy", strategy).with("cache", "warm");
            let mut samples = samples(&files, axes, round, time_ns);
            (samples.work.bytes, samples.subject.peer) = (Some(100), peer);
            records.push(Record::Samples(samples));
        }
    }
    records.push(Record::Skipped(Skipped {
        instrument: None,
        workload: "file/load/huge/warm".to_owned(),
        comparison: files.id.clone(),
        why: "huge pages are off: echo always > /sys/kernel/mm/transparent_hugepage/enabled"
            .to_owned(),
    }));
    records.push(Record::End(RunEnd {
        finished_unix_s: 1_769_861_100,
        measured: 27,
        skipped: 1,
        not_selected: 0,
        ..RunEnd::default()
    }));
    records
}

/// A run of 300 workloads: 15 comparisons of four alternatives with up to 16 threads, five rounds.
pub fn large_run() -> Vec<Record> {
    let mut records = vec![Record::Run(Box::new(start(5)))];
    for family in 0..15 {
        let comparison = Comparison { id: format!("family-{family}/lookup"), ..locks() };
        records.push(Record::Comparison(comparison.clone()));
        for round in 0..5 {
            let alternatives =
                [("slab", 20.0), ("mutex", 50.0), ("rwlock", 51.0), ("dashmap", 40.0)];
            for (lock, time_ns) in alternatives {
                for threads in [1, 2, 4, 8, 16] {
                    let axes = Axes::default()
                        .with("lock", lock)
                        .with("threads", AxisValue::Count(threads));
                    let time_ns = time_ns * (1.0 + threads as f64 / 10.0);
                    let mut samples = samples(&comparison, axes, round, time_ns);
                    samples.subject.peer = lock == "dashmap";
                    records.push(Record::Samples(samples));
                }
            }
        }
    }
    let end = RunEnd {
        finished_unix_s: 1_769_861_100,
        measured: 300,
        skipped: 0,
        not_selected: 0,
        ..RunEnd::default()
    };
    records.push(Record::End(end));
    records
}

/// The same run `days` later, with each time multiplied by the `factor` of its workload.
pub fn later(records: &[Record], days: u64, factor: impl Fn(&str) -> f64) -> Vec<Record> {
    let mut records = records.to_vec();
    for record in &mut records {
        match record {
            Record::Run(start) => {
                start.started_unix_s += days * 86_400;
                // January goes on: the names only have to be in order.
                start.run = format!("2026-01-{}T12-00-00Z", 31 + days);
            }
            Record::Samples(samples) => {
                let factor = factor(&samples.subject.workload);
                samples.samples.iter_mut().for_each(|sample| sample.total_ns *= factor);
            }
            _ => {}
        }
    }
    records
}

/// Writes a run into `folder`, named as it names itself.
pub fn write(folder: &Path, records: &[Record]) -> PathBuf {
    let name = match records.first() {
        Some(Record::Run(start)) => start.run.clone(),
        _ => "2026-01-31T12-00-00Z".to_owned(),
    };
    let mut writer = Log::<Run>::create(folder, &name).unwrap();
    for record in records {
        writer.append(record).unwrap();
    }
    writer.path().to_owned()
}

/// The report of records.
pub fn report(records: &[Record]) -> simple_reports::analysis::Report {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), records);
    simple_reports::analysis::Report::new(Run::read(&path).unwrap())
}
