//! The ways to measure. Each runs in a process of its own, on one workload, and returns what it
//! found; what becomes of it is the conductor's business.

mod criterion_format;
pub mod instructions;
mod latency;
mod os;
pub(crate) mod repeat;
pub(crate) mod turns;
pub mod wall;

pub use criterion_format::parse_samples;

use crate::{Data, Instrument, Prepared};
use anyhow::Result;
use simple_records::Work;
use simple_records::harness::{Measured, Settings};

/// Times a workload, which has run once, in this process. It can be timed again.
///
/// # Errors
/// If it fails, or its result is wrong.
pub(crate) fn time(prepared: &mut Prepared, settings: Settings, data: &Data) -> Result<Measured> {
    let work = work(prepared);
    let before = os::involuntary_switches();
    let outcome = wall::measure(prepared, settings, data.scratch()?.path())?;
    let involuntary_switches = os::involuntary_switches() - before;
    Ok(Measured { work, outcome, involuntary_switches })
}

/// Work of one iteration of a workload that has run, with the threads that there are, or that it starts.
pub(crate) fn work(prepared: &Prepared) -> Work {
    Work { threads: os::threads().max(prepared.work.threads), ..prepared.work }
}

/// Measures a workload, which has run once, in this process.
///
/// # Errors
/// If it fails, or its result is wrong.
pub(crate) fn measure(
    mut prepared: Prepared,
    instrument: Instrument,
    settings: Settings,
    data: &Data,
) -> Result<Measured> {
    let work = work(&prepared);
    let outcome = match instrument {
        Instrument::Wall => return time(&mut prepared, settings, data),
        Instrument::Os => os::measure(prepared)?,
        Instrument::Latency => latency::measure(prepared, settings)?,
        Instrument::Instructions => instructions::rehearse(prepared)?,
    };
    let involuntary_switches = os::involuntary_switches();
    Ok(Measured { work, outcome, involuntary_switches })
}
