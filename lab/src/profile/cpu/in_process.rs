//! By the process itself, where perf may not be used.

use super::{HZ, found};
use crate::harness::perf::for_time;
use crate::profile::harness::Harness;
use crate::profile::stacks::Found;
use anyhow::Result;
use simple_profiles::perf::script::{Error, Frame, Record, Sample};
use simple_profiles::perf::{Cut, Windows, on_cpu};
use simple_profiles::symbols::AsPrinted;
use simple_records::harness::{MEASURED, Repeat, Repeated, SampledStack};
use std::sync::Arc;
use std::time::Duration;

/// Samples a workload for `time`.
pub fn sample(harness: &Harness, workload: &str, time: Duration) -> Result<Found> {
    let request = Repeat { sample_hz: Some(HZ), ..for_time(time) };
    let repeated = harness.repeat(workload, request)?;
    // There are no times: what is outside is told by the stacks.
    let on_cpu = on_cpu(records(&repeated), &Windows::always(), AsPrinted, &Cut::at(MEASURED))?;
    let sampler = "the process itself (processor time, at the kernel's ticks)".to_owned();
    let mut found = found(on_cpu, sampler, &repeated)?;
    found.notes.push(
        "The kernel may charge one thread with the time of another, and has no functions here. \
             What other threads do while an iteration's condition is made counts, too."
            .to_owned(),
    );
    Ok(found)
}

/// The stacks as if perf had taken them: what follows is the same.
fn records(repeated: &Repeated) -> impl Iterator<Item = Result<Record, Error>> {
    repeated.stacks.iter().filter(|stack| is_measured(stack)).flat_map(|stack| {
        let sample = as_sample(stack);
        let count = usize::try_from(stack.count).unwrap_or(usize::MAX);
        std::iter::repeat_n(sample, count).map(|sample| Ok(Record::Sample(sample)))
    })
}

/// The timer also runs between windows.
fn is_measured(stack: &SampledStack) -> bool {
    let has = |function: &str| stack.frames.iter().any(|frame| frame == function);
    has(MEASURED) || !has("main")
}

fn as_sample(stack: &SampledStack) -> Sample {
    let frame = |name: &String| Frame {
        ip: 0,
        offset: None,
        symbol: Some(Arc::from(name.as_str())),
        dso: Some(Arc::from("the program")),
    };
    Sample {
        thread: Arc::from(stack.thread.as_str()),
        tid: i32::try_from(stack.tid & 0x7fff_ffff).unwrap_or(0),
        time_ns: 0,
        event: Arc::from("in-process"),
        payload: String::new(),
        frames: stack.frames.iter().map(frame).collect(),
    }
}
