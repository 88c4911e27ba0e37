//! Limits of the system: processors and threads. Each in a process of its own, whose limits
//! it changes.

#[path = "common/address_space.rs"]
mod address_space;
#[path = "common/c.rs"]
mod c;
#[path = "common/child.rs"]
mod child;

use c::*;
use simple_runtime::{RuntimeValue, Value};
use std::mem;
use std::os::unix::process::CommandExt;

#[test]
fn available_parallelism_is_at_least_one() {
    assert!(quietly(rt_thread_available_parallelism) >= 1);
    assert!(rt_thread_available_parallelism() <= allowed_processors().len() as i64);
}

/// The numbers of the processors that this process may run on.
fn allowed_processors() -> Vec<usize> {
    // SAFETY: all zeros are a set, the empty one, and the call writes within it.
    let set = unsafe {
        let mut set: libc::cpu_set_t = mem::zeroed();
        assert_eq!(libc::sched_getaffinity(0, size_of_val(&set), &mut set), 0);
        set
    };
    // SAFETY: the numbers are within the set.
    (0..libc::CPU_SETSIZE as usize).filter(|&cpu| unsafe { libc::CPU_ISSET(cpu, &set) }).collect()
}

/// The same test on one processor after the other, as taskset would run it.
#[test]
fn available_parallelism_honours_affinity() {
    const NAME: &str = "available_parallelism_honours_affinity";
    if child::is_child(NAME) {
        return assert_eq!(rt_thread_available_parallelism(), 1);
    }
    for cpu in allowed_processors() {
        let stay_there = move || {
            // SAFETY: all zeros are a set, the number is within it, and the call reads it.
            let answer = unsafe {
                let mut set: libc::cpu_set_t = mem::zeroed();
                libc::CPU_SET(cpu, &mut set);
                libc::sched_setaffinity(0, size_of_val(&set), &set)
            };
            if answer == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
        };
        let mut command = child::command(NAME);
        // SAFETY: between fork and exec it makes one system call and allocates nothing.
        unsafe { command.pre_exec(stay_there) };
        child::run(&mut command);
    }
}

extern "C-unwind" fn give_back(data: RuntimeValue) -> Value {
    rt_value_retain(lent(&data))
}

#[test]
fn without_a_thread_to_be_had_spawn_is_0_with_a_message() {
    const NAME: &str = "without_a_thread_to_be_had_spawn_is_0_with_a_message";
    if !child::is_child(NAME) {
        child::run(&mut child::command(NAME));
        return;
    }
    let data = rt_string_new(b"data");
    let spawn = || rt_thread_spawn_isolated(body(give_back), &data);
    // Room for small things, not for a thread's stack.
    let failing_spawn = || failing("rt_thread_spawn_isolated", spawn);
    let handle = address_space::with_little_left(256 << 10, failing_spawn);
    assert_eq!(handle, 0);
    // And once there is room again, there are threads again.
    let thread = spawn();
    assert_eq!(rt_thread_join(thread).as_str(), Some("data"));
    rt_thread_free(thread);
}
