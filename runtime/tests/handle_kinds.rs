//! A handle carries its kind: in calls for another kind it names nothing, and does no harm to
//! what it does name.

#[path = "common/c.rs"]
mod c;

use c::*;
use proptest::prelude::*;
use simple_runtime::registry::{Handle, Kind};
use simple_runtime::{RuntimeValue, Value};
use std::collections::HashSet;

extern "C-unwind" fn give_back(data: RuntimeValue) -> Value {
    rt_value_retain(lent(&data))
}

fn spawn(n: i64) -> u64 {
    let thread = rt_thread_spawn_isolated(body(give_back), &rt_value_int(n));
    assert!(thread as i64 > 0);
    thread
}

fn create() -> i64 {
    let file = native_async_file_create(&rt_string_new(b"/proc/version"), 0, 8);
    assert!(file > 0);
    file
}

/// The calls for threads return their error values.
fn assert_is_no_thread(handle: i64) {
    let handle = handle as u64;
    assert!(rt_value_is_nil(&failing("rt_thread_join", || rt_thread_join(handle))));
    assert_eq!(failing("rt_thread_is_done", || rt_thread_is_done(handle)), 1);
    assert_eq!(failing("rt_thread_id", || rt_thread_id(handle)), 0);
    failing("rt_thread_free", || rt_thread_free(handle));
}

/// The calls for files return their error values.
fn assert_is_no_file(handle: u64) {
    let handle = handle as i64;
    let start = || native_async_file_start_loading(handle);
    failing("native_async_file_start_loading", start);
    assert_eq!(failing("native_async_file_is_ready", || native_async_file_is_ready(handle)), 0);
    assert_eq!(failing("native_async_file_get_state", || native_async_file_get_state(handle)), 3);
    let address = failing("native_async_file_wait", || native_async_file_wait(handle));
    assert_eq!(rt_value_as_int(&address), 0);
    assert_eq!(failing("native_async_file_get_size", || native_async_file_get_size(handle)), -1);
    let error = failing("native_async_file_get_error", || native_async_file_get_error(handle));
    assert!(rt_value_is_nil(&error));
    assert_eq!(failing("native_async_file_close", || native_async_file_close(handle)), 0);
}

/// Both as good as new: nothing was taken, closed or freed.
fn use_up(thread: u64, n: i64, file: i64) {
    assert_eq!(rt_value_as_int(&quietly(|| rt_thread_join(thread))), n);
    quietly(|| rt_thread_free(thread));
    assert_ne!(rt_value_as_int(&quietly(|| native_async_file_wait(file))), 0);
    assert_eq!(quietly(|| native_async_file_close(file)), 1);
}

#[test]
fn the_first_file_and_the_first_thread_have_different_handles() {
    let (file, thread) = (create(), spawn(7));
    assert_ne!(file, thread as i64);
    assert_eq!(Handle::from_raw(file).unwrap().kind(), Some(Kind::File));
    assert_eq!(Handle::from_raw(thread as i64).unwrap().kind(), Some(Kind::Thread));
    assert_is_no_thread(file);
    assert_is_no_file(thread);
    // An integer value is a plain word, however compiled code makes it.
    for handle in [file, thread as i64] {
        assert_eq!(rt_value_int(handle).raw().to_bits(), (handle as u64) << 3);
    }
    use_up(thread, 7, file);
}

/// Every handle with the kind of every other.
fn with_each_kind(handle: i64) -> impl Iterator<Item = i64> {
    const KINDS: i64 = 0b11 << 58;
    (0..4).map(move |kind| handle & !KINDS | kind << 58)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Threads and files come and go; whatever the kind of a live, stale or forged handle is
    /// changed to, it reaches nothing but what it is the handle of.
    #[test]
    fn no_handle_reaches_another_kind(
        rounds in prop::collection::vec((any::<bool>(), any::<bool>(), any::<i64>()), 1..24),
    ) {
        let (mut threads, mut files, mut stale) = (Vec::new(), Vec::new(), HashSet::new());
        for (n, (ends_thread, ends_file, forged)) in (0..).zip(rounds) {
            threads.push((spawn(n), n));
            files.push(create());
            if ends_thread {
                let (thread, n) = threads.swap_remove(threads.len() / 2);
                prop_assert_eq!(rt_value_as_int(&rt_thread_join(thread)), n);
                rt_thread_free(thread);
                stale.insert(thread as i64);
            }
            if ends_file {
                let file = files.swap_remove(files.len() / 2);
                prop_assert_eq!(native_async_file_close(file), 1);
                stale.insert(file);
            }
            stale.insert(forged);
        }
        let live_threads: HashSet<_> = threads.iter().map(|&(thread, _)| thread as i64).collect();
        let live_files: HashSet<_> = files.iter().copied().collect();
        let known = live_threads.iter().chain(&live_files).chain(&stale);
        for handle in known.flat_map(|&handle| with_each_kind(handle)) {
            if !live_threads.contains(&handle) {
                assert_is_no_thread(handle);
            }
            if !live_files.contains(&handle) {
                assert_is_no_file(handle as u64);
            }
        }
        for (thread, n) in threads {
            prop_assert_eq!(rt_value_as_int(&quietly(|| rt_thread_join(thread))), n);
            quietly(|| rt_thread_free(thread));
        }
        for file in files {
            prop_assert_ne!(rt_value_as_int(&quietly(|| native_async_file_wait(file))), 0);
            prop_assert_eq!(quietly(|| native_async_file_close(file)), 1);
        }
    }
}
