//! A run that measured blocks until its questions were answered, or its time was up.

use super::{files, locks, samples, start};
use simple_records::{
    Axes, AxisValue, Comparison, Instrument, Noise, Record, RunEnd, RunLimits, Samples,
};

/// Blocks of each comparison: every other one in the other regime, and enough in each to judge.
const BLOCKS: u32 = 24;

/// Cost of moving a cache line in even and in odd blocks.
pub const LINE_MOVE_NS: [f64; 2] = [14.0, 170.0];

/// A run of blocks with a question of each kind: at one thread the slab is ahead; at two the
/// answer depends on where the host runs the processors; at four it is open. Of files, a peer is
/// ahead of the only alternative, which takes 0.2 or 9 ns for a byte.
pub fn blocks() -> Vec<Record> {
    let (locks, files) = (locks(), files());
    let mut start = start(10);
    start.limits =
        Some(RunLimits { error: 0.01, same: 0.05, same_threaded: 0.10, budget_s: 240.0 });
    let mut records = vec![
        Record::Run(start.into()),
        Record::Comparison(locks.clone()),
        Record::Comparison(files.clone()),
    ];
    for block in 0..BLOCKS {
        let is_odd = block % 2 == 1;
        for comparison in [&locks, &files] {
            records.push(Record::Noise(noise(
                comparison,
                block,
                LINE_MOVE_NS[usize::from(is_odd)],
            )));
        }
        for threads in [1, 2, 4] {
            let slab = match threads {
                2 if is_odd => 80.0,
                // Spread without a gap that would make states.
                4 => 40.0 * 1.12_f64.powi((block * 7 % 12) as i32 - 6),
                _ => 20.0,
            };
            for (lock, time_ns) in [("slab", slab), ("dashmap", 40.0)] {
                let axes =
                    Axes::default().with("lock", lock).with("threads", AxisValue::Count(threads));
                records.push(of(&locks, axes, block, time_ns, threads));
            }
        }
        let auto = if is_odd { 9.0 } else { 0.2 };
        for (strategy, time_ns) in [("auto", auto), ("std::fs::read", 0.09)] {
            let axes = Axes::default().with("strategy", strategy).with("cache", "warm");
            records.push(of(&files, axes, block, time_ns, 1));
        }
    }
    records.push(Record::End(RunEnd {
        finished_unix_s: 1_769_861_100,
        measured: 8,
        ..RunEnd::default()
    }));
    records
}

fn of(comparison: &Comparison, axes: Axes, block: u32, time_ns: f64, threads: u64) -> Record {
    let peer = axes.iter().any(|(_, value)| {
        *value == AxisValue::from("dashmap") || *value == AxisValue::from("std::fs::read")
    });
    let mut samples: Samples = samples(comparison, axes, block, time_ns);
    samples.subject.peer = peer;
    samples.work.threads = Some(threads);
    Record::Samples(samples)
}

fn noise(comparison: &Comparison, round: u32, line_move_ns: f64) -> Noise {
    Noise {
        round,
        comparison: comparison.id.clone(),
        instrument: Some(Instrument::Wall),
        line_move_ns: Some([line_move_ns; 2]),
        ..Noise::default()
    }
}
