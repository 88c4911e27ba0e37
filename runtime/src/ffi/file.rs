//! The `extern "C"` functions of async files, over [`crate::file`].

use super::value::wrong_type;
use super::{failed, try_text};
use crate::file::{self, FileError, FileState, Prefault};
use crate::registry::Handle;
use crate::{RuntimeValue, Value};
use std::ffi::{OsStr, c_char};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

fn handle(call: &str, raw: i64) -> Option<Handle> {
    let handle = Handle::from_raw(raw).filter(|&handle| file::is_open(handle));
    if handle.is_none() {
        failed((), format_args!("{call}: {}", FileError::BadHandle));
    }
    handle
}

/// Creates a handle for the file at `path`; nothing is opened yet.
///
/// `mode` is the open(2) access mode: O_RDONLY (0) or O_RDWR; with O_WRONLY the load fails.
/// Flags that could change a file (O_CREAT, O_TRUNC, O_APPEND) are refused. `prefault` selects
/// how the bytes are brought into memory: 0 none, 1 progressive (MADV_WILLNEED in 4 MiB steps),
/// 2 populate (MAP_POPULATE; with O_RDWR the same as 3), 3 populate-read (MADV_POPULATE_READ), 4
/// touch (every page, by the kernel: the same as 3), 5 parallel touch (by several threads), 6
/// copy (read(2) into the runtime's own memory: survives truncation of the file), 7 huge
/// (MADV_HUGEPAGE, then populate-read), 8 auto (the strategy that SIMPLE_RT_PREFAULT in the
/// environment names, or else by size; the same as 0 if the file is larger than a quarter of
/// the memory). If the file changes its size during the load, the remaining
/// part is loaded, or the load fails. A file that cannot be mapped, for example because the
/// process has no more maps or address space, is read as with 6, if it is no larger than a
/// quarter of the memory.
///
/// Thread safety: any thread. Ownership: `path` is borrowed; the handle is new: give it to
/// native_async_file_close. Error value: 0 if the path is not a string or has a NUL byte, for an
/// unknown strategy and refused flags, and without memory for a handle, with a message in
/// rt_last_error. (For a path that is not UTF-8: native_async_file_create_bytes.)
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn native_async_file_create(
    path: RuntimeValue,
    mode: i32,
    prefault: i32,
) -> i64 {
    // SAFETY: the caller's promise, see above.
    let path = unsafe { Value::borrow(&path) };
    match path.as_str() {
        Some(text) => create("native_async_file_create", Path::new(text), mode, prefault),
        None => failed(0, wrong_type("native_async_file_create", "string", path)),
    }
}

/// Same as native_async_file_create, for any path: `len` bytes at `path`, which need not be
/// UTF-8 and need not end with a NUL byte.
///
/// Thread safety: any thread. Ownership: `path` is borrowed for the call; the handle is new:
/// give it to native_async_file_close. Error value: as for native_async_file_create, and 0 for
/// NULL with a `len` that is not 0, with a message in rt_last_error.
///
/// # Safety
///
/// `path` is NULL or points to `len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn native_async_file_create_bytes(
    path: *const c_char,
    len: u64,
    mode: i32,
    prefault: i32,
) -> i64 {
    const CALL: &str = "native_async_file_create_bytes";
    let bytes = match usize::try_from(len) {
        Ok(0) => &[],
        Ok(len) if !path.is_null() && isize::try_from(len).is_ok() => {
            // SAFETY: the caller's promise, see above.
            unsafe { std::slice::from_raw_parts(path.cast::<u8>(), len) }
        }
        _ => return failed(0, format_args!("{CALL}: no {len} bytes of path")),
    };
    create(CALL, Path::new(OsStr::from_bytes(bytes)), mode, prefault)
}

fn create(call: &str, path: &Path, mode: i32, prefault: i32) -> i64 {
    let made = Prefault::try_from(prefault).and_then(|strategy| file::create(path, mode, strategy));
    match made {
        Ok(handle) => handle.to_raw(),
        Err(error) => failed(0, format_args!("{call}: {error}")),
    }
}

