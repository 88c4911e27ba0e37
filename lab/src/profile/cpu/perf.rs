//! Samples by perf(1): hardware cycles, or the processor's clock where there are no counters.

use super::{HZ, collected, perf_at};
use crate::harness::perf::Event;
use crate::profile::harness::{Harness, windows};
use crate::profile::stacks::CollectedStacks;
use anyhow::Result;
use simple_profiles::perf::{on_cpu, script};
use simple_profiles::sample::Cut;
use simple_profiles::symbols::Symbols;
use simple_records::harness::MEASURED;
use std::time::Duration;

/// Bytes of the stack that are copied with each sample.
const STACK_BYTES: u32 = 16384;

/// Samples a workload for `time`.
pub fn sample(harness: &Harness, workload: &str, time: Duration) -> Result<CollectedStacks> {
    let hz = HZ.to_string();
    let call_graph = format!("dwarf,{STACK_BYTES}");
    // Without counters perf takes the processor's clock instead.
    let options = ["-F", &hz, "-e", "cycles", "--call-graph", &call_graph];
    let recording = harness.record(workload, time, Event::Time, &options)?;
    let script = recording.script(&["--show-lost-events"], "comm,tid,time,event,ip,sym,dso")?;
    let windows = windows(&recording.repeated);
    let on_cpu = on_cpu(script::read(script), &windows, Symbols::new(), &Cut::at(MEASURED))?;
    let sampler = perf_at(&on_cpu, HZ);
    collected(on_cpu, sampler, &recording.repeated)
}
