//! Registries: values behind handles that may be stale, forged or used by many threads.
//!
//! There is one contract, [`Registry`], and several implementations, for comparison: hash maps
//! behind locks of four kinds ([`Locked`]), a map divided into shards ([`Sharded`]), and the
//! lock-free [`Slab`], which the runtime itself uses. `README.md` next to this file states the
//! slab's protocol.
//!
//! ```
//! use simple_runtime::registry::{Registry, Slab};
//!
//! let registry = Slab::default();
//! let handle = registry.insert("a value").unwrap();
//! assert_eq!(*registry.get(handle).unwrap(), "a value");
//! assert!(registry.remove(handle));
//! assert!(registry.get(handle).is_none());
//! ```

mod handle;
#[cfg(not(loom))]
mod locked;
#[cfg(not(loom))]
mod sharded;
mod slab;
#[cfg(not(loom))]
mod strategy;

pub use handle::{Handle, Kind};
#[cfg(not(loom))]
pub use locked::{
    ArcGuard, Lock, Locked, Map, ParkingLotMutex, ParkingLotRwLock, StdMutex, StdRwLock,
};
#[cfg(not(loom))]
pub use sharded::Sharded;
pub use slab::{EntryState, Slab, SlabGuard};
#[cfg(not(loom))]
pub use strategy::{Dispatch, Strategy};

use std::ops::Deref;

/// Values behind handles. All methods may be called by any number of threads at once.
///
/// An entry exists from `insert` until `remove`. Its handle is then stale and never becomes valid
/// again. Every call with a handle that names no entry, for any reason, returns `None` or `false`.
pub trait Registry<T: Send + Sync>: Default + Send + Sync {
    /// The implementation's name in reports.
    const NAME: &'static str;

    /// Access to one value; see [`Guard`].
    type Guard<'a>: Guard<T>
    where
        Self: 'a,
        T: 'a;

    /// Adds an entry with state 0. Returns `None` and drops the value if no handle or no memory is
    /// left.
    fn insert(&self, value: T) -> Option<Handle>;

    /// Returns the value of a live entry.
    fn get(&self, handle: Handle) -> Option<Self::Guard<'_>>;

    /// Ends an entry; true for exactly one caller. The value is dropped, outside of any lock, when
    /// its last guard is gone, by the thread that drops that guard.
    fn remove(&self, handle: Handle) -> bool;

    /// Returns the state of a live entry, without touching its value.
    fn state(&self, handle: Handle) -> Option<u8>;

    /// Returns the number of entries; a snapshot while others insert and remove. Not meant for hot
    /// paths: some strategies check every place.
    fn len(&self) -> usize;

    /// True if [`len`](Self::len) is 0.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Keeps a value alive, even after its entry was removed, and gives access to the entry's state: a
/// byte whose meaning the registry's owner defines.
///
/// A thread that sees a change of the state sees everything that happened before the change in the
/// thread that made it.
pub trait Guard<T>: Deref<Target = T> {
    /// Returns the entry's state.
    fn state(&self) -> u8;

    /// Sets the state and returns the previous one.
    fn swap_state(&self, new: u8) -> u8;

    /// Sets the state to `new` if it is `current`; otherwise returns the actual state.
    fn compare_exchange_state(&self, current: u8, new: u8) -> Result<u8, u8>;
}
