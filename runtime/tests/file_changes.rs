//! A file that changes while it is loaded: with every strategy a load gives what is left of it,
//! or fails. Nobody who has not read a mapped byte dies (of SIGBUS).

use simple_runtime::file::{self, FileError, LoadError, Mapping, Prefault, Step};
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

/// Large enough for every way to load, in steps and by several threads.
const LARGE_BYTES: u64 = 24 << 20;
const SMALL_BYTES: u64 = 5000;
/// Loads of each strategy.
const LOADS: usize = 60;

fn path(directory: &TempDir) -> PathBuf {
    directory.path().join("data")
}

fn set_len(path: &Path, bytes: u64) {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .unwrap()
        .set_len(bytes)
        .unwrap();
}

/// Loads with every strategy while another thread does `change` again and again. Each load is
/// looked at by `check`.
fn while_it_changes(change: impl Fn() + Sync, check: impl Fn(Prefault)) {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                change();
            }
        });
        for strategy in Prefault::ALL {
            for _ in 0..LOADS {
                check(strategy);
            }
        }
        done.store(true, Ordering::Relaxed);
    });
}

/// Waited for, and loaded by a loader: none of both threads reads a byte.
fn load_both_ways(path: &Path, mode: i32, strategy: Prefault) -> Vec<Result<usize, FileError>> {
    let waited = file::create(path, mode, strategy).unwrap();
    let started = file::create(path, mode, strategy).unwrap();
    file::start_loading(started).unwrap();
    let results = [waited, started].map(|handle| file::wait(handle).map(|loaded| loaded.len_bytes));
    file::close(waited).unwrap();
    file::close(started).unwrap();
    results.to_vec()
}

#[test]
fn one_that_shrinks_and_grows_is_loaded_all_the_same() {
    for mode in [libc::O_RDONLY, libc::O_RDWR] {
        let directory = TempDir::new().unwrap();
        let path = path(&directory);
        set_len(&path, LARGE_BYTES);
        let change =
            || [0, SMALL_BYTES, LARGE_BYTES].into_iter().for_each(|len| set_len(&path, len));
        while_it_changes(change, |strategy| {
            for loaded in load_both_ways(&path, mode, strategy) {
                let len = loaded.unwrap_or_else(|error| panic!("{}: {error}", strategy.name()));
                assert!(len as u64 <= LARGE_BYTES, "{}: {len}", strategy.name());
            }
        });
    }
}

#[test]
fn one_that_is_replaced_is_one_or_the_other() {
    let directory = TempDir::new().unwrap();
    let (path, next) = (path(&directory), directory.path().join("next"));
    set_len(&path, LARGE_BYTES);
    let sizes = [SMALL_BYTES, 300_000, LARGE_BYTES];
    let change = || {
        for len in sizes {
            set_len(&next, len);
            fs::rename(&next, &path).unwrap();
        }
    };
    while_it_changes(change, |strategy| {
        for loaded in load_both_ways(&path, 0, strategy) {
            assert!(sizes.contains(&(loaded.unwrap() as u64)), "{}", strategy.name());
        }
    });
}

/// Each replacement has a content of its own: what is loaded is one of them, from end to end.
#[test]
fn one_that_is_replaced_is_never_mixed() {
    const BYTES: usize = 700_000;
    let directory = TempDir::new().unwrap();
    let (path, next) = (path(&directory), directory.path().join("next"));
    fs::write(&path, vec![b'a'; BYTES]).unwrap();
    let change = || {
        for content in [b'a', b'b'] {
            fs::write(&next, vec![content; BYTES]).unwrap();
            fs::rename(&next, &path).unwrap();
        }
    };
    while_it_changes(change, |strategy| {
        for mode in [libc::O_RDONLY, libc::O_RDWR] {
            let mapping = Mapping::load(&path, mode, strategy).unwrap();
            // SAFETY: a file is not changed once it has its name.
            let bytes = unsafe { mapping.bytes() };
            assert_eq!(bytes.len(), BYTES, "{}", strategy.name());
            assert!(matches!(bytes[0], b'a' | b'b'));
            assert!(bytes.iter().all(|byte| *byte == bytes[0]), "{}", strategy.name());
        }
    });
}

