//! Async files. Nothing is loaded by another thread: who waits for a file that nobody loads
//! loads it.

use super::{List, calls};
use crate::{Data, Prepared};
use anyhow::{Context, Result, ensure};
use simple_runtime::ffi::file::*;
use simple_runtime::{RuntimeValue, Value};
use std::ffi::c_char;
use std::hint::black_box;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

const FAMILY: &str = "file";
const FILE_BYTES: u64 = 4096;
const READY: i32 = 2;
/// Prefault strategies: map and no more, read into memory of our own.
const NONE: i32 = 0;
const COPY: i32 = 6;

type Create = unsafe extern "C" fn(RuntimeValue, i32, i32) -> i64;
type CreateBytes = unsafe extern "C" fn(*const c_char, u64, i32, i32) -> i64;

/// A path as compiled code has it.
fn path_value(path: &Path) -> Result<Value> {
    Ok(Value::string(path.to_str().context("the path is no UTF-8")?))
}

/// A file that has been loaded, closed when this is dropped.
struct Loaded(i64);

impl Loaded {
    fn new(data: &Data) -> Result<Self> {
        let path = path_value(&data.generated(FILE_BYTES)?)?;
        // SAFETY: the path is alive during the call.
        let file = Self(unsafe { native_async_file_create(path.raw(), 0, NONE) });
        ensure!(native_async_file_wait(file.0).as_int() != Some(0), "the file cannot be loaded");
        Ok(file)
    }

    /// Through the whole value, so that a closure keeps it, not a copy of its number.
    fn handle(&self) -> i64 {
        self.0
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        native_async_file_close(self.0);
    }
}

/// [`CALLS`](super::CALLS) times a call about a loaded file.
fn about_loaded(data: &Data, answer: u64, call: impl Fn(i64) -> u64 + 'static) -> Result<Prepared> {
    let file = Loaded::new(data)?;
    calls(answer, move || call(file.handle()))
}

pub(super) fn add(list: &mut List) {
    lifetimes(list);
    questions(list);
}

fn lifetimes(list: &mut List) {
    let why = "a handle and a copy of the path; closed without having been loaded";
    list.add(FAMILY, "native_async_file_create", why, |data| {
        let create = black_box(native_async_file_create as Create);
        let close = black_box(native_async_file_close as extern "C" fn(i64) -> i32);
        let path = path_value(&data.generated(FILE_BYTES)?)?;
        // SAFETY: the closure keeps the path alive.
        calls(1, move || close(unsafe { create(path.raw(), 0, NONE) }) as u64)
    });
    let why = "the same by bytes, which need be no UTF-8";
    list.add(FAMILY, "native_async_file_create_bytes", why, |data| {
        let create = black_box(native_async_file_create_bytes as CreateBytes);
        let close = black_box(native_async_file_close as extern "C" fn(i64) -> i32);
        let path = data.generated(FILE_BYTES)?;
        calls(1, move || {
            let bytes = path.as_os_str().as_bytes();
            // SAFETY: the bytes are the path's, which the closure keeps.
            let file = unsafe { create(bytes.as_ptr().cast(), bytes.len() as u64, 0, NONE) };
            close(file) as u64
        })
    });
    let why = "4 KiB mapped by the waiter and unmapped: all but the kernel's part of a load";
    list.add(FAMILY, ("native_async_file_close", "mapped"), why, |data| {
        loaded_and_closed(data, NONE)
    })
    .quick();
    let why = "4 KiB read by the waiter: all but the kernel's part";
    list.add(FAMILY, ("native_async_file_close", "copied"), why, |data| {
        loaded_and_closed(data, COPY)
    });
}

fn loaded_and_closed(data: &Data, prefault: i32) -> Result<Prepared> {
    let create = black_box(native_async_file_create as Create);
    let wait = black_box(native_async_file_wait as extern "C" fn(i64) -> Value);
    let close = black_box(native_async_file_close as extern "C" fn(i64) -> i32);
    let path = path_value(&data.generated(FILE_BYTES)?)?;
    calls(1, move || {
        // SAFETY: the closure keeps the path alive.
        let file = unsafe { create(path.raw(), 0, prefault) };
        let address = wait(file).into_raw().small_int();
        let is_loaded = address.is_some_and(|address| address != 0);
        (close(file) as u64) & u64::from(is_loaded)
    })
}

fn questions(list: &mut List) {
    let why = "asked for again: does nothing";
    list.add(FAMILY, ("native_async_file_start_loading", "loaded"), why, |data| {
        let start = black_box(native_async_file_start_loading as extern "C" fn(i64));
        about_loaded(data, 1, move |file| {
            start(file);
            1
        })
    });
    list.add(FAMILY, "native_async_file_is_ready", "a main loop asks this most", |data| {
        let is_ready = black_box(native_async_file_is_ready as extern "C" fn(i64) -> i32);
        about_loaded(data, 1, move |file| is_ready(file) as u64)
    })
    .quick();
    list.add(FAMILY, "native_async_file_get_state", "one load, after the handle's check", |data| {
        let state = black_box(native_async_file_get_state as extern "C" fn(i64) -> i32);
        about_loaded(data, READY as u64, move |file| state(file) as u64)
    });
    list.add(
        FAMILY,
        ("native_async_file_wait", "loaded"),
        "the address, once it is known",
        |data| {
            let wait = black_box(native_async_file_wait as extern "C" fn(i64) -> Value);
            let file = Loaded::new(data)?;
            let address = native_async_file_wait(file.0).into_raw().to_bits();
            calls(address, move || wait(file.handle()).into_raw().to_bits())
        },
    );
    list.add(FAMILY, "native_async_file_get_size", "beside every address", |data| {
        let size = black_box(native_async_file_get_size as extern "C" fn(i64) -> i64);
        about_loaded(data, FILE_BYTES, move |file| size(file) as u64)
    });
    list.add(FAMILY, "native_async_file_get_error", "of a file that is well", |data| {
        let error = black_box(native_async_file_get_error as extern "C" fn(i64) -> Value);
        about_loaded(data, Value::nil().raw().to_bits(), move |file| {
            error(file).into_raw().to_bits()
        })
    });
    list.add(FAMILY, "async_yield", "a turn of a loop that waits", |_| {
        let pause = black_box(async_yield as extern "C" fn());
        calls(1, move || {
            pause();
            1
        })
    });
}
