//! Calls on files and threads, by handles of all sorts, and on coverage.

use super::bodies::{RunningThread, thread_body, thread_body_of_one};
use super::world::{Call, Op, World};
use crate::c::*;
use simple_runtime::ffi::coverage::{
    rt_coverage_condition_probe, rt_coverage_decision_probe, rt_coverage_dump_lcov,
    rt_coverage_dump_sdn, rt_coverage_free_sdn,
};
use std::ffi::{CStr, c_char};
use std::ptr;

pub const CALLS: &[Call] = &[
    create_file,
    create_file,
    start_loading,
    look_at_file,
    wait_for_file,
    close_file,
    spawn,
    spawn_of_one,
    spawn_nothing,
    join,
    look_at_thread,
    free_thread,
    pause,
    probe,
    walk_path,
    dump,
    clear_coverage,
];

fn create_file(world: &mut World, op: &Op) {
    let path = world.value(world.prefer(op.a, "string"));
    let mode = [0, libc::O_RDWR, libc::O_WRONLY, libc::O_CREAT][usize::from(op.b / 16) % 4];
    let prefault = i32::from(op.b % 16) - 3;
    let file = native_async_file_create(&path, mode, prefault);
    let is_path = path.as_str().is_some_and(|path| !path.contains('\0'));
    assert_eq!(file > 0, is_path && (0..9).contains(&prefault) && mode != libc::O_CREAT);
    assert!(file >= 0);
    world.files.extend((file > 0).then_some(file));
}

fn start_loading(world: &mut World, op: &Op) {
    native_async_file_start_loading(world.file(op));
}

fn look_at_file(world: &mut World, op: &Op) {
    let file = world.file(op);
    assert!((0..=3).contains(&native_async_file_get_state(file)));
    assert!((0..=1).contains(&native_async_file_is_ready(file)));
    assert!(native_async_file_get_size(file) >= -1);
    let error = native_async_file_get_error(file);
    assert!(rt_value_is_nil(&error) || error.as_str().is_some());
}

fn wait_for_file(world: &mut World, op: &Op) {
    let file = world.file(op);
    let address = rt_value_as_int(&native_async_file_wait(file));
    // Nobody but this thread closes files.
    assert_eq!(native_async_file_get_state(file), if address == 0 { 3 } else { 2 });
    assert_eq!(native_async_file_get_size(file) >= 0, address != 0);
}

fn close_file(world: &mut World, op: &Op) {
    let file = world.file(op);
    assert!((0..=1).contains(&native_async_file_close(file)));
    assert_eq!(failing("native_async_file_close", || native_async_file_close(file)), 0);
    assert_eq!(native_async_file_get_state(file), 3);
}

fn spawn(world: &mut World, op: &Op) {
    let (data, channel) = (world.value(op.a), rt_channel_new());
    RunningThread::begins();
    let thread = rt_thread_spawn_isolated2(body_with_channel(thread_body), &data, &channel);
    assert!(thread as i64 > 0);
    world.threads.push((thread, world.pick(op.a).level));
}

fn spawn_of_one(world: &mut World, op: &Op) {
    RunningThread::begins();
    let thread = rt_thread_spawn_isolated(body(thread_body_of_one), &world.pick(op.a).value);
    assert!(thread as i64 > 0);
    world.threads.push((thread, world.pick(op.a).level));
}

fn spawn_nothing(world: &mut World, op: &Op) {
    let data = world.value(op.a);
    assert_eq!(failing("rt_thread_spawn_isolated", || rt_thread_spawn_isolated(0, &data)), 0);
    let spawn2 = || rt_thread_spawn_isolated2(0, &data, &data);
    assert_eq!(failing("rt_thread_spawn_isolated2", spawn2), 0);
}

fn join(world: &mut World, op: &Op) {
    let thread = world.thread(op);
    let level = world.threads.iter().find(|known| known.0 == thread).map_or(0, |known| known.1);
    let result = rt_thread_join(thread);
    assert_eq!(rt_thread_is_done(thread), 1, "joined, or a bad handle");
    assert!(rt_value_is_nil(&failing("rt_thread_join", || rt_thread_join(thread))));
    world.add(result, level);
}

fn look_at_thread(world: &mut World, op: &Op) {
    let thread = world.thread(op);
    assert!((0..=1).contains(&rt_thread_is_done(thread)));
    let id = rt_thread_id(thread);
    assert!(id >= 0 && id == rt_thread_id(thread));
}

fn free_thread(world: &mut World, op: &Op) {
    let thread = world.thread(op);
    rt_thread_free(thread);
    assert_eq!(failing("rt_thread_id", || rt_thread_id(thread)), 0);
    failing("rt_thread_free", || rt_thread_free(thread));
}

fn pause(_: &mut World, op: &Op) {
    rt_thread_sleep(op.n.min(0));
    rt_thread_yield();
    async_yield();
    assert!(rt_thread_available_parallelism() >= 1);
}

const FILES: [*const c_char; 4] =
    [ptr::null(), c"".as_ptr(), c"fuzz.spl".as_ptr(), c"with, \"quotes\"\n".as_ptr()];

fn probe(_: &mut World, op: &Op) {
    let file = FILES[usize::from(op.b) % FILES.len()];
    let (id, line, column) = (u32::from(op.a) % 8, op.n as u32, (op.n >> 32) as u32);
    // SAFETY: NULL or a static text.
    unsafe {
        rt_coverage_condition_probe(
            id,
            op.n as u32 % 70,
            (op.a & 8 == 0).into(),
            file,
            line,
            column,
        );
        rt_coverage_decision_probe(id, (op.a & 16 == 0).into(), file, line, column);
    }
}

fn walk_path(_: &mut World, op: &Op) {
    let path = u32::from(op.a) % 8;
    match op.b % 4 {
        0 => rt_coverage_path_begin(path + 8),
        1 => rt_coverage_path_finalize(path + 8 * u32::from(op.a & 1)),
        _ => rt_coverage_path_probe(path, op.n as u32),
    }
}

fn dump(_: &mut World, op: &Op) {
    let sdn = op.a & 1 == 0;
    let text = if sdn { rt_coverage_dump_sdn() } else { rt_coverage_dump_lcov() };
    assert!(!text.is_null());
    // SAFETY: a text of this call, freed once and not looked at again; NULL frees nothing.
    unsafe {
        let begins = CStr::from_ptr(text).to_bytes();
        assert!(!sdn || begins.starts_with(b"# Coverage Report\n"));
        rt_coverage_free_sdn(text);
        rt_coverage_free_sdn(ptr::null_mut());
    }
}

fn clear_coverage(_: &mut World, op: &Op) {
    rt_coverage_set_enabled(false);
    rt_coverage_path_probe(1, op.n as u32);
    rt_coverage_set_enabled(true);
    rt_coverage_clear();
}
