//! Path traces belong to a thread, nest with `path_begin`, and count when they end.

use simple_runtime::coverage::{
    PathRow, clear, path_begin, path_block, path_finalize, report, set_enabled,
};
use std::sync::{Arc, Barrier, Mutex, MutexGuard, PoisonError};
use std::thread;

fn from_nothing() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    clear();
    guard
}

/// Runs on a new thread, so that no trace and no use of `path_begin` is left over.
fn on_a_thread(body: impl FnOnce() + Send + 'static) {
    thread::spawn(body).join().unwrap();
}

fn pass(path: u32, blocks: &[u32]) {
    for block in blocks {
        path_block(path, *block);
    }
    path_finalize(path);
}

fn row(path_id: u32, blocks: &[u32], hit_count: u64) -> PathRow {
    PathRow { path_id, blocks: blocks.to_vec(), hit_count }
}

#[test]
fn equal_traces_are_one_path() {
    let _one = from_nothing();
    on_a_thread(|| {
        pass(1, &[0, 1, 3]);
        pass(1, &[0, 2, 3]);
        pass(1, &[0, 1, 3]);
        pass(u32::MAX, &[u32::MAX]);
        pass(1, &[0]);
        pass(1, &[10]);
        pass(1, &[2]);
    });
    let expected = [
        row(1, &[0], 1),
        row(1, &[0, 1, 3], 2),
        row(1, &[0, 2, 3], 1),
        row(1, &[2], 1),
        row(1, &[10], 1),
        row(u32::MAX, &[u32::MAX], 1),
    ];
    assert_eq!(report().paths, expected);
}

#[test]
fn threads_do_not_mix() {
    const THREADS: usize = 4;
    const ROUNDS: u64 = 500;
    let _one = from_nothing();
    let step = Arc::new(Barrier::new(THREADS));
    let threads: Vec<_> = (0..THREADS as u32)
        .map(|t| {
            let step = step.clone();
            thread::spawn(move || {
                for _ in 0..ROUNDS {
                    path_block(1, t);
                    step.wait();
                    path_block(1, t + 100);
                    path_finalize(1);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let expected: Vec<_> = (0..THREADS as u32).map(|t| row(1, &[t, t + 100], ROUNDS)).collect();
    assert_eq!(report().paths, expected);
}

#[test]
fn begin_keeps_recursive_traces_apart() {
    fn descend(depth: u32) {
        path_begin(1);
        path_block(1, depth);
        if depth > 0 {
            descend(depth - 1);
        }
        path_block(1, 100);
        path_finalize(1);
    }
    let _one = from_nothing();
    on_a_thread(|| descend(3));
    let expected: Vec<_> = (0..4).map(|depth| row(1, &[depth, 100], 1)).collect();
    assert_eq!(report().paths, expected);
}

#[test]
fn recursion_a_million_deep() {
    const DEPTH: u32 = 1 << 20;
    let _one = from_nothing();
    on_a_thread(|| {
        for depth in 0..DEPTH {
            path_begin(1);
            path_block(1, depth % 2);
        }
        for depth in (0..DEPTH).rev() {
            path_block(1, 10 + depth % 2);
            path_finalize(1);
        }
    });
    let half = u64::from(DEPTH / 2);
    assert_eq!(report().paths, [row(1, &[0, 10], half), row(1, &[1, 11], half)]);
}

#[test]
fn different_paths_may_be_open_at_once() {
    let _one = from_nothing();
    on_a_thread(|| {
        path_block(1, 1);
        path_block(2, 1);
        path_block(1, 2);
        path_finalize(1);
        path_block(2, 3);
        path_finalize(2);
    });
    assert_eq!(report().paths, [row(1, &[1, 2], 1), row(2, &[1, 3], 1)]);
}

#[test]
fn only_what_ends_counts() {
    let _one = from_nothing();
    on_a_thread(|| {
        path_finalize(1);
        path_block(1, 5);
        path_begin(2);
        path_block(2, 5);
    });
    assert_eq!(report().paths, []);
    on_a_thread(|| {
        path_begin(1);
        path_finalize(1);
        path_finalize(1);
    });
    assert_eq!(report().paths, [row(1, &[], 1)]);
}

#[test]
fn a_clear_forgets_paths_and_the_trace_in_progress() {
    let _one = from_nothing();
    on_a_thread(|| {
        for _ in 0..3 {
            pass(1, &[1, 2]);
            path_block(1, 1);
            clear();
            assert_eq!(report().paths, []);
            pass(1, &[2]);
            assert_eq!(report().paths, [row(1, &[2], 1)]);
        }
    });
}

#[test]
fn switched_off_no_trace_grows() {
    let _one = from_nothing();
    on_a_thread(|| {
        path_block(1, 1);
        set_enabled(false);
        path_block(1, 2);
        path_finalize(1);
        set_enabled(true);
        pass(1, &[3]);
    });
    assert_eq!(report().paths, [row(1, &[1, 3], 1)]);
}
