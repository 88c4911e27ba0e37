use super::*;
use std::sync::{Arc, mpsc};

struct Pair(u64, u64);

// SAFETY: as good as two words that no child compares.
unsafe impl AnyMomentConsistent for Pair {}

/// Returns a lock whose readers have met often enough.
fn biased() -> Biased<Pair> {
    let pair = Biased::new(Pair(0, 0));
    pair.patience.store(0, Ordering::Relaxed);
    drop(pair.meet());
    assert_eq!(pair.bias.load(Ordering::Relaxed), 1);
    pair
}

#[test]
fn a_reader_does_not_wait_for_another_inside() {
    let pair = biased();
    // If it waited, it would wait for ever.
    let (inside, is_inside) = mpsc::channel();
    let (leave, may_leave) = mpsc::channel();
    std::thread::scope(|scope| {
        let pair = &pair;
        scope.spawn(move || {
            pair.read(|_| {
                inside.send(()).unwrap();
                may_leave.recv().unwrap();
            });
        });
        is_inside.recv().unwrap();
        assert_eq!(pair.read(|pair| pair.0), 0);
        leave.send(()).unwrap();
    });
}

#[test]
fn a_writer_waits_for_readers_and_they_see_whole_changes() {
    const TURNS: u64 = 2_000;
    let pair = Arc::new(biased());
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let pair = pair.clone();
            std::thread::spawn(move || {
                while pair.read(|pair| {
                    assert_eq!(pair.0, pair.1);
                    pair.0
                }) < TURNS
                {}
            })
        })
        .collect();
    for _ in 0..TURNS {
        let mut pair = pair.write();
        pair.0 += 1;
        pair.1 += 1;
    }
    readers.into_iter().for_each(|reader| reader.join().unwrap());
}

/// A slot left behind by a reader of the parent is ignored.
#[test]
fn slots_of_an_earlier_process_are_free() {
    let readers = Readers([const { CachePadded(AtomicU64::new(0)) }; SLOTS]);
    let pair = biased();
    let parents = pair.key() ^ 1 << ADDRESS_BITS;
    readers.0[3].store(parents, Ordering::Relaxed);
    assert!(readers.enter(3, pair.key()).is_some());
    readers.0[3].store(parents, Ordering::Relaxed);
    drop(pair.write_at(&readers));
    assert_eq!(pair.bias.load(Ordering::Relaxed), 0, "the writer did not wait for it");
}
