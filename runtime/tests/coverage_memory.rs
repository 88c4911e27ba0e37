//! The memory that coverage takes: per site, and per site and thread.

#[path = "common/allocations.rs"]
mod allocations;

use allocations::balance_of;
use simple_runtime::coverage::{self, Site};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

const SITES: u32 = 20_000;

/// Bytes that a site may cost a thread that did not find it.
const BYTES_A_SITE_AND_THREAD: isize = 32;
/// Bytes that a thread may cost with any number of sites.
const BYTES_A_THREAD: isize = 8192;
/// Bytes that a site may cost the process: itself, its decision's vector, and the tables that both
/// are found by, which have room for many more.
const BYTES_A_SITE: isize = 256;

/// The tests of this file share the process's sites: one at a time.
fn one() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Comes to decisions from `first` on, with a condition each if so asked; gives the bytes that
/// this took.
fn probe(first: u32, has_conditions: bool) -> isize {
    let probes = move || {
        for id in first..first + SITES {
            let site = Site::new(c"memory.spl", id, 1);
            if has_conditions {
                coverage::condition(id, 0, true, site);
            }
            coverage::decision(id, true, site);
        }
    };
    balance_of(probes).1.bytes
}

fn on_a_thread(first: u32, has_conditions: bool) -> isize {
    thread::spawn(move || probe(first, has_conditions)).join().unwrap()
}

#[test]
fn a_site_costs_a_thread_its_counts_alone() {
    let _one = one();
    for (first, has_conditions) in [(0, false), (SITES, true)] {
        let sites = SITES as isize * if has_conditions { 2 } else { 1 };
        // Threads that are there at the same time: none can count where another does.
        let [first, second] = thread::scope(|scope| {
            let (met, waits) = std::sync::mpsc::channel::<()>();
            let (done, ends) = std::sync::mpsc::channel::<()>();
            let finder = scope.spawn(move || {
                let bytes = probe(first, has_conditions);
                met.send(()).unwrap();
                ends.recv().unwrap();
                bytes
            });
            waits.recv().unwrap();
            let second = scope.spawn(move || probe(first, has_conditions)).join().unwrap();
            done.send(()).unwrap();
            [finder.join().unwrap(), second]
        });
        let most = sites * BYTES_A_SITE_AND_THREAD + BYTES_A_THREAD;
        assert!(second <= most, "{second} bytes for {sites} sites");
        let most = most + sites * BYTES_A_SITE;
        assert!(first <= most, "{first} bytes for the first {sites} sites");
    }
}

/// A thread counts where one that has ended did.
#[test]
fn threads_one_after_the_other_cost_nothing() {
    let _one = one();
    on_a_thread(2 * SITES, false);
    for _ in 0..3 {
        let bytes = on_a_thread(2 * SITES, false);
        assert!(bytes <= 1024, "{bytes} bytes");
    }
}

/// Neither counts in the meantime nor the size of numbers matter.
#[test]
fn huge_and_sparse_ids_cost_no_more_than_small_ones() {
    let _one = one();
    let cost = |number: fn(u32) -> u32| {
        let probes = move || {
            for i in 0..SITES {
                let site = Site::new(c"memory.spl", u32::MAX - number(i), u32::MAX);
                coverage::decision(number(i), true, site);
                coverage::condition(u32::MAX, number(i), true, site);
            }
        };
        thread::spawn(move || balance_of(probes).1.bytes).join().unwrap()
    };
    let most = 2 * SITES as isize * (BYTES_A_SITE + BYTES_A_SITE_AND_THREAD) + BYTES_A_THREAD;
    for bytes in [cost(|i| 1_000_000 + i), cost(|i| u32::MAX - i * 200_000)] {
        assert!(bytes <= most, "{bytes} bytes");
    }
}

/// Clears leave nothing behind that grows.
#[test]
fn clears_cost_nothing_in_the_long_run() {
    let _one = one();
    let round = || {
        for path in 0..100 {
            coverage::path_block(path, path);
            coverage::path_finalize(path);
        }
        probe(0, true);
        coverage::clear();
    };
    thread::spawn(move || {
        (0..3).for_each(|_| round());
        let (_, balance) = balance_of(|| (0..10).for_each(|_| round()));
        assert!(balance.bytes <= 0, "{balance:?}");
    })
    .join()
    .unwrap();
}
