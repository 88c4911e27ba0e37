//! Counts are exact: with threads that run, threads that are gone, dumps and clears in
//! between. Through the C calls.

use simple_runtime::coverage::{self, DecisionRow, Report};
use std::cell::RefCell;
use std::ffi::c_char;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex, MutexGuard, PoisonError};
use std::thread;

unsafe extern "C" {
    safe fn rt_coverage_enabled() -> bool;
    safe fn rt_coverage_set_enabled(enabled: bool);
    fn rt_coverage_decision_probe(
        id: u32,
        outcome: bool,
        file: *const c_char,
        line: u32,
        column: u32,
    );
    fn rt_coverage_condition_probe(
        decision: u32,
        condition: u32,
        value: bool,
        file: *const c_char,
        line: u32,
        column: u32,
    );
    safe fn rt_coverage_clear();
    fn rt_coverage_free_sdn(text: *mut c_char);
}

/// The tests of this file share the process's coverage data: one at a time, each from nothing.
fn from_nothing() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    rt_coverage_set_enabled(true);
    rt_coverage_clear();
    guard
}

fn decide(id: u32, outcome: bool, file: *const c_char, line: u32) {
    // SAFETY: every caller in this file passes NULL or a NUL-terminated text that it owns.
    unsafe { rt_coverage_decision_probe(id, outcome, file, line, 1) }
}

const FILE: *const c_char = c"exact.spl".as_ptr();

fn row(id: u32, file: &str, line: u32, true_count: u64, false_count: u64) -> DecisionRow {
    DecisionRow { id, file: file.into(), line, column: 1, true_count, false_count }
}

/// The counts [true, false] of all decisions together.
fn sum(report: &Report) -> [u64; 2] {
    report.decisions.iter().fold([0, 0], |s, r| [s[0] + r.true_count, s[1] + r.false_count])
}

#[test]
fn finished_and_running_threads_add_up() {
    const THREADS: u64 = 8;
    const ROUNDS: u64 = 20_000;
    const SITES: u32 = 100;
    let _one = from_nothing();
    let counted = Arc::new(Barrier::new(THREADS as usize / 2 + 1));
    let dumped = Arc::new(Barrier::new(THREADS as usize / 2 + 1));
    let threads: Vec<_> = (0..THREADS)
        .map(|t| {
            let (counted, dumped) = (counted.clone(), dumped.clone());
            thread::spawn(move || {
                for i in 0..ROUNDS {
                    let site = (i % u64::from(SITES)) as u32;
                    decide(site, i / u64::from(SITES) % 4 == 0, FILE, site + 1);
                }
                if t % 2 == 0 {
                    counted.wait();
                    dumped.wait();
                }
            })
        })
        .collect();
    let (running, finished): (Vec<_>, Vec<_>) =
        threads.into_iter().enumerate().partition(|(t, _)| t % 2 == 0);
    for (_, thread) in finished {
        thread.join().unwrap();
    }
    counted.wait();
    let each = ROUNDS / u64::from(SITES) * THREADS;
    let expected: Vec<_> =
        (0..SITES).map(|s| row(s, "exact.spl", s + 1, each / 4, each * 3 / 4)).collect();
    assert_eq!(coverage::report().decisions, expected);
    dumped.wait();
    for (_, thread) in running {
        thread.join().unwrap();
    }
    assert_eq!(coverage::report().decisions, expected);
}

#[test]
fn dumps_while_threads_count_never_run_backwards() {
    const THREADS: u64 = 3;
    const ROUNDS: u64 = 300_000;
    let _one = from_nothing();
    let threads: Vec<_> = (0..THREADS)
        .map(|t| {
            thread::spawn(move || {
                for i in 0..ROUNDS {
                    decide((t * 1000 + i % 1000) as u32, i % 3 == 0, FILE, 1);
                }
            })
        })
        .collect();
    let mut last = [0, 0];
    while !threads.iter().all(|t| t.is_finished()) {
        let now = sum(&coverage::report());
        assert!(now[0] >= last[0] && now[1] >= last[1], "{last:?} then {now:?}");
        last = now;
    }
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(sum(&coverage::report()), [THREADS * ROUNDS / 3, THREADS * ROUNDS * 2 / 3]);
}

#[test]
fn clearing_while_threads_count_neither_loses_nor_doubles() {
    const THREADS: u64 = 3;
    const ROUNDS: u64 = 300_000;
    let _one = from_nothing();
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            thread::spawn(|| {
                for i in 0..ROUNDS {
                    decide((i % 50) as u32, i % 2 == 0, FILE, 1);
                }
            })
        })
        .collect();
    let mut taken = [0, 0];
    while !threads.iter().all(|t| t.is_finished()) {
        let part = sum(&coverage::take_report());
        taken = [taken[0] + part[0], taken[1] + part[1]];
    }
    for thread in threads {
        thread.join().unwrap();
    }
    let rest = sum(&coverage::report());
    let half = THREADS * ROUNDS / 2;
    assert_eq!([taken[0] + rest[0], taken[1] + rest[1]], [half, half]);
}

