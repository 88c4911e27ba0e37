//! A hash map divided into shards, each behind its own `parking_lot::RwLock`.

use super::locked::Handles;
use super::{ArcGuard, Guard, Handle, Map, Registry};
use crate::sync::{CachePadded, RwLock};
use std::hash::{BuildHasher, RandomState};

/// `SHARDS` maps; a handle's index selects one, so entries inserted one after the other have
/// nothing in common.
#[derive(Debug)]
pub struct Sharded<T, S = RandomState, const SHARDS: usize = 16> {
    handles: Handles,
    shards: [CachePadded<RwLock<Map<T, S>>>; SHARDS],
}

impl<T, S, const SHARDS: usize> Sharded<T, S, SHARDS> {
    fn shard(&self, handle: Handle) -> &RwLock<Map<T, S>> {
        &self.shards[handle.index() as usize % SHARDS]
    }
}

impl<T, S: Default, const SHARDS: usize> Default for Sharded<T, S, SHARDS> {
    fn default() -> Self {
        const { assert!(SHARDS > 0) };
        let shards = std::array::from_fn(|_| CachePadded(RwLock::new(Map::default())));
        Self { handles: Handles::default(), shards }
    }
}

impl<T, S, const SHARDS: usize> Registry<T> for Sharded<T, S, SHARDS>
where
    T: Send + Sync,
    S: BuildHasher + Default + Send + Sync,
{
    const NAME: &'static str = "sharded-parking_lot";
    type Guard<'a>
        = ArcGuard<T>
    where
        Self: 'a,
        T: 'a;

    fn insert(&self, value: T) -> Option<Handle> {
        let handle = self.handles.next()?;
        let entry = ArcGuard::new(value);
        self.shard(handle).write().insert(handle, entry);
        Some(handle)
    }

    fn get(&self, handle: Handle) -> Option<ArcGuard<T>> {
        self.shard(handle).read().get(&handle).cloned()
    }

    fn remove(&self, handle: Handle) -> bool {
        // Bound first, so that the lock is released before the value is dropped.
        let entry = self.shard(handle).write().remove(&handle);
        entry.is_some()
    }

    fn state(&self, handle: Handle) -> Option<u8> {
        self.shard(handle).read().get(&handle).map(Guard::state)
    }

    fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().len()).sum()
    }
}
