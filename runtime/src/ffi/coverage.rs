//! The `extern "C"` functions of coverage, over [`crate::coverage`].

use crate::coverage::{self, FileName, Site};
use crate::error::set_last_error;
use std::ffi::{CString, c_char};
use std::ptr;

/// Whether probes count.
///
/// Thread safety: any thread. On at the start of the process. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_coverage_enabled() -> bool {
    coverage::enabled()
}

/// Switches all probes on or off; what has been counted is kept.
///
/// Thread safety: any thread; other threads follow soon, not at once. Switched off, a probe
/// costs one predicted branch. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_coverage_set_enabled(enabled: bool) {
    coverage::set_enabled(enabled);
}

/// Counts an outcome of decision `id` at `line` (from 1, 0 unknown) and `column` of `file`,
/// and ends the MC/DC test vector that the condition probes of this decision (those with its
/// number and its file) on this thread have begun.
///
/// Thread safety: any thread, at any time, without waiting for others; not from a signal
/// handler or a memory allocator. Ownership: `file` is borrowed for the call and may be freed
/// after it; NULL means no name. Sites are told apart by `id`, the text of `file`, `line` and
/// `column`. A text that lies in a read-only segment of the main program must never change.
/// Cannot fail.
///
/// # Safety
///
/// `file` is NULL or a NUL-terminated text that nobody changes during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_coverage_decision_probe(
    id: u32,
    outcome: bool,
    file: *const c_char,
    line: u32,
    column: u32,
) {
    // SAFETY: the caller's promise, see above.
    let file = unsafe { FileName::from_ptr(file) };
    coverage::decision(id, outcome, Site { file, line, column });
}

/// Counts a value of condition `condition_id` of decision `decision_id` of the same file; called
/// once for each condition that is evaluated, before the decision's own probe.
///
/// Thread safety: any thread, at any time, without waiting for others; not from a signal
/// handler or a memory allocator. Ownership: `file` is borrowed for the call, as in
/// rt_coverage_decision_probe. For MC/DC conditions are numbered in the order of evaluation;
/// those from 64 on are counted, but an evaluation that reaches one of them gives no test
/// vector. Where evaluations of one decision lie inside of each other (recursion), the
/// innermost 1,048,576 of a thread are remembered. Cannot fail.
///
/// # Safety
///
/// `file` is NULL or a NUL-terminated text that nobody changes during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_coverage_condition_probe(
    decision_id: u32,
    condition_id: u32,
    value: bool,
    file: *const c_char,
    line: u32,
    column: u32,
) {
    // SAFETY: the caller's promise, see above.
    let file = unsafe { FileName::from_ptr(file) };
    coverage::condition(decision_id, condition_id, value, Site { file, line, column });
}

/// Begins a trace of a path inside of those of the same path that are still open on this
/// thread.
///
/// Thread safety: any thread; traces of different threads do not mix. Needed only where a
/// path is entered again before it ends (recursion); a path that is begun with this call
/// once on a thread must always be. The innermost 1,048,576 open traces of a path are
/// remembered on each thread, if they hold no more than 16,777,216 blocks together; beyond
/// either, outer ones are forgotten and do not count. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_coverage_path_begin(path_id: u32) {
    coverage::path_begin(path_id);
}

/// Adds a block to this thread's innermost trace of a path, beginning one if there is none.
///
/// Thread safety: any thread; traces of different threads do not mix. Of a very long trace
/// the first 65,536 blocks are kept. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_coverage_path_probe(path_id: u32, block_id: u32) {
    coverage::path_block(path_id, block_id);
}

/// Ends this thread's innermost trace of a path and counts it; without one nothing happens.
///
/// Thread safety: any thread; traces of different threads do not mix. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_coverage_path_finalize(path_id: u32) {
    coverage::path_finalize(path_id);
}

/// The coverage so far as SDN text, of finished and running threads.
///
/// Thread safety: any thread, also while others run probes: each probe that happened before
/// is in it, one that races with it may be. Ownership: the text is new; give it back with
/// rt_coverage_free_sdn. Error value: NULL, with a message in rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn rt_coverage_dump_sdn() -> *mut c_char {
    new_text(coverage::report().to_sdn())
}

/// The coverage so far as an LCOV tracefile (SF, BRDA, MCDC in the masking form, DA): what
/// genhtml and Codecov read. What has no file name or no line is left out.
///
/// Thread safety: any thread, also while others run probes, as in rt_coverage_dump_sdn.
/// Ownership: the text is new; give it back with rt_coverage_free_sdn. Error value: NULL,
/// with a message in rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn rt_coverage_dump_lcov() -> *mut c_char {
    new_text(coverage::report().to_lcov())
}

/// Frees a text made by rt_coverage_dump_sdn or rt_coverage_dump_lcov; NULL does nothing.
///
/// Thread safety: any thread, once for each text. Ownership: the text is taken and must not
/// be used afterwards; it must be as it was made. Cannot fail.
///
/// # Safety
///
/// `text` is NULL or came from one of the two calls and has not been freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_coverage_free_sdn(text: *mut c_char) {
    if !text.is_null() {
        // SAFETY: by the caller's promise this is what `new_text` gave out.
        drop(unsafe { CString::from_raw(text) });
    }
}

/// Forgets all counts and test vectors.
///
/// Thread safety: any thread, also while others run probes: each probe that happened before
/// is forgotten. Of a decision's probe that races with it, the count may fall before and the
/// test vector after it; each of the two is counted once. Paths and evaluations in progress
/// are not reset. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_coverage_clear() {
    coverage::clear();
}

fn new_text(text: String) -> *mut c_char {
    match CString::new(text) {
        Ok(text) => text.into_raw(),
        Err(error) => {
            set_last_error(format_args!("coverage report: {error}"));
            ptr::null_mut()
        }
    }
}
