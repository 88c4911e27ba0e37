//! Threads that load: what they may run, and what they are not asked to handle.

use simple_runtime::file::{self, FileState, Prefault};
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tempfile::TempDir;

/// Large enough for a parallel touch.
fn large(directory: &TempDir) -> PathBuf {
    let path = directory.path().join("large");
    fs::write(&path, vec![1; 64 << 20]).unwrap();
    path
}

/// A job of the program's own rayon pool waits for a file; other jobs of that pool, which might
/// need a lock that it holds, do not run inside of the wait.
#[test]
fn no_other_job_runs_inside_of_a_wait() {
    const JOBS: usize = 1000;
    let directory = TempDir::new().unwrap();
    let path = large(&directory);
    let (waiting, inside) = (AtomicBool::new(false), AtomicUsize::new(0));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    pool.scope(|scope| {
        scope.spawn(|scope| {
            for _ in 0..JOBS {
                scope.spawn(|_| {
                    inside.fetch_add(waiting.load(Ordering::SeqCst).into(), Ordering::SeqCst);
                });
            }
            for _ in 0..10 {
                let handle = file::create(&path, 0, Prefault::ParallelTouch).unwrap();
                waiting.store(true, Ordering::SeqCst);
                assert!(file::wait(handle).is_ok());
                waiting.store(false, Ordering::SeqCst);
                file::close(handle).unwrap();
            }
        });
    });
    assert_eq!(inside.load(Ordering::SeqCst), 0);
}

/// The signals that the threads of this name have blocked.
fn blocked_by(name: &str) -> Vec<u64> {
    let field = |status: &str, name: &str| {
        status.lines().find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()))
    };
    let threads = fs::read_dir("/proc/self/task").unwrap();
    // A thread may end while we look.
    let statuses =
        threads.filter_map(|thread| fs::read_to_string(thread.unwrap().path().join("status")).ok());
    statuses
        .filter(|status| field(status, "Name:").is_some_and(|found| found.starts_with(name)))
        .map(|status| u64::from_str_radix(&field(&status, "SigBlk:").unwrap(), 16).unwrap())
        .collect()
}

#[test]
fn signals_are_left_to_the_program() {
    let directory = TempDir::new().unwrap();
    let path = large(&directory);
    // The first user of touchers starts them: here, by a thread that blocks nothing.
    let waited = file::create(&path, 0, Prefault::ParallelTouch).unwrap();
    file::wait(waited).unwrap();
    let started = file::create(&path, 0, Prefault::Auto).unwrap();
    file::start_loading(started).unwrap();
    while file::state(started) != FileState::Ready {
        std::thread::yield_now();
    }
    let bit = |signal: i32| 1 << (signal - 1);
    let asynchronous = bit(libc::SIGINT) | bit(libc::SIGTERM) | bit(libc::SIGCHLD);
    let faults = bit(libc::SIGSEGV) | bit(libc::SIGBUS);
    let (loaders, touchers) = (blocked_by("simple-loader"), blocked_by("simple-touch"));
    // On one CPU there are no touchers.
    let cpus = std::thread::available_parallelism().unwrap().get();
    assert_eq!((loaders.is_empty(), touchers.is_empty()), (false, cpus == 1));
    for blocked in loaders.into_iter().chain(touchers) {
        assert_eq!(blocked & (asynchronous | faults), asynchronous, "{blocked:x}");
    }
    file::close(waited).unwrap();
    file::close(started).unwrap();
}
