//! A hash map behind one lock; the kind of lock is a type parameter.
//!
//! These are the usual first designs of a program, kept for comparison. Values are behind an `Arc`,
//! which a guard holds, so that no lock is held while a value is used. Handles count upwards, so
//! none is ever given twice.

use super::{Guard, Handle, Registry};
use crate::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use crate::sync::{Arc, CachePadded, Mutex, RwLock, std_locks};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::PoisonError;

/// The map that the locks protect.
pub type Map<T, S = RandomState> = HashMap<Handle, ArcGuard<T>, S>;

/// `std::sync::Mutex` around a map.
pub type StdMutex<T, S = RandomState> = Locked<T, std_locks::Mutex<Map<T, S>>, S>;
/// `std::sync::RwLock` around a map.
pub type StdRwLock<T, S = RandomState> = Locked<T, std_locks::RwLock<Map<T, S>>, S>;
/// `parking_lot::Mutex` around a map.
pub type ParkingLotMutex<T, S = RandomState> = Locked<T, Mutex<Map<T, S>>, S>;
/// `parking_lot::RwLock` around a map.
pub type ParkingLotRwLock<T, S = RandomState> = Locked<T, RwLock<Map<T, S>>, S>;

/// A lock of any kind around an `M`.
pub trait Lock<M>: Send + Sync {
    /// The name of a registry that is one map behind this lock.
    const NAME: &'static str;
    /// Creates an unlocked lock.
    fn new(content: M) -> Self;
    /// Runs `f` with shared access, or with exclusive access if the lock has no other.
    fn read<R>(&self, f: impl FnOnce(&M) -> R) -> R;
    /// Runs `f` with exclusive access.
    fn write<R>(&self, f: impl FnOnce(&mut M) -> R) -> R;
}

impl<M: Send> Lock<M> for std_locks::Mutex<M> {
    const NAME: &'static str = "mutex-std";
    fn new(content: M) -> Self {
        Self::new(content)
    }
    fn read<R>(&self, f: impl FnOnce(&M) -> R) -> R {
        f(&self.lock().unwrap_or_else(PoisonError::into_inner))
    }
    fn write<R>(&self, f: impl FnOnce(&mut M) -> R) -> R {
        f(&mut self.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<M: Send + Sync> Lock<M> for std_locks::RwLock<M> {
    const NAME: &'static str = "rwlock-std";
    fn new(content: M) -> Self {
        Self::new(content)
    }
    fn read<R>(&self, f: impl FnOnce(&M) -> R) -> R {
        f(&self.read().unwrap_or_else(PoisonError::into_inner))
    }
    fn write<R>(&self, f: impl FnOnce(&mut M) -> R) -> R {
        f(&mut self.write().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<M: Send> Lock<M> for Mutex<M> {
    const NAME: &'static str = "mutex-parking_lot";
    fn new(content: M) -> Self {
        Self::new(content)
    }
    fn read<R>(&self, f: impl FnOnce(&M) -> R) -> R {
        f(&self.lock())
    }
    fn write<R>(&self, f: impl FnOnce(&mut M) -> R) -> R {
        f(&mut self.lock())
    }
}

impl<M: Send + Sync> Lock<M> for RwLock<M> {
    const NAME: &'static str = "rwlock-parking_lot";
    fn new(content: M) -> Self {
        Self::new(content)
    }
    fn read<R>(&self, f: impl FnOnce(&M) -> R) -> R {
        f(&self.read())
    }
    fn write<R>(&self, f: impl FnOnce(&mut M) -> R) -> R {
        f(&mut self.write())
    }
}

/// One map behind one lock of kind `L`, hashing with `S`.
#[derive(Debug)]
pub struct Locked<T, L, S = RandomState> {
    handles: Handles,
    map: L,
    content: PhantomData<fn() -> (T, S)>,
}

impl<T, L, S> Default for Locked<T, L, S>
where
    L: Lock<Map<T, S>>,
    S: Default,
{
    fn default() -> Self {
        Self { handles: Handles::default(), map: L::new(Map::default()), content: PhantomData }
    }
}

impl<T, L, S> Registry<T> for Locked<T, L, S>
where
    T: Send + Sync,
    L: Lock<Map<T, S>>,
    S: BuildHasher + Default,
{
    const NAME: &'static str = L::NAME;
    type Guard<'a>
        = ArcGuard<T>
    where
        Self: 'a,
        T: 'a;

    fn insert(&self, value: T) -> Option<Handle> {
        let handle = self.handles.next()?;
        let entry = ArcGuard::new(value);
        self.map.write(|map| map.insert(handle, entry));
        Some(handle)
    }

    fn get(&self, handle: Handle) -> Option<ArcGuard<T>> {
        self.map.read(|map| map.get(&handle).cloned())
    }

    fn remove(&self, handle: Handle) -> bool {
        // The entry leaves the closure, so that the value is dropped without the lock.
        self.map.write(|map| map.remove(&handle)).is_some()
    }

    fn state(&self, handle: Handle) -> Option<u8> {
        self.map.read(|map| map.get(&handle).map(Guard::state))
    }

    fn len(&self) -> usize {
        self.map.read(HashMap::len)
    }
}

/// A shared reference to an entry of a locked registry.
#[derive(Debug)]
pub struct ArcGuard<T>(Arc<Entry<T>>);

#[derive(Debug)]
struct Entry<T> {
    state: AtomicU8,
    value: T,
}

impl<T> ArcGuard<T> {
    pub(super) fn new(value: T) -> Self {
        Self(Arc::new(Entry { state: AtomicU8::new(0), value }))
    }
}

impl<T> Clone for ArcGuard<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Deref for ArcGuard<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T> Guard<T> for ArcGuard<T> {
    fn state(&self) -> u8 {
        self.0.state.load(Ordering::Acquire)
    }
    fn swap_state(&self, new: u8) -> u8 {
        self.0.state.swap(new, Ordering::AcqRel)
    }
    fn compare_exchange_state(&self, current: u8, new: u8) -> Result<u8, u8> {
        self.0.state.compare_exchange(current, new, Ordering::AcqRel, Ordering::Acquire)
    }
}

/// Counts handles upwards, through every index of a generation before the next.
#[derive(Debug, Default)]
pub(super) struct Handles(CachePadded<AtomicU64>);

impl Handles {
    pub(super) fn next(&self) -> Option<Handle> {
        const INDICES: u64 = Handle::MAX_INDEX as u64 + 1;
        let count = self.0.fetch_add(1, Ordering::Relaxed);
        let generation = u32::try_from(count / INDICES + 1).ok()?;
        Handle::new(generation, (count % INDICES) as u32)
    }
}
