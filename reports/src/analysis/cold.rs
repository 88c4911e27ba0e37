//! Cold files in a virtual machine: its host may still have had them in memory.

use simple_records::Run;
use std::mem::take;

/// Returns the run with `cold` called `guest-cold` on every axis if a virtual machine measured it.
pub(super) fn named(mut run: Run) -> Run {
    if run.start.fingerprint.virtual_machine == Some(true) {
        let samples = run.samples.iter_mut().map(|record| &mut record.subject.axes);
        let counts = run.counts.iter_mut().map(|record| &mut record.subject.axes);
        let latencies = run.latencies.iter_mut().map(|record| &mut record.subject.axes);
        let defaults = run.comparisons.iter_mut().map(|comparison| &mut comparison.defaults);
        for axes in samples.chain(counts).chain(latencies).chain(defaults) {
            *axes = take(axes).in_virtual_machine();
        }
    }
    run
}
