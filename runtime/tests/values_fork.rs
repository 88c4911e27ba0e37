//! A process that forks while other threads use arrays, channels and objects: the child can use
//! the same ones, finds nothing half done, and never waits for a thread that it does not have.

#[path = "common/c.rs"]
mod c;

use c::*;
use simple_runtime::Value;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

const FORKS: usize = 60;
/// If the child hangs: nothing else ends it.
const CHILD_SECONDS: u32 = 60;

/// Runs `f` in a forked process, which must end well.
fn in_child(f: impl FnOnce()) {
    // SAFETY: the child calls what the runtime says a child may call, and the allocator, which
    // can be used there; it leaves without destructors.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: no memory is involved.
        unsafe { libc::alarm(CHILD_SECONDS) };
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f));
        // SAFETY: as above.
        unsafe { libc::_exit(i32::from(ended.is_err())) };
    }
    assert!(child > 0);
    let mut status = 0;
    // SAFETY: a place to write to.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert_eq!(status, 0, "the child hung (signal {}) or failed", status & 0x7f);
}

/// Forks again and again while other threads run `work`, one with each number.
fn fork_beside(threads: usize, work: impl Fn(usize, &AtomicBool) + Sync, child: impl Fn()) {
    let (stop, work) = (&AtomicBool::new(false), &work);
    thread::scope(|scope| {
        for number in 0..threads {
            scope.spawn(move || work(number, stop));
        }
        for _ in 0..FORKS {
            in_child(&child);
            thread::yield_now();
        }
        stop.store(true, Ordering::Relaxed);
    });
}

/// Item i of the array is i, or a string of i bytes.
fn item(i: i64) -> Value {
    if i % 2 == 0 { rt_value_int(i) } else { rt_string_new(&vec![b'x'; i as usize % 300]) }
}

fn check_item(i: i64, value: &Value) {
    match i % 2 {
        0 => assert_eq!(value.as_int(), Some(i)),
        _ => assert_eq!(value.as_str().map(str::len), Some(i as usize % 300)),
    }
}

#[test]
fn a_child_finds_arrays_whole_and_can_change_them() {
    let array = rt_array_new(0);
    let grow_and_shrink = |_: usize, stop: &AtomicBool| {
        while !stop.load(Ordering::Relaxed) {
            // One thread changes the length: items know their places.
            (0..3000).for_each(|i| assert!(rt_array_push(&array, &item(i))));
            (0..1500).for_each(|i| assert!(rt_array_set(&array, i, &item(i))));
            (0..2990).for_each(|_| drop(rt_array_pop(&array)));
            assert!(rt_array_clear(&array));
        }
    };
    let read = |stop: &AtomicBool| {
        while !stop.load(Ordering::Relaxed) {
            drop(rt_array_get(&array, 3));
            assert!(rt_array_len(&array) >= 0);
        }
    };
    let work = |number: usize, stop: &AtomicBool| match number {
        0 => grow_and_shrink(0, stop),
        _ => read(stop),
    };
    fork_beside(3, work, || {
        let len = rt_array_len(&array);
        for i in 0..len {
            check_item(i, &rt_array_get(&array, i));
        }
        for i in 0..2000 {
            assert!(rt_array_push(&array, &item(len + i)));
        }
        while rt_array_len(&array) > 0 {
            let last = rt_array_len(&array) - 1;
            check_item(last, &rt_array_pop(&array));
        }
    });
}

#[test]
fn a_child_finds_channels_whole_and_can_use_them() {
    let channel = rt_channel_new();
    let work = |number: usize, stop: &AtomicBool| {
        let mut sent = 0;
        while !stop.load(Ordering::Relaxed) {
            if number == 0 {
                // Bursts, so that the queue grows and shrinks.
                (0..2000).for_each(|i| {
                    assert_eq!(rt_channel_send(&channel, &rt_value_int(sent + i)), 1)
                });
                sent += 2000;
            }
            while !rt_value_is_nil(&rt_channel_recv_timeout(&channel, i64::from(number != 0))) {}
        }
    };
    fork_beside(3, work, || {
        let received: Vec<_> =
            std::iter::from_fn(|| rt_channel_try_recv(&channel).as_int()).collect();
        // One sender counts, and values leave in order. The first may be one that a thread of the
        // parent was about to take.
        assert!(received.windows(2).all(|pair| pair[1] == pair[0] + 1), "{received:?}");
        // A receiver of the child's own, asleep or not, is woken by the child's own sender.
        thread::scope(|scope| {
            let receiver = scope.spawn(|| rt_channel_recv(&channel).as_int());
            assert_eq!(rt_channel_send(&channel, &rt_value_int(-7)), 1);
            assert_eq!(receiver.join().unwrap(), Some(-7));
        });
        assert_eq!(rt_channel_close(&channel), 1);
    });
}

#[test]
fn a_child_can_make_and_free_objects() {
    let made = |n: usize| {
        let objects: Vec<_> = (0..n as i64).map(|i| rt_value_float(0.1 + i as f64)).collect();
        for (i, object) in objects.iter().enumerate() {
            assert_eq!(rt_value_as_float(object), 0.1 + i as f64);
        }
    };
    let work = |_: usize, stop: &AtomicBool| {
        while !stop.load(Ordering::Relaxed) {
            made(1000);
        }
    };
    fork_beside(3, work, || {
        made(5000);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| made(5000));
            }
        });
        // A child of the child, too.
        in_child(|| made(1000));
    });
}
