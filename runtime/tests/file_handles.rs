//! A file's life behind its handle.

use simple_runtime::file::{self, FileError, FileState, LoadError, Loaded, Prefault};
use simple_runtime::registry::Handle;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn temp_file(bytes: &[u8]) -> (TempDir, PathBuf) {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("data");
    fs::write(&path, bytes).unwrap();
    (directory, path)
}

fn bytes_at(loaded: Loaded) -> Vec<u8> {
    // SAFETY: the tests look before they close, and change no loaded file.
    unsafe { std::slice::from_raw_parts(loaded.address as *const u8, loaded.len_bytes) }.to_vec()
}

/// Looks until the load that was started has ended.
fn until_finished(handle: Handle) -> FileState {
    loop {
        match file::state(handle) {
            FileState::Loading => std::thread::yield_now(),
            state => return state,
        }
    }
}

#[test]
fn nothing_is_loaded_before_it_is_asked_for() {
    let (directory, path) = temp_file(b"data");
    let handle = file::create(&path, 0, Prefault::Auto).unwrap();
    assert_eq!(file::state(handle), FileState::Pending);
    assert!(!file::is_ready(handle));
    assert_eq!((file::size(handle), file::error(handle)), (None, None));
    // Not even opened: what counts is the file that is there when it is loaded.
    fs::write(directory.path().join("data"), b"other data").unwrap();
    assert_eq!(bytes_at(file::wait(handle).unwrap()), b"other data");
    file::close(handle).unwrap();
}

#[test]
fn a_wait_loads_what_nobody_started() {
    let (_directory, path) = temp_file(b"data");
    for strategy in Prefault::ALL {
        let handle = file::create(&path, 0, strategy).unwrap();
        let loaded = file::wait(handle).unwrap();
        assert_eq!(bytes_at(loaded), b"data");
        assert_eq!(file::state(handle), FileState::Ready);
        assert!(file::is_ready(handle));
        assert_eq!(file::size(handle), Some(4));
        assert_eq!(file::error(handle), None);
        assert_eq!(file::wait(handle), Ok(loaded));
        assert_eq!(file::start_loading(handle), Ok(false));
        file::close(handle).unwrap();
    }
}

#[test]
fn a_started_load_ends_without_a_wait() {
    let (_directory, path) = temp_file(b"data");
    for strategy in Prefault::ALL {
        let handle = file::create(&path, 0, strategy).unwrap();
        assert_eq!(file::start_loading(handle), Ok(true));
        assert_eq!(file::start_loading(handle), Ok(false));
        assert_eq!(until_finished(handle), FileState::Ready);
        assert_eq!(bytes_at(file::wait(handle).unwrap()), b"data");
        file::close(handle).unwrap();
    }
}

#[test]
fn a_failed_load_says_why() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("missing");
    for start in [false, true] {
        let handle = file::create(&path, 0, Prefault::Auto).unwrap();
        if start {
            file::start_loading(handle).unwrap();
            assert_eq!(until_finished(handle), FileState::Failed);
        }
        let error = file::wait(handle).unwrap_err();
        assert!(matches!(&error, FileError::Load { path: named, .. } if *named == path));
        assert_eq!(file::error(handle), Some(error));
        assert_eq!(file::state(handle), FileState::Failed);
        assert_eq!((file::is_ready(handle), file::size(handle)), (false, None));
        // A failure is final: the file that appears is another handle's business.
        fs::write(&path, b"late").unwrap();
        assert!(file::wait(handle).is_err());
        fs::remove_file(&path).unwrap();
        file::close(handle).unwrap();
    }
}

/// Whichever of its calls one looks with: a size, or an error, is there when the state says so.
#[test]
fn all_looks_at_a_file_agree() {
    let (_directory, path) = temp_file(b"data");
    let missing = Path::new("/nonexistent/file");
    for round in 0..4000 {
        let is_there = round % 2 == 0;
        let path = if is_there { &path } else { missing };
        let handle = file::create(path, 0, Prefault::None).unwrap();
        file::start_loading(handle).unwrap();
        let (mut size, mut error) = (None, None);
        while size.is_none() && error.is_none() {
            (size, error) = (file::size(handle), file::error(handle));
        }
        let end = if is_there { FileState::Ready } else { FileState::Failed };
        assert_eq!((size.is_some(), file::state(handle)), (is_there, end));
        file::close(handle).unwrap();
    }
}

#[test]
fn an_empty_file_is_ready_and_somewhere() {
    let (_directory, path) = temp_file(b"");
    for strategy in Prefault::ALL {
        let handle = file::create(&path, 0, strategy).unwrap();
        let loaded = file::wait(handle).unwrap();
        assert_ne!(loaded.address, 0);
        assert_eq!(loaded.len_bytes, 0);
        assert_eq!((file::state(handle), file::size(handle)), (FileState::Ready, Some(0)));
        file::close(handle).unwrap();
    }
}

#[test]
fn write_only_is_found_out_at_load() {
    let (_directory, path) = temp_file(b"data");
    let handle = file::create(&path, libc::O_WRONLY, Prefault::Auto).unwrap();
    assert_eq!(file::state(handle), FileState::Pending);
    let reason = LoadError::NotReadable;
    assert_eq!(file::wait(handle), Err(FileError::Load { path, reason }));
    file::close(handle).unwrap();
}

#[test]
fn create_refuses_what_can_never_be_loaded() {
    let (_directory, path) = temp_file(b"data");
    for flag in [libc::O_CREAT, libc::O_TRUNC, libc::O_APPEND] {
        assert_eq!(file::create(&path, flag, Prefault::Auto), Err(FileError::RefusedFlags(flag)));
    }
    let nul = Path::new("a\0b");
    assert_eq!(file::create(nul, 0, Prefault::Auto), Err(FileError::NulInPath(nul.to_owned())));
}

#[test]
fn closing_is_possible_in_every_state_and_once() {
    let (_directory, path) = temp_file(b"data");
    let new = || file::create(&path, 0, Prefault::Auto).unwrap();
    let (pending, started, ready) = (new(), new(), new());
    let failed = file::create(Path::new("/nonexistent/file"), 0, Prefault::Auto).unwrap();
    file::start_loading(started).unwrap();
    file::wait(ready).unwrap();
    file::wait(failed).unwrap_err();
    for handle in [pending, started, ready, failed] {
        assert_eq!(file::close(handle), Ok(()));
        assert_eq!(file::close(handle), Err(FileError::BadHandle));
    }
}

#[test]
fn bad_handles_are_answered() {
    let (_directory, path) = temp_file(b"data");
    let open = file::create(&path, 0, Prefault::Auto).unwrap();
    let stale = file::create(&path, 0, Prefault::Auto).unwrap();
    file::close(stale).unwrap();
    let forged = Handle::from_raw(open.to_raw() + (1 << 32)).unwrap();
    let beyond = Handle::from_raw(1 << 32 | 0x7fff_ffff).unwrap();
    for handle in [stale, forged, beyond] {
        assert_eq!(file::start_loading(handle), Err(FileError::BadHandle));
        assert_eq!(file::wait(handle), Err(FileError::BadHandle));
        assert_eq!(file::close(handle), Err(FileError::BadHandle));
        assert_eq!(file::state(handle), FileState::Failed);
        assert!(!file::is_ready(handle));
        assert_eq!((file::size(handle), file::error(handle)), (None, None));
    }
    assert_eq!(bytes_at(file::wait(open).unwrap()), b"data");
    file::close(open).unwrap();
}
