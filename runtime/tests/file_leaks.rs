//! Nothing is left behind: descriptors, mappings, files. Alone in its process: the counts
//! are the process's.

use simple_runtime::file::{self, FileState, Mapping, Prefault};
use std::fs;
use std::path::Path;

fn open_descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

fn mappings_of(path: &Path) -> usize {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    maps.lines().filter(|line| line.ends_with(path.to_str().unwrap())).count()
}

#[test]
fn descriptors_and_mappings_do_not_leak() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data");
    fs::write(&path, vec![1; 1 << 20]).unwrap();
    let descriptors = open_descriptors();

    // A map, while there is one, and no descriptor beside it.
    let mapping = Mapping::load(&path, 0, Prefault::PopulateRead).unwrap();
    assert_eq!((mappings_of(&path), open_descriptors()), (1, descriptors));
    drop(mapping);
    assert_eq!(mappings_of(&path), 0);
    let copy = Mapping::load(&path, 0, Prefault::Copy).unwrap();
    assert_eq!((mappings_of(&path), open_descriptors()), (0, descriptors));
    drop(copy);

    for strategy in Prefault::ALL {
        for mode in [libc::O_RDONLY, libc::O_RDWR, libc::O_WRONLY] {
            for start in [false, true] {
                live_and_close(&path, mode, strategy, start);
            }
        }
        let missing = directory.path().join("missing");
        live_and_close(&missing, 0, strategy, true);
        live_and_close(directory.path(), 0, strategy, true);
    }
    assert_eq!((mappings_of(&path), open_descriptors()), (0, descriptors));
    close_while_loading(&path, descriptors);
}

fn live_and_close(path: &Path, mode: i32, strategy: Prefault, start: bool) {
    let handle = file::create(path, mode, strategy).unwrap();
    if start {
        file::start_loading(handle).unwrap();
    }
    let ready = file::wait(handle).is_ok();
    assert_eq!(ready, file::state(handle) == FileState::Ready);
    file::close(handle).unwrap();
}

/// Closed right after the start, the load may be anywhere; what it opened and mapped is
/// released as soon as it ends.
fn close_while_loading(path: &Path, descriptors: usize) {
    const LOOKS: usize = 100_000;
    for _ in 0..500 {
        let handle = file::create(path, 0, Prefault::Touch).unwrap();
        file::start_loading(handle).unwrap();
        file::close(handle).unwrap();
    }
    let left = || (mappings_of(path), open_descriptors());
    for _ in 0..LOOKS {
        if left() == (0, descriptors) {
            break;
        }
        std::thread::yield_now();
    }
    assert_eq!(left(), (0, descriptors));
}
