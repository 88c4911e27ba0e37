//! No thread can be had: what was started is loaded by whoever waits. Alone in its process,
//! whose memory it limits.

use simple_runtime::file::{self, FileState, Prefault};
use std::fs;

fn address_space_bytes() -> u64 {
    let pages = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = pages.split(' ').next().unwrap().parse().unwrap();
    // SAFETY: no memory is involved.
    pages * unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as u64
}

/// Sets the soft limit of the process's address space, and answers what it was.
fn limit_address_space(bytes: libc::rlim_t) -> libc::rlim_t {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: a place to write to that outlives the calls.
    unsafe {
        assert_eq!(libc::getrlimit(libc::RLIMIT_AS, &mut limit), 0);
        let before = std::mem::replace(&mut limit.rlim_cur, bytes);
        assert_eq!(libc::setrlimit(libc::RLIMIT_AS, &limit), 0);
        before
    }
}

#[test]
fn the_first_wait_loads_what_no_loader_can() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data");
    fs::write(&path, b"data").unwrap();
    let create = || file::create(&path, 0, Prefault::Auto).unwrap();
    let (waited_for, left_over, closed, later) = (create(), create(), create(), create());

    // Room for small things, not for a thread's stack.
    let before = limit_address_space(address_space_bytes() + (256 << 10));
    for handle in [waited_for, left_over, closed] {
        assert_eq!(file::start_loading(handle), Ok(true));
    }
    assert_eq!(file::stats().loader_starts, 0);
    assert_eq!(file::state(waited_for), FileState::Loading);
    assert_eq!(file::wait(waited_for).map(|loaded| loaded.len_bytes), Ok(4));
    assert_eq!(file::close(closed), Ok(()));
    limit_address_space(before);

    // Once threads can be had again, the next start brings one, which finds what was left.
    assert_eq!(file::state(left_over), FileState::Loading);
    assert_eq!(file::start_loading(later), Ok(true));
    for handle in [left_over, later] {
        while file::state(handle) == FileState::Loading {
            std::thread::yield_now();
        }
        assert!(file::is_ready(handle));
    }
    let stats = file::stats();
    assert_eq!((stats.loads_by_waiters, stats.loads_by_loaders), (1, 2));
    for handle in [waited_for, left_over, later] {
        assert_eq!(file::close(handle), Ok(()));
    }
}
