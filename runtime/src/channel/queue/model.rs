use super::*;
use crate::sync::{Arc, UnsafeCell, thread};

const MOST: u64 = 4;

/// Places that loom watches. There are `CELLS` of them; the queue is told `capacity`.
struct Watched<const CELLS: u64> {
    capacity: AtomicU64,
    cells: Vec<UnsafeCell<u64>>,
}

// SAFETY: loom watches it.
unsafe impl<const CELLS: u64> Sync for Watched<CELLS> {}
// SAFETY: as above.
unsafe impl<const CELLS: u64> Send for Watched<CELLS> {}

impl<const CELLS: u64> Default for Watched<CELLS> {
    fn default() -> Self {
        let cells = (0..CELLS).map(|_| UnsafeCell::new(0)).collect();
        Self { capacity: AtomicU64::new(1), cells }
    }
}

impl<const CELLS: u64> Watched<CELLS> {
    fn cell(&self, position: u64) -> &UnsafeCell<u64> {
        &self.cells[(position % self.capacity() % CELLS) as usize]
    }

    fn change(&self, capacity: u64, head: u64, tail: u64) {
        // SAFETY: loom watches it.
        let items: Vec<_> = (head..tail).map(|position| unsafe { self.read(position) }).collect();
        self.capacity.store(capacity, Ordering::Release);
        for (position, item) in (head..).zip(items) {
            // SAFETY: as above.
            unsafe { self.write(position, item) };
        }
    }
}

// SAFETY: no child finds it.
unsafe impl<const CELLS: u64> Places for Watched<CELLS> {
    type Item = u64;

    fn capacity(&self) -> u64 {
        self.capacity.load(Ordering::Relaxed)
    }

    unsafe fn write(&self, position: u64, item: u64) {
        // SAFETY: loom watches it.
        self.cell(position).with_mut(|cell| unsafe { *cell = item });
    }

    unsafe fn read(&self, position: u64) -> u64 {
        // SAFETY: loom watches it. Taking is a change.
        self.cell(position).with_mut(|cell| unsafe { *cell })
    }

    unsafe fn grow(&self, head: u64, tail: u64) -> Result<(), NotSent> {
        self.change(self.capacity() * 2, head, tail);
        Ok(())
    }

    fn are_far_too_many(&self, len: u64) -> bool {
        self.capacity() > 1 && len == 0
    }

    unsafe fn shrink(&self, head: u64, tail: u64) {
        self.change(1, head, tail);
    }

    unsafe fn free(&mut self) {}
}

/// One thread sends, another receives: all items arrive, in order.
fn check<const CELLS: u64>(items: u64) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(move || {
        let queue = Arc::new(Queue::<Watched<CELLS>>::new());
        let sender = {
            let queue = queue.clone();
            thread::spawn(move || {
                (0..items).for_each(|item| queue.push(item).unwrap());
                queue.close();
            })
        };
        let mut received = 0;
        loop {
            match queue.pop() {
                Ok(item) => {
                    assert_eq!(item, received);
                    received += 1;
                }
                Err(Nothing::Closed) => break,
                Err(Nothing::Empty) => {
                    queue.sleep(None);
                }
            }
        }
        assert_eq!(received, items);
        sender.join().unwrap();
    });
}

#[test]
fn all_arrives_in_order_while_places_grow_and_shrink() {
    check::<MOST>(3);
}

/// Two senders: neither overwrites what the other has sent.
#[test]
fn two_senders_lose_nothing() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let queue = Arc::new(Queue::<Watched<MOST>>::new());
        let other = queue.clone();
        let sender = thread::spawn(move || other.push(1).unwrap());
        queue.push(2).unwrap();
        let first = queue.pop().unwrap();
        sender.join().unwrap();
        assert_eq!(first + queue.pop().unwrap(), 3);
    });
}

/// A place is used again before it was emptied. The model must detect that, or it detects nothing.
#[test]
#[should_panic(expected = "Causality violation")]
fn places_that_are_fewer_than_told_are_overwritten() {
    check::<1>(3);
}

/// A receiver that sleeps by calling `sleep` whenever it finds nothing, and a sender of `ITEMS`
/// items.
fn check_sleep(sleep: fn(&Queue<Watched<MOST>>)) {
    const ITEMS: u64 = 3;
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(move || {
        let queue = Arc::new(Queue::<Watched<MOST>>::new());
        let other = queue.clone();
        let sender = thread::spawn(move || (0..ITEMS).for_each(|item| other.push(item).unwrap()));
        let mut received = 0;
        while received < ITEMS {
            match queue.pop() {
                Ok(item) => {
                    assert_eq!(item, received);
                    received += 1;
                }
                Err(_) => sleep(&queue),
            }
        }
        sender.join().unwrap();
    });
}

#[test]
fn no_sleeper_is_forgotten() {
    check_sleep(|queue| {
        queue.sleep(None);
    });
}

/// As `sleep`, but announces itself only with the bit. A sender that found no sleeper clears the
/// bit while the receiver is already asleep.
#[test]
#[should_panic(expected = "deadlock")]
fn a_sleeper_that_changes_no_count_is_forgotten() {
    check_sleep(|queue| {
        let held = queue.back.lock.lock();
        if queue.look() == Some(Nothing::Empty) {
            let arrivals = queue.back.arrivals.fetch_or(SLEEPERS, Ordering::Relaxed) | SLEEPERS;
            drop(held);
            futex::wait(&queue.back.arrivals, arrivals, None);
        }
    });
}
