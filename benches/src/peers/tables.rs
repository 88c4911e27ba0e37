//! Tables of values by handle: the runtime's registries, and concurrent maps by others.

use simple_runtime::registry::{Dispatch, Handle, Registry, Strategy};
use std::sync::atomic::{AtomicU64, Ordering};

/// Values by key, for any number of threads at once.
pub trait Table: Default + Send + Sync + 'static {
    /// The name of an entry.
    type Key: Copy + Send + Sync + 'static;

    /// Adds an entry.
    fn insert(&self, value: u64) -> Option<Self::Key>;

    /// The value of an entry.
    fn get(&self, key: Self::Key) -> Option<u64>;

    /// Ends an entry; true for one caller.
    fn remove(&self, key: Self::Key) -> bool;
}

/// A registry of the runtime as a table.
#[derive(Debug, Default)]
pub struct Registered<R>(R);

impl<R: Registry<u64> + 'static> Table for Registered<R> {
    type Key = Handle;

    #[inline]
    fn insert(&self, value: u64) -> Option<Handle> {
        self.0.insert(value)
    }

    #[inline]
    fn get(&self, key: Handle) -> Option<u64> {
        self.0.get(key).map(|value| *value)
    }

    #[inline]
    fn remove(&self, key: Handle) -> bool {
        self.0.remove(key)
    }
}

/// A concurrent map with the keys it has given out; maps do not make keys themselves.
#[derive(Debug, Default)]
pub struct Keyed<M> {
    map: M,
    next_key: AtomicU64,
}

impl<M> Keyed<M> {
    fn next_key(&self) -> u64 {
        self.next_key.fetch_add(1, Ordering::Relaxed)
    }
}

impl Table for Keyed<dashmap::DashMap<u64, u64>> {
    type Key = u64;

    fn insert(&self, value: u64) -> Option<u64> {
        let key = self.next_key();
        self.map.insert(key, value);
        Some(key)
    }

    fn get(&self, key: u64) -> Option<u64> {
        self.map.get(&key).map(|value| *value)
    }

    fn remove(&self, key: u64) -> bool {
        self.map.remove(&key).is_some()
    }
}

impl Table for Keyed<papaya::HashMap<u64, u64>> {
    type Key = u64;

    fn insert(&self, value: u64) -> Option<u64> {
        let key = self.next_key();
        self.map.pin().insert(key, value);
        Some(key)
    }

    fn get(&self, key: u64) -> Option<u64> {
        self.map.pin().get(&key).copied()
    }

    fn remove(&self, key: u64) -> bool {
        self.map.pin().remove(&key).is_some()
    }
}

impl Table for Keyed<scc::HashMap<u64, u64>> {
    type Key = u64;

    fn insert(&self, value: u64) -> Option<u64> {
        let key = self.next_key();
        self.map.insert_sync(key, value).ok().map(|()| key)
    }

    fn get(&self, key: u64) -> Option<u64> {
        self.map.read_sync(&key, |_, value| *value)
    }

    fn remove(&self, key: u64) -> bool {
        self.map.remove_sync(&key).is_some()
    }
}

/// The sharded-slab crate.
#[derive(Debug, Default)]
pub struct ShardedSlab(sharded_slab::Slab<u64>);

impl Table for ShardedSlab {
    type Key = usize;

    fn insert(&self, value: u64) -> Option<usize> {
        self.0.insert(value)
    }

    fn get(&self, key: usize) -> Option<u64> {
        self.0.get(key).map(|value| *value)
    }

    fn remove(&self, key: usize) -> bool {
        self.0.remove(key)
    }
}

/// The tables, to be named by data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// A registry of the runtime.
    Runtime(Strategy),
    /// dashmap.
    Dashmap,
    /// papaya.
    Papaya,
    /// scc.
    Scc,
    /// sharded-slab.
    ShardedSlab,
}

/// Code that works with any table.
pub trait WithTable {
    /// Its result.
    type Output;
    /// Runs with the table type that [`TableKind::dispatch`] chose.
    fn run<T: Table>(self) -> Self::Output;
}

impl TableKind {
    /// Every table.
    pub fn all() -> impl Iterator<Item = Self> {
        Strategy::ALL.into_iter().map(Self::Runtime).chain([
            Self::Dashmap,
            Self::Papaya,
            Self::Scc,
            Self::ShardedSlab,
        ])
    }

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Runtime(strategy) => strategy.name(),
            Self::Dashmap => "dashmap",
            Self::Papaya => "papaya",
            Self::Scc => "scc",
            Self::ShardedSlab => "sharded-slab",
        }
    }

    /// Why it is there.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Runtime(Strategy::Slab) => "the runtime's registry: a look writes no shared line",
            Self::Runtime(Strategy::StdRwLock) => {
                "the reference runtime's way: a map behind std's RwLock"
            }
            Self::Runtime(_) => "a lock that could have been chosen",
            Self::Dashmap => "the most used concurrent map",
            Self::Papaya => "a lock-free map made for readers",
            Self::Scc => "a concurrent map with a lock for each bucket",
            Self::ShardedSlab => "a lock-free slab with a part for each thread",
        }
    }

    /// Whether somebody else wrote it.
    pub fn is_peer(self) -> bool {
        !matches!(self, Self::Runtime(_))
    }

    /// Runs `code` with this table's type.
    pub fn dispatch<W: WithTable>(self, code: W) -> W::Output {
        struct AsTable<W>(W);
        impl<W: WithTable> Dispatch<u64> for AsTable<W> {
            type Output = W::Output;
            fn run<R: Registry<u64> + 'static>(self) -> W::Output {
                self.0.run::<Registered<R>>()
            }
        }
        match self {
            Self::Runtime(strategy) => strategy.dispatch(AsTable(code)),
            Self::Dashmap => code.run::<Keyed<dashmap::DashMap<u64, u64>>>(),
            Self::Papaya => code.run::<Keyed<papaya::HashMap<u64, u64>>>(),
            Self::Scc => code.run::<Keyed<scc::HashMap<u64, u64>>>(),
            Self::ShardedSlab => code.run::<ShardedSlab>(),
        }
    }
}
