//! The resources of a process, which must not grow by faults.

use crate::allocator;
use simple_runtime::faults::live_objects;
use std::fs;
use std::path::Path;

/// Number of looks at threads that are about to end.
const LOOKS: usize = 200_000;
/// Pools of threads that stay for a while.
const STAYING: [&str; 2] = ["simple-loader", "simple-touch-"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resources {
    pub objects: usize,
    pub descriptors: usize,
    pub threads: usize,
    /// Maps of files of the tests'.
    pub file_maps: usize,
}

/// As [`Resources`], of which there may be a little more.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    pub blocks: i64,
    pub address_space_bytes: u64,
}

impl Resources {
    fn now(directory: &Path) -> Self {
        Self {
            objects: live_objects(),
            descriptors: fs::read_dir("/proc/self/fd").unwrap().count(),
            threads: threads(),
            file_maps: file_maps(directory),
        }
    }

    /// Returns the resources once threads that were to end have ended, and as `expected` if they
    /// ever are.
    pub fn settled(directory: &Path, expected: Option<Self>) -> Self {
        for _ in 0..LOOKS {
            let now = Self::now(directory);
            if now.threads == 1 && expected.is_none_or(|expected| now == expected) {
                return now;
            }
            std::thread::yield_now();
        }
        Self::now(directory)
    }
}

/// Threads but those of pools.
fn threads() -> usize {
    let names = fs::read_dir("/proc/self/task").unwrap().filter_map(|task| {
        // A thread may have ended meanwhile.
        fs::read_to_string(task.ok()?.path().join("comm")).ok()
    });
    names.filter(|name| !STAYING.iter().any(|pool| name.starts_with(pool))).count()
}

fn file_maps(directory: &Path) -> usize {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    maps.lines().filter(|line| line.contains(directory.to_str().unwrap())).count()
}

impl Memory {
    pub fn now() -> Self {
        let pages = fs::read_to_string("/proc/self/statm").unwrap();
        let pages: u64 = pages.split(' ').next().unwrap().parse().unwrap();
        Self { blocks: allocator::live_blocks(), address_space_bytes: pages * 4096 }
    }
}
