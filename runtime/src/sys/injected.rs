//! Faults for tests: a call of the system's that fails although it need not.
//!
//! SQLite's way: fail the first call of a kind, then the second, and so on, until the program gets
//! to its end without a fault. After each, everything must be as if the call had never been made.

use super::Call;
use crate::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::cell::Cell;
use std::ffi::c_int;

/// The calls of a kind that fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// One call; those after it succeed.
    Once,
    /// A call, and all that come after it.
    FromThenOn,
}

/// A call that is to fail, or several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The kind of call.
    pub call: Call,
    /// Its number, from 1 for the next one that any thread makes.
    pub nth: u64,
    /// The error.
    pub errno: i32,
    /// The calls of this kind that fail.
    pub times: Times,
}

/// One kind of call.
struct Trap {
    /// Calls until one fails, that one included; 0: none fails.
    left: AtomicU64,
    errno: AtomicI32,
    is_lasting: AtomicBool,
    failed: AtomicU64,
}

static TRAPS: [Trap; Call::ALL.len()] = [const {
    Trap {
        left: AtomicU64::new(0),
        errno: AtomicI32::new(0),
        is_lasting: AtomicBool::new(false),
        failed: AtomicU64::new(0),
    }
}; Call::ALL.len()];

fn trap(call: Call) -> &'static Trap {
    &TRAPS[call as usize]
}

/// An injected fault. Calls of its kind succeed again once this is dropped.
#[derive(Debug)]
#[must_use]
pub struct Injection {
    call: Call,
    failed_before: u64,
}

/// Injects a fault. One of each kind can be injected at a time.
pub fn inject(fault: Fault) -> Injection {
    let trap = trap(fault.call);
    assert_eq!(trap.left.load(Ordering::Relaxed), 0, "there is one of this kind");
    let failed_before = trap.failed.load(Ordering::Relaxed);
    trap.errno.store(fault.errno, Ordering::Relaxed);
    trap.is_lasting.store(fault.times == Times::FromThenOn, Ordering::Relaxed);
    trap.left.store(fault.nth, Ordering::Release);
    Injection { call: fault.call, failed_before }
}

impl Injection {
    /// Returns the number of calls that have failed.
    pub fn failed(&self) -> u64 {
        trap(self.call).failed.load(Ordering::Relaxed) - self.failed_before
    }
}

impl Drop for Injection {
    fn drop(&mut self) {
        trap(self.call).left.store(0, Ordering::Relaxed);
    }
}

/// Returns the error number of the fault to inject into this call, if there is one.
pub(super) fn refusal(call: Call) -> Option<c_int> {
    let trap = trap(call);
    let one_less = |left: u64| match left {
        0 => None,
        1 if trap.is_lasting.load(Ordering::Relaxed) => Some(1),
        _ => Some(left - 1),
    };
    let left = trap.left.fetch_update(Ordering::Acquire, Ordering::Relaxed, one_less).ok()?;
    (left == 1).then(|| {
        trap.failed.fetch_add(1, Ordering::Relaxed);
        trap.errno.load(Ordering::Relaxed)
    })
}

thread_local! {
    // Without a destructor, so that it can be used as long as the thread lives.
    static EXEMPTIONS: Cell<u32> = const { Cell::new(0) };
}

/// Returns true while the calling thread runs code that cannot do without memory.
pub fn is_exempt() -> bool {
    EXEMPTIONS.get() > 0
}

/// Such code runs until this is dropped.
pub(super) struct Exemption;

impl Exemption {
    pub(super) fn begin() -> Self {
        EXEMPTIONS.set(EXEMPTIONS.get() + 1);
        Self
    }
}

impl Drop for Exemption {
    fn drop(&mut self) {
        EXEMPTIONS.set(EXEMPTIONS.get() - 1);
    }
}

pub(super) fn set_errno(errno: c_int) {
    // SAFETY: the calling thread's own.
    unsafe { *libc::__errno_location() = errno };
}
