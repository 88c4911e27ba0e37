//! A service: something that is asked for operations, which are done some time later, perhaps
//! by other threads; and the slots in which operations note when they were done.
//!
//! Every operation has a slot of its own. Noting is a store to it: no lock, no counter, no
//! queue that operations would share, so that measuring does not make them wait for each
//! other. (Eight slots share a cache line. With a line each, every operation would miss the
//! cache instead, and at a million a second there would be no other cost.)

use crate::clock::{self, Clock, ProcessClock};
use crate::watch::Watch;
use anyhow::{Result, ensure};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Operations that a service can be asked for at once: eight megabytes of slots.
pub(crate) const MOST_OPERATIONS: usize = 1 << 20;

/// If no operation is done for this long, those that are missing count as lost.
const PATIENCE_NS: u64 = 5_000_000_000;

/// In a slot: not done.
const OPEN: u64 = 0;
/// In a slot: done more than once.
const TWICE: u64 = u64::MAX;

/// One operation that was asked for. Who does it calls [`complete`](Self::complete).
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    done_ns: &'static AtomicU64,
}

impl Operation {
    /// Notes that the operation is done now.
    #[inline]
    pub fn complete(self) {
        self.complete_at(clock::now_ns());
    }

    /// Notes that it was done at this time. The look before the store finds an operation that
    /// is done twice, without what an atomic exchange would cost.
    #[inline]
    pub(crate) fn complete_at(self, now_ns: u64) {
        let time_ns =
            if self.done_ns.load(Ordering::Relaxed) == OPEN { now_ns.max(1) } else { TWICE };
        // Release: what the operation did is visible to whoever has seen it done.
        self.done_ns.store(time_ns, Ordering::Release);
    }

    /// The operation as an integer that goes through a C interface, and fits a small one.
    pub fn to_address(self) -> i64 {
        std::ptr::from_ref(self.done_ns).expose_provenance() as i64
    }

    /// The operation again.
    ///
    /// # Safety
    ///
    /// `address` was returned by [`to_address`](Self::to_address) in this process.
    #[inline]
    pub unsafe fn from_address(address: i64) -> Self {
        let slot = std::ptr::with_exposed_provenance::<AtomicU64>(address as usize);
        // SAFETY: by the caller's promise this is the address of a slot, whose provenance was
        // exposed; slots are never freed.
        Self { done_ns: unsafe { &*slot } }
    }
}

/// Something that is asked for operations.
pub(crate) struct Service {
    begin: Box<dyn FnMut(Operation)>,
    /// Never freed: an operation that was given up as lost may still come and write to its
    /// slot.
    slots: &'static [AtomicU64],
    /// Number of slots that the operations of this time use.
    opened: usize,
}

impl Service {
    /// A service that is asked by calling `begin`.
    pub(crate) fn new(begin: impl FnMut(Operation) + 'static) -> Self {
        Self { begin: Box::new(begin), slots: &[], opened: 0 }
    }

    /// Makes `count` open slots, in memory that is there; all that was begun must be done.
    pub(crate) fn open(&mut self, count: usize) {
        assert!(count <= MOST_OPERATIONS, "{count} operations at once");
        if self.slots.len() < count {
            let size = count.next_power_of_two();
            self.slots = (0..size).map(|_| AtomicU64::new(OPEN)).collect::<Vec<_>>().leak();
        }
        self.opened = count;
        // The hand-over of each operation orders this before its completion.
        self.slots[..count].iter().for_each(|slot| slot.store(OPEN, Ordering::Relaxed));
    }

    /// Asks for an operation, which notes its end in this open slot.
    #[inline]
    pub(crate) fn begin(&mut self, index: usize) {
        (self.begin)(Operation { done_ns: &self.slots[index] });
    }

    /// When the operation was done.
    pub(crate) fn done_ns(&self, index: usize) -> Option<u64> {
        let done_ns = self.slots[index].load(Ordering::Acquire);
        (done_ns != OPEN).then_some(done_ns)
    }

