//! Samples by the process itself, where perf may not be used.

use super::{HZ, collected};
use crate::harness::perf::for_time;
use crate::profile::harness::Harness;
use crate::profile::stacks::CollectedStacks;
use anyhow::Result;
use simple_profiles::sample::{Collector, Cut, Frame, Place, Sample, Windows};
use simple_profiles::symbols::AsGiven;
use simple_records::harness::{MEASURED, Repeat, SampledStack};
use std::sync::Arc;
use std::time::Duration;

/// Samples a workload for `time`.
pub fn sample(harness: &Harness, workload: &str, time: Duration) -> Result<CollectedStacks> {
    let request = Repeat { sample_hz: Some(HZ), ..for_time(time) };
    let repeated = harness.repeat(workload, request)?;
    // There are no times, and the timer also runs between windows: stacks show the measured part.
    let (windows, cut) = (Windows::always(), Cut::at(MEASURED));
    let mut collector = Collector::new(&windows, AsGiven, &cut);
    for stack in repeated.stacks.iter().filter(|stack| cut.measured(&stack.frames).is_some()) {
        collector.add(&sample_of(stack), stack.count);
    }
    let sampler = "the process itself (processor time, at the kernel's ticks)".to_owned();
    let mut stacks = collected(collector.finish(), sampler, &repeated)?;
    stacks.notes.push(
        "The kernel may charge one thread with the time of another, and has no functions here. \
             What other threads do while an iteration's condition is made counts, too."
            .to_owned(),
    );
    Ok(stacks)
}

fn sample_of(stack: &SampledStack) -> Sample {
    let frame =
        |name: &String| Frame { function: Some(Arc::from(name.as_str())), place: Place::Program };
    Sample {
        thread: Arc::from(stack.thread.as_str()),
        tid: i32::try_from(stack.tid & 0x7fff_ffff).unwrap_or(0),
        time_ns: None,
        event: Arc::from("in-process"),
        frames: stack.frames.iter().map(frame).collect(),
    }
}
