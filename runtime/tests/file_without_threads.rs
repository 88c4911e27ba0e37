//! Without threads, a started load is done by the waiter. Alone in its process,
//! whose memory it limits.

#[path = "common/address_space.rs"]
mod address_space;

use address_space::with_little_left;
use simple_runtime::file::{self, FileState, Prefault};
use std::fs;

#[test]
fn the_first_wait_loads_what_no_loader_can() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data");
    fs::write(&path, b"data").unwrap();
    let create = || file::create(&path, 0, Prefault::Auto).unwrap();
    let (waited_for, left_over, closed, later) = (create(), create(), create(), create());

    // Room for small things, not for a thread's stack.
    with_little_left(256 << 10, || {
        for handle in [waited_for, left_over, closed] {
            assert_eq!(file::start_loading(handle), Ok(true));
        }
        assert_eq!(file::stats().loader_starts, 0);
        let message = simple_runtime::error::last_error().unwrap();
        assert!(message.contains("no loader thread"), "{message}");
        assert_eq!(file::state(waited_for), FileState::Loading);
        assert_eq!(file::wait(waited_for).map(|loaded| loaded.len_bytes), Ok(4));
        assert_eq!(file::close(closed), Ok(()));
    });

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
