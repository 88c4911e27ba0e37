//! However many threads wait and start, a file is loaded once. Alone in its process: the
//! counts are the process's.

use simple_runtime::file::{self, FileError, Prefault};
use std::collections::HashSet;
use std::fs;
use std::sync::Barrier;

const THREADS: usize = 8;
const ROUNDS: u64 = 200;

#[test]
fn a_file_is_loaded_once_for_all_who_wait() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data");
    fs::write(&path, vec![7; 3 << 20]).unwrap();
    for round in 0..ROUNDS {
        let strategy = Prefault::ALL[round as usize % Prefault::ALL.len()];
        let handle = file::create(&path, 0, strategy).unwrap();
        let together = Barrier::new(THREADS);
        let seen: HashSet<_> = std::thread::scope(|scope| {
            let wait = |starts: bool| {
                together.wait();
                if starts {
                    file::start_loading(handle).unwrap();
                }
                let loaded = file::wait(handle).unwrap();
                // SAFETY: nobody closes the file meanwhile.
                assert_eq!(unsafe { *(loaded.address as *const u8).add(loaded.len_bytes - 1) }, 7);
                (loaded.address, loaded.len_bytes)
            };
            let threads: Vec<_> = (0..THREADS)
                .map(|i| scope.spawn(move || wait(round % 2 == 0 && i % 3 == 0)))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(seen.len(), 1);
        let stats = file::stats();
        assert_eq!(stats.loads_by_waiters + stats.loads_by_loaders, round + 1);
        file::close(handle).unwrap();
    }
    each_of_a_burst_is_loaded_once();
    close_ends_waits(&path);
}

/// Starts and waits that race over many files load each of them once. A loader is sent for
/// at most once for each, and only a few are ever started.
fn each_of_a_burst_is_loaded_once() {
    const FILES: u64 = 1000;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("small");
    fs::write(&path, b"small").unwrap();
    let before = file::stats();
    let handles: Vec<_> =
        (0..FILES).map(|_| file::create(&path, 0, Prefault::Auto).unwrap()).collect();
    for &handle in &handles {
        assert_eq!(file::start_loading(handle), Ok(true));
    }
    for &handle in &handles {
        assert_eq!(file::wait(handle).unwrap().len_bytes, 5);
        file::close(handle).unwrap();
    }
    let after = file::stats();
    let loads = after.loads_by_waiters + after.loads_by_loaders;
    assert_eq!(loads - before.loads_by_waiters - before.loads_by_loaders, FILES);
    assert!(after.loader_wakes - before.loader_wakes <= FILES, "{before:?} {after:?}");
    assert!(after.loader_starts - before.loader_starts <= 4, "{before:?} {after:?}");
}

/// Threads wait for a file while another closes it: each gets the bytes or is told so.
fn close_ends_waits(path: &std::path::Path) {
    for round in 0..ROUNDS {
        let handle = file::create(path, 0, Prefault::PopulateRead).unwrap();
        if round % 2 == 0 {
            file::start_loading(handle).unwrap();
        }
        let together = Barrier::new(4);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    together.wait();
                    match file::wait(handle) {
                        Ok(loaded) => assert_eq!(loaded.len_bytes, 3 << 20),
                        Err(error) => {
                            assert!(matches!(error, FileError::Closed | FileError::BadHandle));
                        }
                    }
                });
            }
            together.wait();
            file::close(handle).unwrap();
        });
        assert_eq!(file::wait(handle), Err(FileError::BadHandle));
    }
}
