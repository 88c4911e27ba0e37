//! One attempt: a scenario with one fault, in a forked process.

use crate::resources::{Memory, Resources};
use crate::{allocator, told};
use std::io::Write;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Once, OnceLock};
use std::{io, ptr};
use tempfile::TempDir;

/// If a child hangs: nothing else ends it.
const CHILD_SECONDS: u32 = 60;
/// Times that memory may grow: another thread of a pool has come.
const BATCHES: usize = 5;
/// Rounds after which nothing may have grown.
const ROUNDS: u64 = 3;
/// The least that a leak of maps takes in one round: a thread's stack.
const LEAK_BYTES: u64 = 2 << 20;

/// A scenario, and its name.
#[derive(Clone, Copy)]
pub struct Scenario {
    pub name: &'static str,
    pub run: fn(),
}

/// A way to inject a fault: the argument is its number. The result ends it, and gives the number
/// of calls that failed.
pub type Inject<'a> = &'a dyn Fn(u64) -> Box<dyn FnOnce() -> u64>;

/// A child's message to its parent.
#[repr(C)]
struct Report {
    failed: AtomicU64,
}

static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();

/// The folder of the tests' files.
pub fn directory() -> &'static Path {
    DIRECTORY.get_or_init(|| {
        // SAFETY: a function of the required type. Children end without calling it.
        unsafe { libc::atexit(remove_directory) };
        TempDir::new().unwrap().keep()
    })
}

extern "C" fn remove_directory() {
    let _ = DIRECTORY.get().map(std::fs::remove_dir_all);
}

/// Fails every call or allocation in turn, and returns how many failed.
pub fn each(scenario: Scenario, what: &str, inject: Inject<'_>) -> u64 {
    let report = shared();
    show_panics();
    let mut total = 0;
    for nth in 1.. {
        report.failed.store(0, Ordering::Relaxed);
        let status = in_child(|| attempt(scenario, nth, inject, report));
        if status != 0 {
            let told = in_child(|| {
                allocator::trace();
                attempt(scenario, nth, inject, report);
            });
            panic!("{}: {what} number {nth}: status {status:#x}, again {told:#x}", scenario.name);
        }
        match report.failed.load(Ordering::Relaxed) {
            0 => break,
            failed => total += failed,
        }
    }
    total
}

/// Panics go to standard error: the harness keeps the tests' output, and a child has only a copy of
/// the harness. A child cannot set the hook, whose lock may be taken.
pub fn show_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        panic::set_hook(Box::new(|info| {
            allocator::outside(|| {
                let _ = writeln!(io::stderr(), "{info}");
            });
        }));
    });
}

/// Runs the scenario with the fault, and without; then again, looking for what stays.
fn attempt(scenario: Scenario, nth: u64, inject: Inject<'_>, report: &Report) {
    let with_fault = || {
        told::nothing_may_fail(false);
        let end = inject(nth);
        (scenario.run)();
        let failed = end();
        told::nothing_may_fail(true);
        failed
    };
    let failed = with_fault();
    report.failed.store(failed, Ordering::Relaxed);
    if failed == 0 {
        return;
    }
    (scenario.run)();
    // Caches are full after one more round.
    with_fault();
    (scenario.run)();
    let before = Resources::settled(directory(), None);
    assert_eq!((before.objects, before.threads, before.file_maps), (0, 1, 0), "{before:?}");
    let mut history = vec![Memory::now()];
    let is_settled = (0..BATCHES).any(|_| {
        let memory = *history.last().unwrap();
        for _ in 0..ROUNDS {
            with_fault();
            (scenario.run)();
        }
        let after = Resources::settled(directory(), Some(before));
        assert_eq!(after, before, "after {ROUNDS} more faults");
        let now = Memory::now();
        history.push(now);
        let grown = now.address_space_bytes.saturating_sub(memory.address_space_bytes);
        grown < ROUNDS * LEAK_BYTES && now.blocks < memory.blocks + ROUNDS as i64
    });
    assert!(is_settled, "memory stays after each fault: {history:?}");
}

/// Runs `f` in a forked process, and returns the status with which it ended.
pub fn in_child(f: impl FnOnce()) -> i32 {
    // SAFETY: the child has this thread only; it calls what the runtime says it may, and leaves
    // without destructors.
    unsafe {
        let child = libc::fork();
        assert!(child >= 0, "{}", io::Error::last_os_error());
        if child == 0 {
            libc::alarm(CHILD_SECONDS);
            // One heap for all threads: each one's own would take address space.
            libc::mallopt(libc::M_ARENA_MAX, 1);
            // Large blocks are given back to the system at once.
            libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 20);
            allocator::own_thread();
            let result = panic::catch_unwind(AssertUnwindSafe(f));
            libc::_exit(result.is_err().into());
        }
        let mut status = 0;
        assert_eq!(libc::waitpid(child, &mut status, 0), child);
        status
    }
}

/// Memory that a child shares with its parent.
fn shared() -> &'static Report {
    let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
    let access = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: new memory, which is zero and never unmapped.
    unsafe {
        let page = libc::mmap(ptr::null_mut(), size_of::<Report>(), access, flags, -1, 0);
        assert_ne!(page, libc::MAP_FAILED);
        &*page.cast::<Report>()
    }
}
