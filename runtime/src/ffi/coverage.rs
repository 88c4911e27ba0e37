//! The `extern "C"` functions of coverage, over [`crate::coverage`].

use super::CBool;
use crate::coverage::{self, FileName, Site};
use crate::error::set_last_error;
use std::ffi::{CString, c_char};
use std::ptr;

/// Returns true if probes count.
///
/// Thread safety: any thread. Probes count from the start of the process. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_coverage_enabled() -> bool {
    coverage::enabled()
}

/// Switches all probes on or off; existing counts are kept.
///
/// Thread safety: any thread, without waiting for others; they follow soon, not at once. A probe
/// that is switched off costs one predicted branch. A decision's evaluation that is in progress
/// gives no test vector. A path in progress continues with the blocks that come while probes are
/// on. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_coverage_set_enabled(enabled: CBool) {
    coverage::set_enabled(enabled.is_true());
}

/// Counts an outcome of decision `id` at `line` (from 1, 0 unknown) and `column` of `file`, and
/// completes the MC/DC test vector begun on this thread by the condition probes of this decision
/// (those with its number and its file).
///
/// Thread safety: any thread, at any time, also in destructors of a thread that ends; not from a
/// signal handler or a memory allocator. Does not wait, except that new sites are added one at a
/// time. Ownership: `file` is borrowed for the call and may be freed after it; NULL means no
/// name. Any nonzero byte in `outcome` is true. Sites are distinguished by `id`, the text of
/// `file`, `line` and `column`; the time of a probe does not depend on how many sites have any
/// of these in common. A text in a read-only segment of the main program must never change.
/// Memory: 18 bytes per site and thread, or 32 for each of the first thousand sites, in blocks
/// of 32 sites; about 5 KiB per thread, and about 100 bytes per site. At most 4,194,304
/// decisions, the same number of conditions, and 268,435,456 bytes of names are distinguished;
/// probes of any others are counted together, in the table `beyond` of the report. Without
/// memory the process ends. Cannot fail.
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

/// Counts a value of condition `condition_id` of decision `decision_id` of the same file. Call
/// it once for each condition that is evaluated, before the decision's own probe.
///
/// Thread safety: any thread, as for rt_coverage_decision_probe. Ownership: `file` is borrowed
/// for the call, as there; the same memory is needed. MC/DC needs conditions that are numbered
/// in the order of evaluation. Conditions from number 64 on are counted, but an evaluation that
/// reaches one of them gives no test vector. Where evaluations of one decision are nested
/// (recursion), the innermost 1,048,576 of a thread are remembered, as long as all decisions
/// together have at most twice that number. At most 4,096 distinct vectors are kept for each
/// decision, and 1,048,576 in all. Evaluations that lost their vector to a limit are counted in
/// the table `mcdc_beyond` of the report. Cannot fail.
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

/// Begins a trace of a path, nested in those of the same path that are still open on this
/// thread.
///
/// Thread safety: any thread, as for rt_coverage_decision_probe; traces of different threads do
/// not mix. Needed only where a path is entered again before it ends (recursion). A path that is
/// begun with this call once on a thread must always be begun with it there. Each thread
/// remembers the innermost 1,048,576 open traces of a path, as long as the open traces of all
/// paths number at most 2,097,152, hold at most 16,777,216 blocks together, and have at most
/// 65,536 path numbers. Beyond that the outer traces are forgotten, and counted in the table
/// `paths_beyond` of the report. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_coverage_path_begin(path_id: u32) {
    coverage::path_begin(path_id);
}

/// Adds a block to this thread's innermost trace of a path. Begins a trace if there is none.
///
/// Thread safety: any thread, as for rt_coverage_decision_probe; traces of different threads do
/// not mix. Only the first 65,536 blocks of a trace are kept. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_coverage_path_probe(path_id: u32, block_id: u32) {
    coverage::path_block(path_id, block_id);
}

/// Ends this thread's innermost trace of a path and counts it. Does nothing if there is no
/// trace.
///
/// Thread safety: any thread, as for rt_coverage_decision_probe; traces of different threads do
/// not mix. At most 4,096 distinct paths with 1,048,576 blocks together are kept for each path
/// number, and 1,048,576 paths with 16,777,216 blocks in all. Any others are counted by path
/// number, in the table `paths_beyond` of the report. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_coverage_path_finalize(path_id: u32) {
    coverage::path_finalize(path_id);
}

/// Returns the coverage so far as SDN text, of finished and running threads. In a forked process
/// it covers only what that process has counted itself, so its report and its parent's can be
/// added up.
///
/// Thread safety: any thread, also while others run probes. The report contains each probe that
/// happened before, and may contain one that races with it. It blocks neither probes nor thread
/// ends. It does not block a clear either, but waits for one in progress. Without memory the
/// process ends. Ownership: the text is new; give it back with rt_coverage_free_sdn. Error
/// value: NULL, with a message in rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn rt_coverage_dump_sdn() -> *mut c_char {
    new_text(coverage::report().to_sdn())
}

/// Returns the coverage so far as an LCOV tracefile (SF, BRDA, MCDC in the masking form, DA),
/// which genhtml and Codecov read. Sites without a file name or a line are left out. The block
/// of a decision is 2048 * id + column (beyond column 2046: 2^43 + 2^32 * id + column). Its
/// branches are always 0 for true and 1 for false, whichever ran. Tools that identify branches
/// by these numbers, as lcov 1 does, can therefore merge the files of several runs. lcov 2
/// renumbers blocks by their order, and refuses to merge MC/DC of runs that saw different
/// conditions. With lcov 2, merge only runs of the same decisions, or merge the SDN dumps.
///
/// Thread safety: any thread, also while others run probes, as for rt_coverage_dump_sdn.
/// Ownership: the text is new; give it back with rt_coverage_free_sdn. Error value: NULL, with a
/// message in rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn rt_coverage_dump_lcov() -> *mut c_char {
    new_text(coverage::report().to_lcov())
}

/// Frees a text made by rt_coverage_dump_sdn or rt_coverage_dump_lcov; NULL does nothing.
///
/// Thread safety: any thread, once for each text. Ownership: the text is taken and must not be
/// used afterwards; it must be unchanged. Cannot fail.
///
/// # Safety
///
/// `text` is NULL or came from one of the two calls and has not been freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_coverage_free_sdn(text: *mut c_char) {
    if !text.is_null() {
        // SAFETY: by the caller's promise `new_text` returned this pointer.
        drop(unsafe { CString::from_raw(text) });
    }
}

/// Discards all counts, test vectors and paths, and those in progress on any thread.
///
/// Thread safety: any thread, also while others run probes. Each probe that happened before is
/// forgotten. For a decision's probe that races with this call, the count may come before it and
/// the test vector after it; each of the two is counted once. An evaluation in progress gives no
/// vector, even if its decision is probed later. Of a path in progress only later blocks are
/// seen. Cannot fail.
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
