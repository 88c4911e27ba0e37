//! No memory, or no map, for a thread or for what it needs: the call that wants one says so, or
//! does without, and the process lives. Each in a process of its own, which has no room left.

#[path = "common/address_space.rs"]
mod address_space;
#[path = "common/asleep.rs"]
mod asleep;
#[path = "common/child.rs"]
mod child;
#[path = "common/maps.rs"]
mod maps;

use maps::AllMaps;
use simple_runtime::executor::{self, ExecutorError, Mode};
use simple_runtime::file::{self, Prefault};
use simple_runtime::thread::{self, ThreadError};
use simple_runtime::{RuntimeValue, Value, error};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Numbers of maps that are too few for a thread, or just enough.
const SPARE_MAPS: [usize; 9] = [0, 1, 2, 3, 4, 5, 8, 16, 64];

static RAN: AtomicU32 = AtomicU32::new(0);

extern "C-unwind" fn seven(_: RuntimeValue) -> Value {
    RAN.fetch_add(1, Ordering::Relaxed);
    Value::int(7)
}

/// Every thread takes its memory from the heap that there is.
fn one_heap() {
    // SAFETY: a number that is set before other threads are there.
    assert_eq!(unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) }, 1);
}

/// Has `test` run in a child of its own for each number of [`SPARE_MAPS`] left.
fn with_spare_maps(name: &str, test: fn()) {
    const SPARE: &str = "SPARE_MAPS";
    if !child::is_child(name) {
        for spare in SPARE_MAPS {
            child::run(child::command(name).env(SPARE, spare.to_string()));
        }
        return;
    }
    let spare = std::env::var(SPARE).unwrap().parse().unwrap();
    one_heap();
    let Some(all) = AllMaps::take(spare) else { return };
    test();
    drop(all);
    // And once there are maps again, there are threads.
    test();
    let handle = thread::spawn_isolated(seven, &Value::nil()).unwrap();
    assert_eq!(thread::join(handle).unwrap().as_int(), Some(7));
}

fn a_file_is_loaded() {
    let path = std::env::current_exe().unwrap();
    let expected = path.metadata().unwrap().len() as usize;
    for strategy in [Prefault::Auto, Prefault::Copy] {
        let handles = [(); 4].map(|()| file::create(&path, 0, strategy).unwrap());
        for handle in handles {
            assert_eq!(file::start_loading(handle), Ok(true));
        }
        for handle in handles {
            match file::wait(handle) {
                Ok(loaded) => assert_eq!(loaded.len_bytes, expected),
                Err(error) => assert!(error.to_string().contains("memory"), "{error}"),
            }
            file::close(handle).unwrap();
        }
    }
}

#[test]
fn with_few_maps_left_files_are_loaded() {
    with_spare_maps("with_few_maps_left_files_are_loaded", a_file_is_loaded);
}

fn a_thread_runs_or_is_refused() {
    let before = RAN.load(Ordering::Relaxed);
    match thread::spawn_isolated(seven, &Value::nil()) {
        Ok(handle) => {
            assert_eq!(thread::join(handle).unwrap().as_int(), Some(7));
            assert!(thread::free(handle));
        }
        Err(error) => {
            assert!(matches!(error, ThreadError::NoThread(_)), "{error}");
            assert_eq!(RAN.load(Ordering::Relaxed), before);
        }
    }
}

#[test]
fn with_few_maps_left_a_thread_runs_or_is_refused() {
    const NAME: &str = "with_few_maps_left_a_thread_runs_or_is_refused";
    with_spare_maps(NAME, a_thread_runs_or_is_refused);
}

fn a_task_runs() {
    let before = RAN.load(Ordering::Relaxed);
    match executor::start() {
        Ok(()) | Err(ExecutorError::NoThread(_)) => {}
        Err(error) => panic!("{error}"),
    }
    assert!(executor::submit(seven, Value::nil()) > 0);
    executor::shutdown().unwrap();
    assert_eq!(RAN.load(Ordering::Relaxed), before + 1);
}

#[test]
fn with_few_maps_left_tasks_run() {
    with_spare_maps("with_few_maps_left_tasks_run", a_task_runs);
}

/// All of the heap, in pieces, which are given back when this is dropped.
struct AllMemory(*mut libc::c_void);