/// Starts loading a file in the background; does nothing if that was requested before. (A forked
/// process can request again a file that its parent had requested but whose load had not ended.)
///
/// Thread safety: any thread; does not block. Ownership: `file` is borrowed. Error value: none;
/// a bad handle only leaves a message in rt_last_error. So does a lack of threads: then the file
/// is loaded by native_async_file_wait, or when a thread is available again. So does a lack of
/// memory to queue the file: then native_async_file_wait loads it.
#[unsafe(no_mangle)]
pub extern "C" fn native_async_file_start_loading(file: i64) {
    if let Some(handle) = handle("native_async_file_start_loading", file)
        && let Err(error) = file::start_loading(handle)
    {
        failed((), format_args!("native_async_file_start_loading: {error}"));
    }
}

/// Returns 1 if the bytes of a file are loaded, otherwise 0.
///
/// Thread safety: any thread, wait-free. Ownership: `file` is borrowed. Error value: 0 for a
/// bad handle, with a message in rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn native_async_file_is_ready(file: i64) -> i32 {
    let ready = Handle::from_raw(file).is_some_and(file::is_ready);
    if !ready {
        handle("native_async_file_is_ready", file);
    }
    ready.into()
}

/// Returns the state of a file: 0 pending, 1 loading, 2 ready, 3 failed.
///
/// Thread safety: any thread, wait-free. Ownership: `file` is borrowed. Error value: 3 for a
/// bad handle, with a message in rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn native_async_file_get_state(file: i64) -> i32 {
    let state = Handle::from_raw(file).map_or(FileState::Failed, file::state);
    if state == FileState::Failed {
        handle("native_async_file_get_state", file);
    }
    state as i32
}

/// Waits for a file's bytes and returns their address. If nobody has begun to load the file, the
/// calling thread loads it itself; otherwise it sleeps until the load ends or the file is
/// closed.
///
/// Thread safety: any thread, any number of them; the file is loaded once. Ownership: `file` is
/// borrowed; the result is an integer (new, but no release is needed); the bytes are borrowed
/// from the file and valid until it is closed. They may be changed, in memory only, if the file
/// was opened with O_RDWR, and must not be changed otherwise. If the file is truncated
/// meanwhile, reading them raises SIGBUS, except with the strategy copy. Error value: integer 0
/// for a bad handle, for a load that failed (see native_async_file_get_error) and for a file
/// closed meanwhile, with a message in rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn native_async_file_wait(file: i64) -> Value {
    let loaded = Handle::from_raw(file).ok_or(FileError::BadHandle).and_then(file::wait);
    match loaded {
        Ok(loaded) => Value::int(loaded.address as i64),
        Err(error) => failed(Value::int(0), format_args!("native_async_file_wait: {error}")),
    }
}

/// Returns the number of bytes of a ready file; -1 while it is not ready and if it failed.
///
/// Thread safety: any thread, does not block. Ownership: `file` is borrowed. Error value: -1
/// for a bad handle, with a message in rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn native_async_file_get_size(file: i64) -> i64 {
    let size = handle("native_async_file_get_size", file).and_then(file::size);
    size.map_or(-1, |len_bytes| len_bytes as i64)
}

/// Returns the reason why a file failed, as a string with its path and the system's error; nil
/// if it did not fail.
///
/// Thread safety: any thread, does not block. Ownership: `file` is borrowed, the result is
/// new. Error value: nil for a bad handle, and without memory for the string, with a message in
/// rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn native_async_file_get_error(file: i64) -> Value {
    let error = handle("native_async_file_get_error", file).and_then(file::error);
    let Some(error) = error else { return Value::nil() };
    let no_memory = || failed(Value::nil(), "native_async_file_get_error: not enough memory");
    try_text(&error).and_then(|text| Value::try_string(&text)).unwrap_or_else(no_memory)
}

/// Closes a file. Its handle becomes stale and the address of its bytes invalid; a wait in
/// progress on another thread returns integer 0. Also allowed during a load: the load stops
/// after its current step (16 MiB; populate is one step).
///
/// Thread safety: any thread; the caller must make sure that nobody still reads the bytes.
/// Ownership: the handle is taken. Returns 1. Error value: 0 for a bad handle, with a message in
/// rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn native_async_file_close(file: i64) -> i32 {
    match Handle::from_raw(file).ok_or(FileError::BadHandle).and_then(file::close) {
        Ok(()) => 1,
        Err(error) => failed(0, format_args!("native_async_file_close: {error}")),
    }
}

/// Yields the processor to another thread that is ready to run.
///
/// Thread safety: any thread. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn async_yield() {
    crate::thread::yield_now();
}