/// A load gives the size that the file had at some moment, and the bytes it had from the beginning.
#[test]
fn one_that_grows_has_its_beginning() {
    use std::io::Write;
    use std::sync::atomic::AtomicUsize;
    const FIRST_BYTES: usize = 300_000;
    const MOST_BYTES: usize = 4 << 20;
    for mode in [libc::O_RDONLY, libc::O_RDWR] {
        let directory = TempDir::new().unwrap();
        let path = path(&directory);
        fs::write(&path, vec![b'x'; FIRST_BYTES]).unwrap();
        let len = AtomicUsize::new(FIRST_BYTES);
        let grow = || {
            let now = len.load(Ordering::Relaxed);
            if now < MOST_BYTES {
                // Announced first, so that it is never less than the file has.
                len.store(now + 10_000, Ordering::Release);
                OpenOptions::new()
                    .append(true)
                    .open(&path)
                    .unwrap()
                    .write_all(&[b'x'; 10_000])
                    .unwrap();
            }
        };
        while_it_changes(grow, |strategy| {
            let mapping = Mapping::load(&path, mode, strategy).unwrap();
            assert!(mapping.len() <= len.load(Ordering::Acquire), "{}", strategy.name());
            // SAFETY: the bytes that the file has are not changed.
            let bytes = unsafe { mapping.bytes() };
            assert!(bytes.len() >= FIRST_BYTES, "{}", strategy.name());
            assert!(bytes[..FIRST_BYTES].iter().all(|byte| *byte == b'x'), "{}", strategy.name());
        });
    }
}

#[test]
fn one_that_vanishes_is_whole_or_missing() {
    let directory = TempDir::new().unwrap();
    let (path, next) = (path(&directory), directory.path().join("next"));
    let change = || {
        set_len(&next, LARGE_BYTES);
        fs::rename(&next, &path).unwrap();
        fs::remove_file(&path).unwrap();
    };
    let missing = LoadError::System { step: Step::Open, errno: libc::ENOENT };
    while_it_changes(change, |strategy| {
        for loaded in load_both_ways(&path, 0, strategy) {
            match loaded {
                Ok(len) => assert_eq!(len as u64, LARGE_BYTES, "{}", strategy.name()),
                Err(FileError::Load { reason, .. }) => assert_eq!(reason, missing),
                Err(other) => panic!("{other}"),
            }
        }
    });
}

/// Nothing on disk, and a page here and there.
#[test]
fn a_sparse_file_is_loaded_with_its_holes() {
    use std::os::unix::fs::FileExt;
    let directory = TempDir::new().unwrap();
    let path = path(&directory);
    set_len(&path, LARGE_BYTES);
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    let written = [0, 1 << 20, (16 << 20) + 4095, LARGE_BYTES - 1];
    written.iter().for_each(|&at| file.write_all_at(b"!", at).unwrap());
    for strategy in Prefault::ALL {
        let mapping = Mapping::load(&path, 0, strategy).unwrap();
        // SAFETY: nobody changes the file any more.
        let bytes = unsafe { mapping.bytes() };
        assert_eq!(bytes.len() as u64, LARGE_BYTES);
        let found: Vec<_> = (0..).zip(bytes).filter(|(_, byte)| **byte != 0).collect();
        assert!(found.iter().map(|(at, _)| *at).eq(written), "{}", strategy.name());
    }
}

/// The memory of this process, from address 0: nothing is there.
#[test]
fn a_read_that_fails_is_a_failed_load() {
    for strategy in Prefault::ALL {
        let error = Mapping::load(Path::new("/proc/self/mem"), 0, strategy).unwrap_err();
        let FileError::Load { reason, .. } = error else { panic!("{error}") };
        assert_eq!(reason, LoadError::System { step: Step::Read, errno: libc::EIO });
    }
}
