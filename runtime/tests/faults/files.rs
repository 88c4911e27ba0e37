//! Loading files, with each strategy.

use crate::attempt::{Scenario, directory};
use crate::c::*;
use crate::told::{may_fail, nothing, told, value};
use simple_runtime::Value;
use simple_runtime::file::Prefault;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::Once;
use std::{fs, slice};

/// Enough for a parallel touch.
const LARGE_BYTES: usize = 9 << 20;
const SMALL_BYTES: usize = 200 << 10;

macro_rules! scenarios {
    ($($number:literal $name:literal),*) => {
        /// One for each strategy.
        pub const STRATEGIES: [Scenario; Prefault::ALL.len()] =
            [$(Scenario { name: $name, run: || load($number) }),*];
    };
}
scenarios!(
    0 "files: none", 1 "files: progressive", 2 "files: populate", 3 "files: populate-read",
    4 "files: touch", 5 "files: parallel-touch", 6 "files: copy", 7 "files: huge", 8 "files: auto"
);

/// Writes the files, before anything is forked.
pub fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for bytes in [LARGE_BYTES, SMALL_BYTES, 0] {
            fs::write(path(bytes), vec![b'x'; bytes]).unwrap();
        }
    });
}

fn path(bytes: usize) -> PathBuf {
    directory().join(format!("{bytes}-bytes"))
}

fn load(strategy: i32) {
    for (bytes, mode) in
        [(LARGE_BYTES, libc::O_RDONLY), (SMALL_BYTES, libc::O_RDWR), (0, libc::O_RDONLY)]
    {
        let path = path(bytes);
        let text = value("rt_string_new", || rt_string_new(path.as_os_str().as_bytes()));
        let Some(text) = text else { continue };
        load_both_ways(&text, bytes, mode, strategy);
    }
    // In /proc, where files do not tell their size.
    if let Some(text) = value("rt_string_new", || rt_string_new(b"/proc/self/status"))
        && let Some(file) = create(&text, 0, strategy)
    {
        if is_loaded(file) {
            assert!(native_async_file_get_size(file) > 100);
        }
        assert_eq!(native_async_file_close(file), 1);
    }
}

fn create(path: &Value, mode: i32, strategy: i32) -> Option<i64> {
    let create = || native_async_file_create(path, mode, strategy);
    told("native_async_file_create", |file| *file == 0, create)
}

/// Loaded by a loader, and by its waiter.
fn load_both_ways(path: &Value, bytes: usize, mode: i32, strategy: i32) {
    for is_started in [true, false] {
        let Some(file) = create(path, mode, strategy) else { continue };
        if is_started {
            let start = || native_async_file_start_loading(file);
            nothing("native_async_file_start_loading", start);
        }
        if is_loaded(file) {
            assert_eq!(native_async_file_get_size(file), bytes as i64);
            let address = rt_value_as_int(&native_async_file_wait(file)) as *const u8;
            // SAFETY: the bytes of a file that nobody changes.
            let bytes = unsafe { slice::from_raw_parts(address, bytes) };
            assert!(bytes.chunks(4096).all(|page| page[0] == b'x' && page[page.len() - 1] == b'x'));
        }
        assert_eq!(native_async_file_close(file), 1);
    }
}

/// Waits for a file. Returns true if it is loaded; otherwise its error must say why not.
fn is_loaded(file: i64) -> bool {
    let name = "native_async_file_wait";
    let failed = |address: &Value| rt_value_as_int(address) == 0;
    if told(name, failed, || native_async_file_wait(file)).is_some() {
        assert_eq!(native_async_file_get_state(file), 2);
        return true;
    }
    assert_eq!(native_async_file_get_state(file), 3);
    assert_eq!(native_async_file_get_size(file), -1);
    let name = "native_async_file_get_error";
    if let Some(error) = value(name, || native_async_file_get_error(file)) {
        assert!(rt_string_len(&error) > 0);
    }
    may_fail("a load");
    false
}