#[test]
fn a_clear_forgets_what_happened_before_it_and_nothing_else() {
    let _one = from_nothing();
    let stop = Arc::new(AtomicBool::new(false));
    let step = Arc::new(Barrier::new(2));
    let live = {
        let (stop, step) = (stop.clone(), step.clone());
        thread::spawn(move || {
            while !stop.load(Ordering::Acquire) {
                decide(1, true, FILE, 1);
                step.wait();
                step.wait();
            }
        })
    };
    for _ in 0..3 {
        step.wait();
        assert_eq!(coverage::report().decisions, [row(1, "exact.spl", 1, 1, 0)]);
        rt_coverage_clear();
        assert_eq!(coverage::report(), Report::default());
        step.wait();
    }
    step.wait();
    stop.store(true, Ordering::Release);
    step.wait();
    live.join().unwrap();
    assert_eq!(coverage::report().decisions, [row(1, "exact.spl", 1, 1, 0)]);
}

#[test]
fn every_part_of_the_site_counts() {
    let _one = from_nothing();
    for (id, file, line) in [(1, c"a", 1), (2, c"a", 1), (1, c"b", 1), (1, c"a", 2), (1, c"a", 1)] {
        decide(id, true, file.as_ptr(), line);
    }
    // SAFETY: a literal.
    unsafe { rt_coverage_decision_probe(1, true, c"a".as_ptr(), 1, 9) };
    let rows = coverage::report().decisions;
    let seen: Vec<_> =
        rows.iter().map(|r| (r.id, &*r.file, r.line, r.column, r.true_count)).collect();
    assert_eq!(
        seen,
        [
            (1, "a", 1, 1, 2),
            (1, "a", 1, 9, 1),
            (1, "a", 2, 1, 1),
            (1, "b", 1, 1, 1),
            (2, "a", 1, 1, 1)
        ]
    );
}

#[test]
fn huge_and_sparse_ids_count() {
    let _one = from_nothing();
    for i in 0..1000 {
        decide(u32::MAX - i * 4_000_000, true, FILE, u32::MAX);
        // SAFETY: a literal.
        unsafe { rt_coverage_condition_probe(u32::MAX, u32::MAX - i, true, FILE, 1, u32::MAX) };
    }
    let report = coverage::report();
    assert_eq!((report.decisions.len(), report.conditions.len()), (1000, 1000));
    assert_eq!(report.decisions.last().unwrap().id, u32::MAX);
}

#[test]
fn switched_off_nothing_counts() {
    let _one = from_nothing();
    assert!(rt_coverage_enabled());
    decide(1, true, FILE, 1);
    rt_coverage_set_enabled(false);
    assert!(!rt_coverage_enabled());
    decide(1, true, FILE, 1);
    decide(2, true, FILE, 1);
    thread::spawn(|| decide(1, true, FILE, 1)).join().unwrap();
    rt_coverage_set_enabled(true);
    decide(1, false, FILE, 1);
    assert_eq!(coverage::report().decisions, [row(1, "exact.spl", 1, 1, 1)]);
}

#[test]
fn thousands_of_short_threads_lose_nothing() {
    let _one = from_nothing();
    for _ in 0..500 {
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    decide(1, true, FILE, 1);
                    decide(2, false, FILE, 1);
                });
            }
        });
    }
    // A scope may end before its threads' storage is torn down: folded or not, all is there.
    assert_eq!(
        coverage::report().decisions,
        [row(1, "exact.spl", 1, 2000, 0), row(2, "exact.spl", 1, 0, 2000)]
    );
}

/// Probes from its destructor.
struct Last(u32);

impl Drop for Last {
    fn drop(&mut self) {
        decide(self.0, true, FILE, 1);
    }
}

thread_local! {
    static EARLY: RefCell<Option<Last>> = const { RefCell::new(None) };
    static LATE: RefCell<Option<Last>> = const { RefCell::new(None) };
}

/// Whatever the order in which the thread's storage is torn down: one of the two destructors
/// runs before the thread's counts are folded, the other after.
#[test]
fn probes_of_a_thread_that_is_being_torn_down_count() {
    let _one = from_nothing();
    thread::spawn(|| {
        EARLY.set(Some(Last(1)));
        decide(3, true, FILE, 1);
        LATE.set(Some(Last(2)));
    })
    .join()
    .unwrap();
    let rows = [1, 2, 3].map(|id| row(id, "exact.spl", 1, 1, 0));
    assert_eq!(coverage::report().decisions, rows);
}

#[test]
fn freeing_null_does_nothing() {
    // SAFETY: NULL is allowed.
    unsafe { rt_coverage_free_sdn(ptr::null_mut()) };
}
