//! Threads that insert, look up, and remove each other's entries, in every strategy.

use simple_runtime::registry::{Dispatch, Guard, Handle, Registry, Strategy};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::thread;

const THREADS: u64 = 8;
const ROUNDS: u64 = 20_000;
const BOARD: usize = 64;

/// Says whose it is, and counts the values that exist.
struct Tracked {
    id: u64,
    complement: AtomicU64,
    alive: Arc<AtomicI64>,
}

impl Tracked {
    fn new(id: u64, alive: &Arc<AtomicI64>) -> Self {
        alive.fetch_add(1, Ordering::Relaxed);
        Self { id, complement: AtomicU64::new(!id), alive: alive.clone() }
    }

    fn check(&self) {
        assert_eq!(self.id, !self.complement.load(Ordering::Relaxed));
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.check();
        self.complement.store(self.id, Ordering::Relaxed);
        self.alive.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A small xorshift generator: the test's choices, the same in every run of a thread.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

struct Stress;

impl Dispatch<Tracked> for Stress {
    type Output = ();

    fn run<R: Registry<Tracked>>(self) {
        let registry = R::default();
        let alive = Arc::new(AtomicI64::new(0));
        // Handles that all threads see; what stands there may be long stale.
        let board: Vec<AtomicI64> = (0..BOARD).map(|_| AtomicI64::new(0)).collect();
        let (inserted, removed) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for seed in 1..=THREADS {
                let (registry, alive, board) = (&registry, &alive, &board);
                let (inserted, removed) = (&inserted, &removed);
                scope.spawn(move || {
                    let mut random = Random(seed * 0x9E37_79B9);
                    for round in 0..ROUNDS {
                        let place = &board[random.next() as usize % BOARD];
                        if random.next().is_multiple_of(4) {
                            let value = Tracked::new(seed << 32 | round, alive);
                            let handle = registry.insert(value).unwrap();
                            inserted.fetch_add(1, Ordering::Relaxed);
                            let old = place.swap(handle.to_raw(), Ordering::AcqRel);
                            let gone = Handle::from_raw(old).map(|old| registry.remove(old));
                            removed.fetch_add((gone == Some(true)).into(), Ordering::Relaxed);
                        } else {
                            look_up(registry, place.load(Ordering::Acquire), removed, &mut random);
                        }
                    }
                });
            }
        });
        let left = inserted.into_inner() - removed.into_inner();
        assert_eq!(registry.len(), left);
        assert_eq!(alive.load(Ordering::Relaxed), left as i64);
        drop(registry);
        assert_eq!(alive.load(Ordering::Relaxed), 0);
    }
}

fn look_up<R: Registry<Tracked>>(
    registry: &R,
    raw: i64,
    removed: &AtomicUsize,
    random: &mut Random,
) {
    let Some(handle) = Handle::from_raw(raw) else { return };
    registry.state(handle);
    let Some(guard) = registry.get(handle) else { return };
    guard.check();
    let id = guard.id;
    guard.swap_state(id as u8);
    if random.next().is_multiple_of(8) && registry.remove(handle) {
        removed.fetch_add(1, Ordering::Relaxed);
    }
    assert_eq!(guard.id, id);
    guard.check();
}

#[test]
fn values_are_whole_while_guarded_and_dropped_once() {
    for strategy in Strategy::ALL {
        eprintln!("{}", strategy.name());
        strategy.dispatch(Stress);
    }
}

/// Every round all threads remove the same entry, with and without a guard of their own.
#[test]
fn one_of_many_removers_succeeds() {
    struct Code;
    impl Dispatch<Tracked> for Code {
        type Output = ();
        fn run<R: Registry<Tracked>>(self) {
            let registry = R::default();
            let alive = Arc::new(AtomicI64::new(0));
            let handles: Vec<_> =
                (0..2000).map(|id| registry.insert(Tracked::new(id, &alive)).unwrap()).collect();
            let removed: usize = thread::scope(|scope| {
                let threads: Vec<_> = (0..4)
                    .map(|i| {
                        let (registry, handles) = (&registry, &handles);
                        scope.spawn(move || {
                            let remove = |&&handle: &&Handle| {
                                let _guard = (i % 2 == 0).then(|| registry.get(handle));
                                registry.remove(handle)
                            };
                            handles.iter().filter(remove).count()
                        })
                    })
                    .collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).sum()
            });
            assert_eq!(removed, handles.len());
            assert_eq!(alive.load(Ordering::Relaxed), 0);
            assert!(registry.is_empty());
        }
    }
    for strategy in Strategy::ALL {
        strategy.dispatch(Code);
    }
}
