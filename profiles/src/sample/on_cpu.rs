//! Samples of processor time, summed up.

use super::stack::stack;
use super::{Cut, Sample, Threads, Windows};
use crate::Folded;
use crate::symbols::Symbolizer;
use std::collections::{BTreeMap, HashMap};
use std::iter;
use std::sync::Arc;

/// Processor time by stack.
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
    /// Samples that the sampler lost, in the measured part or outside.
    pub lost: u64,
    /// Parts of perf's text that could not be read, such as a sample of a thread with an odd name.
    pub unread: u64,
}

/// Makes stacks of samples. See [`sample`](super) for their form.
#[derive(Debug)]
pub struct Collector<'a, S> {
    windows: &'a Windows,
    symbolizer: S,
    cut: &'a Cut,
    threads: Threads,
    counts: HashMap<(i32, Vec<Arc<str>>), u64>,
    collected: OnCpu,
}

impl<'a, S: Symbolizer> Collector<'a, S> {
    /// Collects samples that were taken in `windows`, or that have no time.
    pub fn new(windows: &'a Windows, symbolizer: S, cut: &'a Cut) -> Self {
        let (threads, counts, collected) = Default::default();
        Self { windows, symbolizer, cut, threads, counts, collected }
    }

    /// Adds a sample that was taken `count` times.
    pub fn add(&mut self, sample: &Sample, count: u64) {
        self.threads.saw(sample.tid, &sample.thread);
        let collected = &mut self.collected;
        if sample.time_ns.is_some_and(|time_ns| !self.windows.contains(time_ns)) {
            collected.outside += count;
            return;
        }
        collected.inside += count;
        *collected.events.entry(sample.event.to_string()).or_default() += count;
        let stack = stack(&sample.frames, &mut self.symbolizer, self.cut);
        if stack.is_truncated {
            collected.truncated += count;
        }
        *self.counts.entry((sample.tid, stack.functions())).or_default() += count;
    }

    /// Counts samples that were lost.
    pub fn lost(&mut self, count: u64) {
        self.collected.lost = self.collected.lost.saturating_add(count);
    }

    /// Counts a part of a recording that could not be read.
    pub fn unread(&mut self) {
        self.collected.unread += 1;
    }

    /// The stacks of all samples.
    pub fn finish(mut self) -> OnCpu {
        let names = self.threads.frames(self.counts.keys().map(|(tid, _)| *tid));
        for ((tid, functions), count) in &self.counts {
            self.collected.stacks.add(iter::once(&names[tid]).chain(functions), *count);
        }
        self.collected
    }
}
