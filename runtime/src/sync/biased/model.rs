use super::*;
use crate::sync::Arc;

struct Number(u32);

// SAFETY: one word.
unsafe impl AnyMomentConsistent for Number {}

struct Shared {
    readers: Readers,
    number: Biased<Number>,
}

impl Shared {
    /// Returns a lock that is already biased.
    fn biased() -> Arc<Self> {
        let readers = Readers(std::array::from_fn(|_| CachePadded(AtomicU64::new(0))));
        let number = Biased::new(Number(0));
        number.bias.store(1, Ordering::Relaxed);
        Arc::new(Self { readers, number })
    }

    fn read(&self, place: usize) -> u32 {
        // SAFETY: loom checks it: a writer inside at the same time fails the model.
        self.number.read_at(&self.readers, || place, |number| unsafe { (*number).0 })
    }

    fn write(&self, readers: &Readers) {
        let guard = self.number.write_at(readers);
        // SAFETY: as above, of readers.
        self.number.lock.value().with_mut(|number| unsafe { (*number).0 += 1 });
        drop(guard);
    }
}

/// One reader is inside, or on its way, when a writer comes.
fn a_reader_beside_a_writer(write: fn(&Shared)) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.max_branches = 10_000;
    model.check(move || {
        let shared = Shared::biased();
        let reader = {
            let shared = shared.clone();
            thread::spawn(move || shared.read(0))
        };
        write(&shared);
        reader.join().unwrap();
        assert_eq!(shared.read(1), 1);
    });
}

#[test]
fn nobody_reads_while_one_writes() {
    a_reader_beside_a_writer(|shared| shared.write(&shared.readers));
}

/// The broken twin: a writer that does not check the readers' slots.
#[test]
#[should_panic = "Causality violation"]
fn without_waiting_for_readers_somebody_does() {
    a_reader_beside_a_writer(|shared| {
        let nobody = Readers(std::array::from_fn(|_| CachePadded(AtomicU64::new(0))));
        shared.write(&nobody);
    });
}
