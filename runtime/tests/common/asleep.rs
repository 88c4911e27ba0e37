//! Seeing that another thread sleeps, instead of guessing how long it takes to get there.
#![allow(dead_code, reason = "not every test program uses everything")]

use std::{fs, thread};

/// The kernel's number of the calling thread.
pub fn thread_number() -> i32 {
    // SAFETY: no memory is involved.
    unsafe { libc::gettid() }
}

/// Waits until the kernel says that the thread of this process sleeps.
pub fn wait_until_asleep(number: i32) {
    while state(number) != Some('S') {
        thread::yield_now();
    }
}

/// The letter behind the command's name, which stands in parentheses.
fn state(number: i32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/self/task/{number}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}
