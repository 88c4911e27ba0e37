//! Probes of a thread that ends, called in any destructor.

mod c;

use simple_runtime::coverage::{
    self, PathRow, Site, path_block, path_finalize, report, set_enabled,
};
use std::cell::RefCell;
use std::ffi::c_void;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::{ptr, thread};

fn from_nothing() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    set_enabled(true);
    coverage::clear();
    guard
}

/// Two evaluations of decision `id`, and two passes of path `id`: what only probes that are
/// remembered together can give.
fn work(id: u32) {
    for value in [true, false] {
        coverage::condition(id, 0, value, Site::new(c"end.spl", 1, 1));
        coverage::decision(id, value, Site::new(c"end.spl", 1, 1));
        path_block(id, 1);
        path_block(id, 2);
        path_finalize(id);
    }
}

/// Nothing of `work` was lost, `times` times over.
#[track_caller]
fn assert_worked(ids: &[u32], times: u64) {
    let report = report();
    let decisions: Vec<_> =
        report.decisions.iter().map(|row| (row.id, row.true_count, row.false_count)).collect();
    assert_eq!(decisions, ids.iter().map(|&id| (id, times, times)).collect::<Vec<_>>());
    let vectors: Vec<_> = report.mcdc.iter().map(|row| (row.decision_id, row.vectors)).collect();
    assert_eq!(vectors, ids.iter().map(|&id| (id, 2)).collect::<Vec<_>>());
    let path = |&id: &u32| PathRow { path_id: id, blocks: vec![1, 2], hit_count: 2 * times };
    assert_eq!(report.paths, ids.iter().map(path).collect::<Vec<_>>());
}

/// Works from its destructor.
struct Last(u32);

impl Drop for Last {
    fn drop(&mut self) {
        work(self.0);
    }
}

thread_local! {
    static EARLY: RefCell<Option<Last>> = const { RefCell::new(None) };
    static LATE: RefCell<Option<Last>> = const { RefCell::new(None) };
}

#[test]
fn destructors_of_thread_local_variables() {
    let _one = from_nothing();
    let body = || {
        EARLY.set(Some(Last(1)));
        work(2);
        LATE.set(Some(Last(3)));
    };
    thread::spawn(body).join().unwrap();
    assert_worked(&[1, 2, 3], 1);
}

/// A key whose destructor works in the given round.
struct Key(libc::pthread_key_t);

impl Key {
    /// `value`: the round in which to work, and the number to work with.
    fn set(&self, round: usize, id: usize) {
        let value = ptr::without_provenance::<c_void>(round << 8 | id);
        // SAFETY: a key that is never deleted.
        assert_eq!(unsafe { libc::pthread_setspecific(self.0, value) }, 0);
    }
}

static KEYS: OnceLock<[Key; 2]> = OnceLock::new();

/// One key that was made before the runtime's own, one after it: their destructors run in this
/// order.
fn keys() -> &'static [Key; 2] {
    extern "C" fn end<const KEY: usize>(value: *mut c_void) {
        let (round, id) = (value.addr() >> 8, value.addr() & 0xff);
        if round == 1 {
            work(id as u32);
        } else {
            keys()[KEY].set(round - 1, id);
        }
    }
    fn make(end: unsafe extern "C" fn(*mut c_void)) -> Key {
        let mut key = 0;
        // SAFETY: a place to write to, and a function of the type asked for.
        assert_eq!(unsafe { libc::pthread_key_create(&mut key, Some(end)) }, 0);
        Key(key)
    }
    KEYS.get_or_init(|| {
        let before = make(end::<0>);
        work(0);
        [before, make(end::<1>)]
    })
}

fn end_threads(times: u64, key: usize, round: usize, works_before: bool) {
    for _ in 0..times {
        let body = move || {
            keys()[key].set(round, 7);
            if works_before {
                work(7);
            }
        };
        thread::spawn(body).join().unwrap();
    }
}

#[test]
fn destructors_of_keys() {
    const TIMES: u64 = 10;
    let _one = from_nothing();
    keys();
    for (key, round) in [(0, 1), (1, 1), (0, 2)] {
        for works_before in [false, true] {
            coverage::clear();
            end_threads(TIMES, key, round, works_before);
            assert_worked(&[7], if works_before { 2 * TIMES } else { TIMES });
        }
    }
}

/// Past the runtime's own turn in the second round, probes of a thread that has probed before
/// stand alone: they count, and their vectors and paths are lost.
#[test]
fn destructors_of_keys_that_come_too_late() {
    let _one = from_nothing();
    keys();
    for (key, round) in [(1, 2), (0, 3), (1, 4)] {
        coverage::clear();
        end_threads(1, key, round, true);
        let report = report();
        assert_eq!(report.decisions[0].true_count, 2);
        assert_eq!(report.conditions[0].true_count, 2);
        assert_eq!(report.paths[0].hit_count, 2);
    }
}

/// However late a thread's first probe comes, its tables go when it ends.
#[test]
fn memory_does_not_grow_with_threads() {
    const THREADS: u64 = 2000;
    /// Memory of one thread: two small tables.
    const TABLES_BYTES: usize = 4096;
    let _one = from_nothing();
    keys();
    for (key, round) in [(0, 1), (1, 1), (0, 2), (1, 2)] {
        for works_before in [false, true] {
            end_threads(10, key, round, works_before);
            let before = in_use_bytes();
            end_threads(THREADS, key, round, works_before);
            let grown = in_use_bytes().saturating_sub(before);
            let limit = TABLES_BYTES * THREADS as usize / 10;
            assert!(grown < limit, "{key} {round} {works_before}: {grown} bytes");
        }
    }
}

/// Bytes that the process has allocated and not freed.
fn in_use_bytes() -> usize {
    // SAFETY: no memory of ours is involved.
    unsafe { libc::mallinfo2() }.uordblks
}

/// A library that is closed while a thread that has probed still runs.
#[test]
fn a_library_that_has_probed_stays() {
    type Probe = unsafe extern "C" fn(u32, bool, *const std::ffi::c_char, u32, u32);

    let path = c::shared_library();
    let path = std::ffi::CString::new(path.to_str().unwrap()).unwrap();
    // SAFETY: the library's own initialisation is sound, and the symbol has this type.
    let (library, probe) = unsafe {
        let library = libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL);
        assert!(!library.is_null());
        let probe = libc::dlsym(library, c"rt_coverage_decision_probe".as_ptr());
        assert!(!probe.is_null());
        (library as usize, std::mem::transmute::<*mut c_void, Probe>(probe))
    };
    thread::spawn(move || {
        // SAFETY: a literal; nothing of the library is used after it is closed, but by itself
        // when this thread ends.
        unsafe {
            probe(1, true, c"end.spl".as_ptr(), 1, 1);
            assert_eq!(libc::dlclose(library as *mut c_void), 0);
        }
    })
    .join()
    .unwrap();
}
