//! The list of registry implementations.

use super::{ParkingLotMutex, ParkingLotRwLock, Registry, Sharded, Slab, StdMutex, StdRwLock};

/// An implementation of the contract of [`Registry`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// One map behind `std::sync::Mutex`.
    StdMutex,
    /// One map behind `std::sync::RwLock`.
    StdRwLock,
    /// One map behind `parking_lot::Mutex`.
    ParkingLotMutex,
    /// One map behind `parking_lot::RwLock`.
    ParkingLotRwLock,
    /// Maps behind one `parking_lot::RwLock` each.
    Sharded,
    /// The lock-free slab.
    Slab,
}

/// Code that works with any registry of `T`.
pub trait Dispatch<T: Send + Sync + 'static> {
    /// The type of its result.
    type Output;
    /// Runs with the registry type that [`Strategy::dispatch`] chose.
    fn run<R: Registry<T> + 'static>(self) -> Self::Output;
}

impl Strategy {
    /// Every strategy.
    pub const ALL: [Self; 6] = [
        Self::StdMutex,
        Self::StdRwLock,
        Self::ParkingLotMutex,
        Self::ParkingLotRwLock,
        Self::Sharded,
        Self::Slab,
    ];

    /// Returns its name in reports: the [`Registry::NAME`] of its type.
    pub fn name(self) -> &'static str {
        struct Name;
        impl Dispatch<()> for Name {
            type Output = &'static str;
            fn run<R: Registry<()> + 'static>(self) -> &'static str {
                R::NAME
            }
        }
        self.dispatch(Name)
    }

    /// Runs `code` with this strategy's registry type.
    pub fn dispatch<T: Send + Sync + 'static, D: Dispatch<T>>(self, code: D) -> D::Output {
        match self {
            Self::StdMutex => code.run::<StdMutex<T>>(),
            Self::StdRwLock => code.run::<StdRwLock<T>>(),
            Self::ParkingLotMutex => code.run::<ParkingLotMutex<T>>(),
            Self::ParkingLotRwLock => code.run::<ParkingLotRwLock<T>>(),
            Self::Sharded => code.run::<Sharded<T>>(),
            Self::Slab => code.run::<Slab<T>>(),
        }
    }
}
