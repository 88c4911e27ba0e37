//! Samples of what the processor did.

use super::script::{Error, Record};
use super::stacks::{Cut, stack};
use super::threads::Threads;
use super::windows::Windows;
use crate::Folded;
use crate::symbols::Symbolizer;
use std::collections::{BTreeMap, HashMap};
use std::iter;
use std::sync::Arc;

/// Where the processor was busy, and what to know of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OnCpu {
    /// Samples by thread and stack.
    pub stacks: Folded,
    /// Samples in the measured part, by event: `cycles`, `cpu-clock`. There are several events
    /// where processors have several kinds of cores.
    pub events: BTreeMap<String, u64>,
    /// Samples in the measured part: the sum of all stacks.
    pub inside: u64,
    /// Samples outside of it, which are in no stack.
    pub outside: u64,
    /// Samples in the measured part whose outer callers were not found.
    pub truncated: u64,
    /// Samples that perf lost, in the measured part or outside.
    pub lost: u64,
    /// Parts of perf's text that could not be read, such as a sample of a thread with an odd name.
    pub unread: u64,
}

/// Makes stacks of samples. See [`perf`](super) for how stacks are shown.
///
/// Each sample counts as one: perf takes them at equal distances of time, or of what it was told
/// to count.
///
/// # Errors
///
/// Those of the records.
pub fn on_cpu(
    records: impl IntoIterator<Item = Result<Record, Error>>,
    windows: &Windows,
    mut symbolizer: impl Symbolizer,
    cut: &Cut,
) -> Result<OnCpu, Error> {
    let mut found = OnCpu::default();
    let mut threads = Threads::default();
    let mut counts = HashMap::<(i32, Vec<Arc<str>>), u64>::new();
    for record in records {
        let sample = match record? {
            Record::Sample(sample) => sample,
            Record::Lost(count) => {
                found.lost = found.lost.saturating_add(count);
                continue;
            }
            Record::Unread => {
                found.unread += 1;
                continue;
            }
            Record::Switch(_) => continue,
        };
        threads.saw(sample.tid, &sample.thread);
        if !windows.contains(sample.time_ns) {
            found.outside += 1;
            continue;
        }
        found.inside += 1;
        *found.events.entry(sample.event.to_string()).or_default() += 1;
        let stack = stack(&sample.frames, &mut symbolizer, cut);
        found.truncated += u64::from(stack.is_truncated);
        *counts.entry((sample.tid, stack.functions())).or_default() += 1;
    }
    let names = threads.frames(counts.keys().map(|(tid, _)| *tid));
    for ((tid, functions), count) in &counts {
        found.stacks.add(iter::once(&names[tid]).chain(functions), *count);
    }
    Ok(found)
}