    /// Waits until all operations are done; fails when some are lost, or were done twice.
    pub(crate) fn drain(&self, clock: &impl Clock) -> Result<()> {
        let count = self.opened;
        let mut first_open = 0;
        let mut known_done = 0;
        let mut deadline_ns = clock.now_ns() + PATIENCE_NS;
        loop {
            // One look at a time: to count all of them again and again would take the slots'
            // cache lines from those that still write to them.
            while first_open < count && self.done_ns(first_open).is_some() {
                first_open += 1;
            }
            if first_open == count {
                return self.ensure_once();
            }
            if clock.now_ns() > deadline_ns {
                let done = (0..count).filter(|&index| self.done_ns(index).is_some()).count();
                let lost = count - done;
                ensure!(done > known_done, "{lost} of {count} operations were never done");
                (known_done, deadline_ns) = (done, clock.now_ns() + PATIENCE_NS);
            }
            clock.pause();
        }
    }

    fn ensure_once(&self) -> Result<()> {
        let count = self.opened;
        let twice = (0..count).filter(|&index| self.done_ns(index) == Some(TWICE)).count();
        ensure!(twice == 0, "{twice} of {count} operations were done more than once");
        Ok(())
    }

    /// Begins so many operations as fast as they can be begun, and answers how long it took
    /// until the last was done.
    pub(crate) fn burst(&mut self, operations: u64, watch: &mut impl Watch) -> Result<Duration> {
        let mut elapsed_ns = 0;
        let mut left = operations as usize;
        while left > 0 {
            let count = left.min(MOST_OPERATIONS);
            self.open(count);
            let began_ns = clock::now_ns();
            watch.measured(|| {
                (0..count).for_each(|index| self.begin(index));
                self.drain(&ProcessClock)
            })?;
            let ended_ns = (0..count).filter_map(|index| self.done_ns(index)).max();
            elapsed_ns += ended_ns.unwrap_or(began_ns).saturating_sub(began_ns);
            left -= count;
        }
        Ok(Duration::from_nanos(elapsed_ns))
    }

    /// Takes the service down, which runs what it still has, and fails if that was an
    /// operation that had been done before.
    pub(crate) fn close(mut self) -> Result<()> {
        self.begin = Box::new(|_| ());
        self.ensure_once()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::tests::VirtualClock;

    /// Drains `count` operations of a service that begins them by this.
    fn drained(count: usize, begin: impl FnMut(Operation) + 'static) -> Result<()> {
        let mut service = Service::new(begin);
        service.open(count);
        (0..count).for_each(|index| service.begin(index));
        service.drain(&VirtualClock::default())?;
        service.close()
    }

    #[test]
    fn lost_operations_are_an_error_and_no_hang() {
        let mut begun = 0;
        let error = drained(100, move |operation| {
            begun += 1;
            if begun != 8 && begun != 100 {
                operation.complete_at(5);
            }
        });
        let error = error.unwrap_err().to_string();
        assert!(error.contains("2 of 100 operations were never done"), "{error}");
    }

    #[test]
    fn operations_that_are_done_twice_are_an_error() {
        let twice = |operation: Operation| (0..2).for_each(|_| operation.complete_at(5));
        let error = drained(3, twice).unwrap_err().to_string();
        assert!(error.contains("3 of 3 operations were done more than once"), "{error}");
    }

    /// A service that does what it still has when it is taken down.
    #[test]
    fn operations_that_are_done_again_at_the_end_are_an_error() {
        struct Again(Vec<Operation>);
        impl Drop for Again {
            fn drop(&mut self) {
                self.0.drain(..).for_each(|operation| operation.complete_at(9));
            }
        }
        let mut again = Again(Vec::new());
        let error = drained(2, move |operation| {
            operation.complete_at(5);
            again.0.push(operation);
        });
        assert!(error.unwrap_err().to_string().contains("more than once"));
    }

    #[test]
    fn slots_are_open_again_and_addresses_lead_back() {
        let mut service = Service::new(|operation: Operation| {
            let address = operation.to_address();
            // SAFETY: it is what the line before answered.
            std::thread::spawn(move || unsafe { Operation::from_address(address) }.complete());
        });
        for operations in [1, 3, 2] {
            assert!(service.burst(operations, &mut ()).unwrap() > Duration::ZERO);
        }
        assert_eq!(service.burst(0, &mut ()).unwrap(), Duration::ZERO);
    }
}
