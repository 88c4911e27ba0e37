//! Registries: values behind handles that may be stale, forged or used by many threads.
//!
//! One contract, [`Registry`], and several ways to keep it, so that they can be compared:
//! hash maps behind locks of four kinds ([`Locked`]), a map cut into shards ([`Sharded`]),
//! and the lock-free [`Slab`], which is what the runtime itself uses. `README.md` next to
//! this file states the slab's protocol.
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
/// An entry exists from `insert` until `remove`; its handle is stale from then on and never
/// becomes valid again. Every call with a handle that names no entry, whatever the reason,
/// answers `None` or `false`.
pub trait Registry<T: Send + Sync>: Default + Send + Sync {
    /// What reports call this way of keeping the contract.
    const NAME: &'static str;

    /// Access to one value; see [`Guard`].
    type Guard<'a>: Guard<T>
    where
        Self: 'a,
        T: 'a;

    /// Adds an entry with state 0. `None`, dropping the value, when no handle or no memory
    /// is left.
    fn insert(&self, value: T) -> Option<Handle>;

    /// The value of a live entry.
    fn get(&self, handle: Handle) -> Option<Self::Guard<'_>>;

    /// Ends an entry; true for exactly one caller. The value is dropped once no guard of it
    /// is left, by whichever thread lets go last, outside of any lock.
    fn remove(&self, handle: Handle) -> bool;

    /// The state of a live entry, without touching its value.
    fn state(&self, handle: Handle) -> Option<u8>;

    /// How many entries there are; a moment's view while others insert and remove. Not
    /// meant for hot paths: some strategies count by looking at every place.
    fn len(&self) -> usize;

    /// Whether [`len`](Self::len) is 0.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Keeps a value alive, also past the removal of its entry, and gives access to the entry's
/// state: a byte whose meaning is the registry's owner's.
///
/// What a thread did before it changed the state is seen by whoever sees the change.
pub trait Guard<T>: Deref<Target = T> {
    /// The entry's state.
    fn state(&self) -> u8;

    /// Sets the state and answers the one before.
    fn swap_state(&self, new: u8) -> u8;

    /// Sets the state to `new` if it is `current`; otherwise answers what it is.
    fn compare_exchange_state(&self, current: u8, new: u8) -> Result<u8, u8>;
}
