//! Looking up a handle, by lock, without anybody else who wants it: the floor under the
//! comparison `registry/get-only`.

use super::{List, calls};
use crate::Prepared;
use anyhow::{Context, Result};
use simple_runtime::registry::{
    ParkingLotMutex, ParkingLotRwLock, Registry, Sharded, Slab, StdMutex, StdRwLock,
};
use std::collections::hash_map::DefaultHasher;
use std::hash::BuildHasherDefault;

/// Live entries.
const LIVE: u64 = 100;

/// The hash that maps have by default, with the same keys in every run.
type Hash = BuildHasherDefault<DefaultHasher>;

pub(super) fn add(list: &mut List) {
    add_one::<Slab<u64>>(list);
    add_one::<StdMutex<u64, Hash>>(list);
    add_one::<StdRwLock<u64, Hash>>(list);
    add_one::<ParkingLotMutex<u64, Hash>>(list);
    add_one::<ParkingLotRwLock<u64, Hash>>(list);
    add_one::<Sharded<u64, Hash>>(list);
}

fn add_one<R: Registry<u64> + 'static>(list: &mut List) {
    let why = "every call with a handle begins with a lookup";
    list.add_text("path", &format!("registry get, {}", R::NAME), why, |_| prepared::<R>());
}

fn prepared<R: Registry<u64> + 'static>() -> Result<Prepared> {
    let registry = R::default();
    let handles: Result<Vec<_>> =
        (0..LIVE).map(|value| registry.insert(value).context("the registry is full")).collect();
    let handle = handles?[LIVE as usize / 2];
    calls(LIVE / 2, move || registry.get(std::hint::black_box(handle)).map_or(0, |value| *value))
}
