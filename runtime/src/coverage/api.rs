//! The probes and the reports of this process.

use super::local;
use super::numbers::Numbers;
use super::probes::Probes;
use super::process::Process;
use super::report::Report;
use super::site::{FileName, Site};
use crate::slowdown;

/// True if probes count. They do from the start.
#[inline(always)]
pub fn enabled() -> bool {
    local::enabled()
}

/// Switches counting on or off for all threads. Existing counts are kept. Other threads follow
/// soon, not at once.
pub fn set_enabled(enabled: bool) {
    local::set_enabled(enabled);
}

/// Counts an outcome of decision `id`, and ends the evaluation that the [`condition`] probes of
/// this decision have begun on this thread: those with its number and its file.
///
/// The same number in another file, line or column is another decision. Where several decisions
/// share number and file, the conditions belong to whichever of the decisions is probed next.
#[inline(always)]
pub fn decision(id: u32, outcome: bool, site: Site<'_>) {
    if local::enabled() {
        slowdown::at(slowdown::Site::CoverageProbe);
        let numbers = Numbers::new(id, 0, site.line, site.column);
        // SAFETY: used for one call of a method of `Probes`. These run no user code (except an
        // allocator, which must not probe), so nothing reenters here.
        match unsafe { local::probes() } {
            Some(probes) => probes.decision(numbers, site.file, outcome),
            None => first_decision(numbers, site.file, outcome),
        }
    }
}

/// Counts a value of condition `condition` of decision `decision`. Call it once for each condition
/// that is evaluated, before the probe of the decision.
///
/// MC/DC needs conditions that are numbered in the order of evaluation, from any number. Conditions
/// from [`MAX_CONDITIONS`](super::MAX_CONDITIONS) on are counted, but an evaluation that reaches
/// one of them gives no test vector. Where evaluations of one decision are nested, the innermost
/// 2^20 of a thread are remembered.
#[inline(always)]
pub fn condition(decision: u32, condition: u32, value: bool, site: Site<'_>) {
    if local::enabled() {
        slowdown::at(slowdown::Site::CoverageProbe);
        let numbers = Numbers::new(decision, condition, site.line, site.column);
        // SAFETY: used for one call of a method of `Probes`. These run no user code (except an
        // allocator, which must not probe), so nothing reenters here.
        match unsafe { local::probes() } {
            Some(probes) => probes.condition(numbers, site.file, value),
            None => first_condition(numbers, site.file, value),
        }
    }
}

/// Begins a trace of `path` on this thread, nested in those not yet finalized. Needed only where a
/// path may be entered again before it ends (recursion). A path that is begun with this call once
/// on a thread must always be begun with it there.
///
/// Each thread remembers the innermost 2^20 open traces of a path, as long as the open traces of
/// all paths number at most 2^21, and hold at most 2^24 blocks together. Beyond either limit the
/// outer traces are forgotten, and counted in [`Report::paths_beyond`].
pub fn path_begin(path: u32) {
    with_probes(|probes| probes.path_begin(path));
}

/// Adds `block` to this thread's innermost trace of `path`. Begins a trace if there is none. Only
/// the first 65,536 blocks of a trace are kept.
pub fn path_block(path: u32, block: u32) {
    with_probes(|probes| probes.path_block(path, block));
}

/// Ends this thread's innermost trace of `path` and counts it. Does nothing if there is no trace.
pub fn path_finalize(path: u32) {
    with_probes(|probes| probes.path_finalize(path));
}

/// Returns the coverage so far, of finished and running threads. Blocks nobody.
pub fn report() -> Report {
    let process = Process::current();
    Report::new(process, &process.registry.totals())
}

/// Does [`report`] and [`clear`] in one step: every count is in exactly one such report, or remains
/// after the last. (For a probe that races with this call, the test vector may be in the report
/// after the one with the count.)
pub fn take_report() -> Report {
    let process = Process::current();
    Report::new(process, &process.registry.take())
}

/// Discards all counts, test vectors and paths, and those in progress on any thread.
pub fn clear() {
    drop(Process::current().registry.take());
}

fn with_probes(probe: impl FnOnce(&mut Probes)) {
    if local::enabled() {
        // SAFETY: used for one call of a method of `Probes`. These run no user code (except an
        // allocator, which must not probe), so nothing reenters here.
        match unsafe { local::probes() } {
            Some(probes) => probe(probes),
            None => local::first_probe(probe),
        }
    }
}

// Out of line, with arguments that fit in registers: a closure in the hot functions would make them
// keep everything in memory. Does not unwind, see `Probes`.

#[cold]
#[inline(never)]
extern "C" fn first_decision(numbers: Numbers, file: FileName<'_>, outcome: bool) {
    local::first_probe(|probes| probes.decision(numbers, file, outcome));
}

#[cold]
#[inline(never)]
extern "C" fn first_condition(numbers: Numbers, file: FileName<'_>, value: bool) {
    local::first_probe(|probes| probes.condition(numbers, file, value));
}
