//! Maps, or address space, are used up: what cannot be mapped is read. Each in a process of its
//! own, which has no room left.

#[path = "common/address_space.rs"]
mod address_space;
#[path = "common/child.rs"]
mod child;
#[path = "common/maps.rs"]
mod maps;

use address_space::with_little_left;
use maps::AllMaps;
use simple_runtime::file::{self, FileError, LoadError, Mapping, Prefault};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const PAGE_BYTES: usize = 4096;
const BYTES: usize = 1 << 20;

fn data(directory: &TempDir) -> PathBuf {
    let path = directory.path().join("data");
    fs::write(&path, content()).unwrap();
    path
}

fn content() -> Vec<u8> {
    (0..BYTES).map(|i| (i / PAGE_BYTES + i % 251) as u8).collect()
}

fn is_mapped(path: &Path) -> bool {
    fs::read_to_string("/proc/self/maps").unwrap().contains(path.to_str().unwrap())
}

fn every_strategy_reads(path: &Path, expected: &[u8]) {
    for strategy in Prefault::ALL {
        for mode in [libc::O_RDONLY, libc::O_RDWR] {
            let mapping = Mapping::load(path, mode, strategy).unwrap();
            // SAFETY: nobody changes the file.
            assert!(unsafe { mapping.bytes() } == expected, "{} {mode}", strategy.name());
        }
        // Also behind handles, without a thread to be had.
        let handle = file::create(path, 0, strategy).unwrap();
        file::start_loading(handle).unwrap();
        assert_eq!(file::wait(handle).unwrap().len_bytes, BYTES);
        file::close(handle).unwrap();
    }
}

#[test]
fn without_a_map_to_be_had_files_are_read() {
    const NAME: &str = "without_a_map_to_be_had_files_are_read";
    if !child::is_child(NAME) {
        child::run(&mut child::command(NAME));
        return;
    }
    let directory = TempDir::new().unwrap();
    let (path, expected) = (data(&directory), content());
    let Some(all) = AllMaps::take(0) else { return };
    every_strategy_reads(&path, &expected);
    let kept = Mapping::load(&path, 0, Prefault::Auto).unwrap();
    assert!(!is_mapped(&path));
    drop(all);
    // And once there are maps again they are used again.
    let mapped = Mapping::load(&path, 0, Prefault::Auto).unwrap();
    assert!(is_mapped(&path));
    // SAFETY: nobody changes the file.
    assert!(unsafe { mapped.bytes() == expected && kept.bytes() == expected });
}

/// There is no room for the bytes, mapped or read.
#[test]
fn without_address_space_a_load_fails_and_says_so() {
    const NAME: &str = "without_address_space_a_load_fails_and_says_so";
    if !child::is_child(NAME) {
        child::run(&mut child::command(NAME));
        return;
    }
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("large");
    fs::File::create(&path).unwrap().set_len(64 << 20).unwrap();
    with_little_left(8 << 20, || {
        for strategy in Prefault::ALL {
            let error = Mapping::load(&path, 0, strategy).unwrap_err();
            let FileError::Load { reason, .. } = error else { panic!("{error}") };
            assert_eq!(reason, LoadError::OutOfMemory, "{}", strategy.name());
        }
    });
    for strategy in Prefault::ALL {
        assert_eq!(Mapping::load(&path, 0, strategy).unwrap().len(), 64 << 20);
    }
}
