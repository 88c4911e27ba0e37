//! The `extern "C"` functions of coverage, over [`crate::coverage`].

use super::CBool;
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
/// Thread safety: any thread, without waiting for others; they follow soon, not at once. Switched
/// off, a probe costs one predicted branch. An evaluation of a decision that is in progress gives
/// no test vector, a path goes on with the blocks that come while probes are on. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_coverage_set_enabled(enabled: CBool) {
    coverage::set_enabled(enabled.is_true());
}

/// Counts an outcome of decision `id` at `line` (from 1, 0 unknown) and `column` of `file`,
/// and ends the MC/DC test vector that the condition probes of this decision (those with its
/// number and its file) on this thread have begun.
///
/// Thread safety: any thread, at any time, also in destructors of a thread that ends; not from
/// a signal handler or a memory allocator. Waits for nobody, but that new sites are added one
/// after the other. Ownership: `file` is borrowed for the call and may be freed after it; NULL
/// means no name. Any byte but 0 in `outcome` is true. Sites differ by `id`, the text of `file`,
/// `line` and `column`, and the time of a probe does not depend on how many share which. A text
/// that lies in a read-only segment of the main program must never change. Memory: for a site and
/// thread 18 bytes, or 32 for each of the first thousand, in blocks of 32 sites; some 5 KiB for a
/// thread, and some 100 bytes for a site. At most 4,194,304
/// decisions, as many conditions, and names of 268,435,456 bytes are kept apart; probes of
/// others are counted together, in the table `beyond` of the report. Without memory the process
/// ends. Cannot fail.
///
/// # Safety
///
/// `file` is NULL or a NUL-terminated text that nobody changes during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_coverage_decision_probe(
    id: u32,
    outcome: CBool,
    file: *const c_char,
    line: u32,
    column: u32,
) {
    // SAFETY: the caller's promise, see above.
    let file = unsafe { FileName::from_ptr(file) };
    coverage::decision(id, outcome.is_true(), Site { file, line, column });
}

/// Counts a value of condition `condition_id` of decision `decision_id` of the same file; called
/// once for each condition that is evaluated, before the decision's own probe.
///
/// Thread safety: any thread, as rt_coverage_decision_probe. Ownership: `file` is borrowed for the
/// call, as there; so is what is said of memory. For MC/DC conditions are numbered in the order
/// of evaluation; those from 64 on are counted, but an evaluation that reaches one of them gives
/// no test vector. Where evaluations of one decision lie inside of
/// each other (recursion), the innermost 1,048,576 of a thread are remembered, if those of all
/// decisions are no more than twice as many. Of each decision 4,096 distinct vectors are kept,
/// of all 1,048,576. Evaluations that a limit has cost their vector are counted in the table
/// `mcdc_beyond` of the report. Cannot fail.
///
/// # Safety
///
/// `file` is NULL or a NUL-terminated text that nobody changes during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_coverage_condition_probe(
    decision_id: u32,
    condition_id: u32,
    value: CBool,
    file: *const c_char,
    line: u32,
    column: u32,
) {
    // SAFETY: the caller's promise, see above.
    let file = unsafe { FileName::from_ptr(file) };
    coverage::condition(decision_id, condition_id, value.is_true(), Site { file, line, column });
}

/// Begins a trace of a path inside of those of the same path that are still open on this
/// thread.
///
/// Thread safety: any thread, as in rt_coverage_decision_probe; traces of different threads do
/// not mix. Needed only where a path is entered again before it ends (recursion); a path that is
/// begun with this call once on a thread must always be. The innermost 1,048,576 open traces of a
/// path are remembered on each thread, if those of all paths are no more than 2,097,152, hold no
/// more than 16,777,216 blocks together, and have no more than 65,536 numbers. Beyond that outer
/// ones are forgotten, and counted in the table `paths_beyond` of the report. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_coverage_path_begin(path_id: u32) {
    coverage::path_begin(path_id);
}

/// Adds a block to this thread's innermost trace of a path, beginning one if there is none.
///
/// Thread safety: any thread, as in rt_coverage_decision_probe; traces of different threads do
/// not mix. Of a very long trace the first 65,536 blocks are kept. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_coverage_path_probe(path_id: u32, block_id: u32) {
    coverage::path_block(path_id, block_id);
}

/// Ends this thread's innermost trace of a path and counts it; without one nothing happens.
///
/// Thread safety: any thread, as in rt_coverage_decision_probe; traces of different threads do
/// not mix. Of each path number 4,096 distinct paths with 1,048,576 blocks together are kept, of
/// all numbers 1,048,576 with 16,777,216 blocks. What lies beyond is counted by path number, in
/// the table `paths_beyond` of the report. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_coverage_path_finalize(path_id: u32) {
    coverage::path_finalize(path_id);
}

/// The coverage so far as SDN text, of finished and running threads. In a forked process: of
/// what it has counted itself, so that its report and its parent's can be added up.
///
/// Thread safety: any thread, also while others run probes: each probe that happened before
/// is in it, one that races with it may be. Holds up nobody: neither probes nor ends of threads
/// nor a clear, which it then waits for. Without memory the process ends. Ownership: the text is new; give it back with
/// rt_coverage_free_sdn. Error value: NULL, with a message in rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn rt_coverage_dump_sdn() -> *mut c_char {
    new_text(coverage::report().to_sdn())
}

/// The coverage so far as an LCOV tracefile (SF, BRDA, MCDC in the masking form, DA): what
/// genhtml and Codecov read. What has no file name or no line is left out. The block of a
/// decision is 2048 * id + column (beyond column 2046: 2^43 + 2^32 * id + column), its branches
/// are 0 for true and 1 for false, whatever ran, so that files of several runs can be merged by
/// tools that go by these numbers, as lcov 1 does. lcov 2 numbers blocks anew by their order, and
/// refuses to merge MC/DC of runs that saw different conditions: merge there what ran the same
/// decisions, or the SDN dumps.
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

/// Forgets all counts, test vectors and paths, and what is in progress of either on any thread.
///
/// Thread safety: any thread, also while others run probes: each probe that happened before
/// is forgotten. Of a decision's probe that races with it, the count may fall before and the
/// test vector after it; each of the two is counted once. An evaluation in progress gives no
/// vector, also when its decision is probed later; of a path in progress only the blocks that
/// come later are seen. Cannot fail.
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
