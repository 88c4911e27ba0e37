//! An allocator that refuses one allocation of the runtime's, or all from one on: those inside of
//! [`inside`], and those of threads that the test has not started.

use simple_runtime::faults::is_exempt;
use std::alloc::{GlobalAlloc, Layout, System};
use std::backtrace::Backtrace;
use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};

struct Refusing;

#[global_allocator]
static REFUSING: Refusing = Refusing;

/// Allocations until one fails, that one included; 0: none fails.
static LEFT: AtomicU64 = AtomicU64::new(0);
static IS_LASTING: AtomicBool = AtomicBool::new(false);
static FAILED: AtomicU64 = AtomicU64::new(0);
/// Blocks allocated and not yet freed.
static LIVE: AtomicI64 = AtomicI64::new(0);
static IS_TRACED: AtomicBool = AtomicBool::new(false);

thread_local! {
    // Without destructors, so that they can be used as long as the thread lives.
    static IS_TESTS: Cell<bool> = const { Cell::new(false) };
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Marks the calling thread as the test's own.
pub fn own_thread() {
    IS_TESTS.set(true);
}

/// Runs a call of the runtime's.
pub fn inside<R>(call: impl FnOnce() -> R) -> R {
    let before = IS_INSIDE.replace(true);
    let result = call();
    IS_INSIDE.set(before);
    result
}

/// Runs code of the test's within a call of the runtime's.
pub fn outside<R>(code: impl FnOnce() -> R) -> R {
    let (inside, tests) = (IS_INSIDE.replace(false), IS_TESTS.replace(true));
    let result = code();
    IS_INSIDE.set(inside);
    IS_TESTS.set(tests);
    result
}

/// Lets the `nth` allocation from now on fail, and those after it if `is_lasting`.
pub fn refuse(nth: u64, is_lasting: bool) {
    IS_LASTING.store(is_lasting, Relaxed);
    FAILED.store(0, Relaxed);
    LEFT.store(nth, Relaxed);
}

/// Lets all succeed again, and returns the number of those that failed.
pub fn relent() -> u64 {
    LEFT.store(0, Relaxed);
    FAILED.load(Relaxed)
}

/// Prints where refused allocations come from: the last may be the one that ended the process.
pub fn trace() {
    IS_TRACED.store(true, Relaxed);
}

pub fn live_blocks() -> i64 {
    LIVE.load(Relaxed)
}

fn is_refused() -> bool {
    if LEFT.load(Relaxed) == 0 || IS_TESTS.get() && !IS_INSIDE.get() || is_exempt() {
        return false;
    }
    let one_less = |left| match left {
        0 => None,
        1 if IS_LASTING.load(Relaxed) => Some(1),
        left => Some(left - 1),
    };
    let is_refused = LEFT.fetch_update(Relaxed, Relaxed, one_less) == Ok(1);
    if is_refused {
        FAILED.fetch_add(1, Relaxed);
        if IS_TRACED.load(Relaxed) {
            outside(|| eprintln!("refused:\n{}", Backtrace::force_capture()));
        }
    }
    is_refused
}

fn counted(block: *mut u8) -> *mut u8 {
    if !block.is_null() {
        LIVE.fetch_add(1, Relaxed);
    }
    block
}

// SAFETY: the system's allocator does the work; null is allowed instead.
unsafe impl GlobalAlloc for Refusing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        if is_refused() { ptr::null_mut() } else { counted(unsafe { System.alloc(layout) }) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        LIVE.fetch_sub(1, Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        if is_refused() { ptr::null_mut() } else { counted(unsafe { System.alloc_zeroed(layout) }) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // A smaller block is never refused: callers may rely on that.
        if size > layout.size() && is_refused() {
            return ptr::null_mut();
        }
        // SAFETY: the caller's promise.
        unsafe { System.realloc(block, layout, size) }
    }
}