impl AllMemory {
    fn take() -> Self {
        let mut last = ptr::null_mut();
        // SAFETY: each piece has room for a pointer to the one before.
        unsafe {
            for bytes in [1 << 20, 1 << 12, 256, 64, 32, 16] {
                loop {
                    let piece = libc::malloc(bytes);
                    if piece.is_null() {
                        break;
                    }
                    piece.cast::<*mut libc::c_void>().write(last);
                    last = piece;
                }
            }
        }
        Self(last)
    }
}

impl Drop for AllMemory {
    fn drop(&mut self) {
        while !self.0.is_null() {
            // SAFETY: written in `take`.
            unsafe {
                let before = self.0.cast::<*mut libc::c_void>().read();
                libc::free(self.0);
                self.0 = before;
            }
        }
    }
}

/// Runs `f` without memory for anything.
fn without_memory<R>(f: impl FnOnce() -> R) -> R {
    address_space::with_little_left(0, || {
        let _all = AllMemory::take();
        f()
    })
}

fn alone_in_its_process(name: &str, test: fn()) {
    if child::is_child(name) {
        one_heap();
        // The harness's thread takes memory for its wait.
        asleep::wait_until_asleep(std::process::id() as i32);
        test();
    } else {
        child::run(&mut child::command(name));
    }
}

#[test]
fn without_memory_a_thread_is_refused() {
    alone_in_its_process("without_memory_a_thread_is_refused", || {
        let refused = without_memory(|| thread::spawn_isolated(seven, &Value::nil()));
        assert!(
            matches!(refused, Err(ThreadError::NoThread(_) | ThreadError::TooManyThreads)),
            "{refused:?}"
        );
        assert_eq!(RAN.load(Ordering::Relaxed), 0);
        a_thread_runs_or_is_refused();
        assert_eq!(RAN.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn without_memory_the_executor_stays_idle() {
    alone_in_its_process("without_memory_the_executor_stays_idle", || {
        for workers in [1, 64] {
            executor::set_workers(workers).unwrap();
            let refused = without_memory(executor::start);
            assert!(matches!(refused, Err(ExecutorError::NoThread(_))), "{refused:?}");
        }
        executor::set_mode(Mode::Threaded).unwrap();
        a_task_runs();
    });
}

#[test]
fn without_memory_a_started_file_is_left_to_its_waiter() {
    alone_in_its_process("without_memory_a_started_file_is_left_to_its_waiter", || {
        let path = std::env::current_exe().unwrap();
        let handle = file::create(&path, 0, Prefault::Auto).unwrap();
        assert_eq!(without_memory(|| file::start_loading(handle)), Ok(true));
        assert!(error::last_error().unwrap().contains("no loader thread"));
        assert!(file::wait(handle).is_ok());
        file::close(handle).unwrap();
    });
}

#[test]
fn without_memory_a_closure_is_refused_and_dropped() {
    alone_in_its_process("without_memory_a_closure_is_refused_and_dropped", || {
        let held = Arc::new([0_u8; 100]);
        let (first, second) = (held.clone(), held.clone());
        let refused = without_memory(|| {
            let id = executor::submit_closure(move || drop(first));
            (id, Value::try_future_of(move || Value::int(second.len() as i64)).is_none())
        });
        assert_eq!(refused, (0, true));
        let message = error::last_error().unwrap();
        assert!(message.starts_with("submit_closure:"), "{message}");
        assert_eq!(Arc::strong_count(&held), 1);
    });
}

/// A thread's first call on the executor, without memory for counters of its own.
#[test]
fn without_memory_a_new_thread_can_still_submit() {
    alone_in_its_process("without_memory_a_new_thread_can_still_submit", || {
        static STEP: AtomicU32 = AtomicU32::new(0);
        let reach = |step| STEP.store(step, Ordering::Release);
        let wait_for = |step| {
            while STEP.load(Ordering::Acquire) < step {
                std::hint::spin_loop();
            }
        };
        executor::set_mode(Mode::Manual).unwrap();
        executor::start().unwrap();
        // The queue has a place for one more then.
        assert!(executor::submit(seven, Value::nil()) > 0);
        let other = std::thread::spawn(move || {
            reach(1);
            wait_for(2);
            let id = executor::submit(seven, Value::nil());
            reach(3);
            id
        });
        wait_for(1);
        without_memory(|| {
            reach(2);
            wait_for(3);
        });
        assert!(other.join().unwrap() > 0);
        assert_eq!((executor::stats().submitted, executor::poll_all()), (2, 2));
    });
}
