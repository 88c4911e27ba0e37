//! The probes and the reports of this process.

use super::local;
use super::numbers::Numbers;
use super::probes::Probes;
use super::process::Process;
use super::report::Report;
use super::site::{FileName, Site};
use crate::slowdown;

/// Whether probes count. They do from the start.
#[inline(always)]
pub fn enabled() -> bool {
    local::enabled()
}

/// Switches counting on or off for all threads. What has been counted is kept. Other threads
/// follow soon, not at once.
pub fn set_enabled(enabled: bool) {
    local::set_enabled(enabled);
}

/// Counts an outcome of decision `id`, and ends the evaluation that the [`condition`] probes
/// of this decision on this thread have begun: those with its number and its file.
///
/// The same number in another file, line or column is another decision. If the file is the
/// same, its conditions belong to whichever of them is probed next.
#[inline(always)]
pub fn decision(id: u32, outcome: bool, site: Site<'_>) {
    if local::enabled() {
        slowdown::at(slowdown::Site::CoverageProbe);
        let numbers = Numbers::new(id, 0, site.line, site.column);
        // SAFETY: used for one call of a method of `Probes`. Those run no code of the user's (but
        // an allocator, which must not probe), so none comes back here.
        match unsafe { local::probes() } {
            Some(probes) => probes.decision(numbers, site.file, outcome),
            None => first_decision(numbers, site.file, outcome),
        }
    }
}

/// Counts a value of condition `condition` of decision `decision`; to be called before the
/// probe of the decision, once for each condition that is evaluated.
///
/// For MC/DC conditions must be numbered in the order of evaluation, from any number.
/// Conditions from [`MAX_CONDITIONS`](super::MAX_CONDITIONS) on are counted, but an
/// evaluation that reaches one of them gives no test vector. Where evaluations of one decision
/// lie inside of each other, the innermost 2^20 of a thread are remembered.
#[inline(always)]
pub fn condition(decision: u32, condition: u32, value: bool, site: Site<'_>) {
    if local::enabled() {
        slowdown::at(slowdown::Site::CoverageProbe);
        let numbers = Numbers::new(decision, condition, site.line, site.column);
        // SAFETY: used for one call of a method of `Probes`. Those run no code of the user's (but
        // an allocator, which must not probe), so none comes back here.
        match unsafe { local::probes() } {
            Some(probes) => probes.condition(numbers, site.file, value),
            None => first_condition(numbers, site.file, value),
        }
    }
}

/// Begins a trace of `path` on this thread, inside of those not yet finalized. Needed only
/// where a path may be entered again before it ends (recursion); a path that is begun this
/// way once on a thread must always be.
///
/// The innermost 2^20 open traces of a path are remembered on each thread, if those of all paths
/// are no more than 2^21, and hold no more than 2^24 blocks together; beyond either, outer ones
/// are forgotten, and counted in [`Report::paths_beyond`].
pub fn path_begin(path: u32) {
    with_probes(|probes| probes.path_begin(path));
}

/// Adds `block` to this thread's innermost trace of `path`, beginning one if there is none.
/// Of a very long trace only the first 65,536 blocks are kept.
pub fn path_block(path: u32, block: u32) {
    with_probes(|probes| probes.path_block(path, block));
}

/// Ends this thread's innermost trace of `path` and counts it. Without a trace nothing
/// happens.
pub fn path_finalize(path: u32) {
    with_probes(|probes| probes.path_finalize(path));
}

/// What has been covered so far, by finished and by running threads. Holds up nobody.
pub fn report() -> Report {
    let process = Process::current();
    Report::new(process, &process.registry.totals())
}

/// [`report`] and [`clear`] in one step: every count is in exactly one such report, or in
/// what comes after the last. (The test vector of a probe that races with it may be in the
/// report after the one that its count is in.)
pub fn take_report() -> Report {
    let process = Process::current();
    Report::new(process, &process.registry.take())
}

/// Forgets all counts, test vectors and paths, and what is in progress of either on any thread.
pub fn clear() {
    drop(Process::current().registry.take());
}

fn with_probes(probe: impl FnOnce(&mut Probes)) {
    if local::enabled() {
        // SAFETY: used for one call of a method of `Probes`. Those run no code of the user's (but
        // an allocator, which must not probe), so none comes back here.
        match unsafe { local::probes() } {
            Some(probes) => probe(probes),
            None => local::first_probe(probe),
        }
    }
}

// Out of line with arguments that fit in registers: a closure inside of the hot functions
// would make them keep everything in memory. Not unwinding, see `Probes`.

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
