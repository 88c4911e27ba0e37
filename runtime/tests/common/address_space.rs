//! A process without memory for one thing more. Whoever uses this is alone in its process.
#![allow(dead_code, reason = "not every test program uses everything")]

use std::fs;

/// Runs `f` while about `spare_bytes` of address space are to be had: other threads may take
/// or give back some meanwhile.
pub fn with_little_left<R>(spare_bytes: u64, f: impl FnOnce() -> R) -> R {
    let before = limit(taken_bytes() + spare_bytes);
    let result = f();
    limit(before);
    result
}

fn taken_bytes() -> u64 {
    let pages = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = pages.split(' ').next().unwrap().parse().unwrap();
    // SAFETY: no memory is involved.
    pages * unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as u64
}

/// Sets the soft limit of the process's address space, and returns the previous one.
fn limit(bytes: libc::rlim_t) -> libc::rlim_t {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: a place to write to that outlives the calls.
    unsafe {
        assert_eq!(libc::getrlimit(libc::RLIMIT_AS, &mut limit), 0);
        let before = std::mem::replace(&mut limit.rlim_cur, bytes);
        assert_eq!(libc::setrlimit(libc::RLIMIT_AS, &limit), 0);
        before
    }
}
