//! A process that forks while files are loaded: the child loads its own, and what was left
//! behind. Alone in its process, whose threads it leaves behind.

#[path = "common/in_child.rs"]
mod in_child;

use in_child::in_child;
use simple_runtime::file::{self, FileState, Prefault};
use simple_runtime::registry::Handle;
use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

const LARGE_BYTES: usize = 16 << 20;

fn until_loaded(handle: Handle) {
    while file::state(handle) == FileState::Loading {
        std::thread::yield_now();
    }
    assert!(file::is_ready(handle));
}

fn create(path: &Path, strategy: Prefault) -> Handle {
    file::create(path, 0, strategy).unwrap()
}

/// A file that cannot be opened before this is dropped.
struct Held {
    path: PathBuf,
    holder: File,
}

impl Held {
    /// `None` where the file system has no leases.
    fn new(path: PathBuf) -> Option<Self> {
        fs::write(&path, "held").unwrap();
        let holder = File::options().write(true).open(&path).unwrap();
        // SAFETY: no memory is involved. The default action of SIGIO would end the process.
        let leased = unsafe {
            libc::signal(libc::SIGIO, libc::SIG_IGN);
            libc::fcntl(holder.as_raw_fd(), libc::F_SETLEASE, libc::F_WRLCK)
        };
        (leased == 0).then_some(Self { path, holder })
    }

    fn let_go(&self) {
        // SAFETY: no memory is involved.
        unsafe { libc::fcntl(self.holder.as_raw_fd(), libc::F_SETLEASE, libc::F_UNLCK) };
    }

    /// Somebody is opening the file.
    fn is_asked_for(&self) -> bool {
        // SAFETY: no memory is involved.
        unsafe { libc::fcntl(self.holder.as_raw_fd(), libc::F_GETLEASE) != libc::F_WRLCK }
    }
}

/// A process's work on files of its own.
fn load(small: &Path, large: &Path) {
    for strategy in [Prefault::Auto, Prefault::ParallelTouch] {
        let (started, waited) = (create(small, strategy), create(large, strategy));
        assert_eq!(file::start_loading(started), Ok(true));
        until_loaded(started);
        assert_eq!(file::wait(waited).unwrap().len_bytes, LARGE_BYTES);
        let waited_by_others = create(large, strategy);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert!(file::wait(waited_by_others).is_ok()));
            }
        });
        for handle in [started, waited, waited_by_others] {
            file::close(handle).unwrap();
        }
    }
}

#[test]
fn files_in_forked_processes() {
    a_child_loads_its_own_files_and_what_was_left_behind();
    no_lock_is_left_taken();
}

/// Whatever other threads are in the middle of, a child does not miss them.
fn no_lock_is_left_taken() {
    const FORKS: usize = 30;
    let directory = tempfile::tempdir().unwrap();
    let (small, large) = (directory.path().join("small"), directory.path().join("large"));
    fs::write(&small, "small").unwrap();
    fs::write(&large, vec![1; LARGE_BYTES]).unwrap();
    let done = AtomicBool::new(false);
    let busy = || {
        for strategy in Prefault::ALL {
            for path in [&small, &large] {
                let handle = create(path, strategy);
                file::start_loading(handle).unwrap();
                assert!(file::wait(handle).is_ok());
                file::close(handle).unwrap();
            }
        }
    };
    busy();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    busy();
                }
            });
        }
        for _ in 0..FORKS {
            in_child(busy);
        }
        done.store(true, Ordering::Relaxed);
    });
}

fn a_child_loads_its_own_files_and_what_was_left_behind() {
    let directory = tempfile::tempdir().unwrap();
    let (small, large) = (directory.path().join("small"), directory.path().join("large"));
    fs::write(&small, "small").unwrap();
    fs::write(&large, vec![1; LARGE_BYTES]).unwrap();
    // Loaders and touchers exist from now on; in the child they do not.
    load(&small, &large);
    let ready = create(&small, Prefault::Auto);
    file::wait(ready).unwrap();
    let pending = create(&small, Prefault::Auto);

    // As many as there are loaders are being loaded, the others queue.
    let held: Option<Vec<_>> =
        (0..6).map(|i| Held::new(directory.path().join(format!("held-{i}")))).collect();
    let held = held.unwrap_or_default();
    let handles: Vec<_> = held.iter().map(|held| create(&held.path, Prefault::Auto)).collect();
    for &handle in &handles {
        assert_eq!(file::start_loading(handle), Ok(true));
    }
    if let Some(first) = held.first() {
        while !first.is_asked_for() {
            std::thread::yield_now();
        }
    }

    in_child(|| {
        load(&small, &large);
        assert!(file::is_ready(ready));
        assert_eq!(file::start_loading(pending), Ok(true));
        until_loaded(pending);
        held.iter().for_each(Held::let_go);
        for (i, &handle) in handles.iter().enumerate() {
            assert_eq!(file::state(handle), FileState::Loading);
            if i % 2 == 0 {
                assert_eq!(file::start_loading(handle), Ok(false));
                until_loaded(handle);
            }
            assert_eq!(file::wait(handle).unwrap().len_bytes, 4);
            file::close(handle).unwrap();
        }
        // And a child's child.
        in_child(|| load(&small, &large));
    });

    // The parent goes on as if nothing had been.
    held.iter().for_each(Held::let_go);
    handles.iter().for_each(|&handle| until_loaded(handle));
    assert_eq!(file::state(pending), FileState::Pending);
    load(&small, &large);
}
