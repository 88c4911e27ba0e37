//! What loading does to memory: no copies that nobody asked for, not more than there is, and
//! not for a file that nobody wants any more.

use simple_runtime::file::{self, Mapping, Prefault};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const PAGE_BYTES: usize = 4096;

/// A file without content, on disk or in memory.
fn sparse(directory: &TempDir, bytes: u64) -> Option<PathBuf> {
    let path = directory.path().join("sparse");
    // Not every file system has files so large.
    fs::File::create(&path).unwrap().set_len(bytes).ok().map(|()| path)
}

/// A number of KiB that the kernel tells of the map that begins here.
fn of_map(address: usize, name: &str) -> usize {
    let maps = fs::read_to_string("/proc/self/smaps").unwrap();
    let map = maps.split_once(&format!("\n{address:x}-")).expect("there is such a map").1;
    let line = map.lines().find(|line| line.starts_with(&format!("{name}:"))).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Number of maps of this file.
fn maps_of(path: &Path) -> usize {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    maps.lines().filter(|line| line.ends_with(path.to_str().unwrap())).count()
}

fn total_memory_bytes() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap();
    let line = text.lines().find(|line| line.starts_with("MemTotal:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[test]
fn a_map_for_writing_is_populated_and_not_copied() {
    const BYTES: usize = 4 << 20;
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("data");
    fs::write(&path, vec![7; BYTES]).unwrap();
    for strategy in [Prefault::Populate, Prefault::PopulateRead, Prefault::Huge, Prefault::Touch] {
        let mapping = Mapping::load(&path, libc::O_RDWR, strategy).unwrap();
        let address = mapping.as_ptr() as usize;
        assert_eq!(of_map(address, "Rss"), BYTES / 1024, "{strategy:?}");
        assert_eq!(of_map(address, "Anonymous"), 0, "{strategy:?}");
        // What is written to is copied, and only that.
        // SAFETY: loaded with O_RDWR; nobody else looks.
        unsafe { mapping.as_ptr().cast_mut().add(PAGE_BYTES).write(8) };
        assert_eq!(of_map(address, "Anonymous"), PAGE_BYTES / 1024, "{strategy:?}");
    }
}

#[test]
fn auto_does_not_load_more_than_memory_holds() {
    let total = total_memory_bytes();
    for bytes in [total / 2, total, total * 2, u64::MAX] {
        let plan = Prefault::Auto.plan(bytes);
        assert_eq!((plan.cached, plan.uncached), (Prefault::None, Prefault::None), "{bytes}");
    }
    let directory = TempDir::new().unwrap();
    let Some(path) = sparse(&directory, total * 2) else { return };
    let mapping = Mapping::load(&path, 0, Prefault::Auto).unwrap();
    assert_eq!(mapping.len() as u64, total * 2);
    assert_eq!(of_map(mapping.as_ptr() as usize, "Rss"), 0);
}

/// Loads that would take minutes, and all the page cache there is, end when the file is closed.
#[test]
fn closing_ends_a_long_load() {
    const BYTES: u64 = 1 << 40;
    let directory = TempDir::new().unwrap();
    let Some(path) = sparse(&directory, BYTES) else { return };
    for strategy in [Prefault::PopulateRead, Prefault::Touch, Prefault::ParallelTouch] {
        let handle = file::create(&path, 0, strategy).unwrap();
        file::start_loading(handle).unwrap();
        while maps_of(&path) == 0 {
            std::thread::yield_now();
        }
        assert_eq!(file::state(handle), file::FileState::Loading);
        file::close(handle).unwrap();
        while maps_of(&path) != 0 {
            std::thread::yield_now();
        }
    }
}
