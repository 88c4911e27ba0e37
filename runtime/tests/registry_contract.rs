//! The contract of a registry, kept by every strategy.

use simple_runtime::registry::{Dispatch, Guard, Handle, Registry, Strategy};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs `$body` with each strategy's registry of `$value` as `R`.
macro_rules! every_strategy {
    ($(#[$attribute:meta])* $name:ident, $value:ty, $registry:ident => $body:block) => {
        #[test]
        $(#[$attribute])*
        fn $name() {
            struct Code;
            impl Dispatch<$value> for Code {
                type Output = ();
                fn run<R: Registry<$value>>(self) {
                    let $registry = R::default();
                    $body
                }
            }
            for strategy in Strategy::ALL {
                eprintln!("{}", strategy.name());
                strategy.dispatch(Code);
            }
        }
    };
}

/// Counts its drops.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn names_are_distinct() {
    let names: HashSet<_> = Strategy::ALL.iter().map(|strategy| strategy.name()).collect();
    assert_eq!(names.len(), Strategy::ALL.len());
}

every_strategy!(an_entry_is_found_until_it_is_removed, String, registry => {
    assert!(registry.is_empty());
    let a = registry.insert("a".to_owned()).unwrap();
    let b = registry.insert("b".to_owned()).unwrap();
    assert_eq!(registry.len(), 2);
    assert_eq!(*registry.get(a).unwrap(), "a");
    assert_eq!(*registry.get(b).unwrap(), "b");
    assert!(registry.remove(a));
    assert!(registry.get(a).is_none());
    assert!(!registry.remove(a));
    assert_eq!(*registry.get(b).unwrap(), "b");
    assert_eq!(registry.len(), 1);
});

every_strategy!(handles_are_positive_and_come_back_from_their_c_form, u32, registry => {
    for i in 0..1000 {
        let handle = registry.insert(i).unwrap();
        assert!(handle.to_raw() > 0);
        assert_eq!(Handle::from_raw(handle.to_raw()), Some(handle));
    }
});

every_strategy!(a_handle_is_never_given_twice, u32, registry => {
    let mut seen = HashSet::new();
    let mut kept = Vec::new();
    for i in 0..3000 {
        let handle = registry.insert(i).unwrap();
        assert!(seen.insert(handle));
        if i % 3 == 0 {
            kept.push(handle);
        } else {
            assert!(registry.remove(handle));
        }
    }
    assert_eq!(registry.len(), kept.len());
    let live: HashSet<_> = kept.iter().copied().collect();
    for handle in seen {
        assert_eq!(registry.get(handle).is_some(), live.contains(&handle));
    }
});

every_strategy!(forged_handles_name_nothing, u32, registry => {
    let handle = registry.insert(1).unwrap();
    let (generation, place) = (i64::from(handle.generation()) << 32, handle.to_raw() & 0xffff_ffff);
    let forged = [
        1,
        i64::MAX,
        1 << 32,
        1 << 32 | 0xffff_ffff,
        generation | (place + 1),
        generation | (place + 100_000),
        (generation + (1 << 32)) | place,
        i64::from(Handle::MAX_GENERATION) << 32 | place,
    ];
    for handle in forged.into_iter().filter_map(Handle::from_raw) {
        assert!(registry.get(handle).is_none(), "{handle:?}");
        assert_eq!(registry.state(handle), None, "{handle:?}");
        assert!(!registry.remove(handle), "{handle:?}");
    }
    assert_eq!(*registry.get(handle).unwrap(), 1);
});

#[test]
fn what_no_registry_hands_out_is_no_handle() {
    for raw in [0, -1, i64::MIN, i64::MIN + (1 << 32) + 1, 1, u32::MAX.into(), 1 << 32, 7 << 32] {
        assert_eq!(Handle::from_raw(raw), None, "{raw:#x}");
    }
}

every_strategy!(a_new_entry_has_state_zero, u32, registry => {
    let first = registry.insert(1).unwrap();
    assert_eq!(registry.state(first), Some(0));
    registry.get(first).unwrap().swap_state(200);
    assert!(registry.remove(first));
    let second = registry.insert(2).unwrap();
    assert_eq!(registry.state(second), Some(0));
    assert_eq!(registry.state(first), None);
});

every_strategy!(the_state_changes_through_a_guard, u32, registry => {
    let handle = registry.insert(1).unwrap();
    let guard = registry.get(handle).unwrap();
    assert_eq!(guard.swap_state(255), 0);
    assert_eq!(registry.state(handle), Some(255));
    assert_eq!(guard.compare_exchange_state(254, 1), Err(255));
    assert_eq!(guard.compare_exchange_state(255, 1), Ok(255));
    assert_eq!((guard.state(), registry.state(handle)), (1, Some(1)));
    assert!(registry.remove(handle));
    assert_eq!(registry.state(handle), None);
    assert_eq!(guard.state(), 1);
});

every_strategy!(the_value_lives_until_the_last_guard_goes, Counted, registry => {
    let drops = Arc::new(AtomicUsize::new(0));
    let handle = registry.insert(Counted(drops.clone())).unwrap();
    let one = registry.get(handle).unwrap();
    let two = registry.get(handle).unwrap();
    assert!(registry.remove(handle));
    drop(one);
    assert_eq!(drops.load(Ordering::Relaxed), 0);
    assert!(Arc::ptr_eq(&two.0, &drops));
    drop(two);
    assert_eq!(drops.load(Ordering::Relaxed), 1);
});

every_strategy!(without_guards_removal_drops_the_value, Counted, registry => {
    let drops = Arc::new(AtomicUsize::new(0));
    let handle = registry.insert(Counted(drops.clone())).unwrap();
    drop(registry.get(handle));
    assert_eq!(drops.load(Ordering::Relaxed), 0);
    assert!(registry.remove(handle));
    assert_eq!(drops.load(Ordering::Relaxed), 1);
});

every_strategy!(the_registry_drops_what_is_left_in_it, Counted, registry => {
    let drops = Arc::new(AtomicUsize::new(0));
    let handles: Vec<_> =
        (0..500).map(|_| registry.insert(Counted(drops.clone())).unwrap()).collect();
    assert!(handles.iter().step_by(2).all(|&handle| registry.remove(handle)));
    assert_eq!(drops.load(Ordering::Relaxed), 250);
    drop(registry);
    assert_eq!(drops.load(Ordering::Relaxed), 500);
});

/// Uses the registry it stands in while it is dropped.
struct Reentrant<R>(Arc<std::sync::OnceLock<(R, Handle)>>, fn(&R, Handle));

impl<R> Drop for Reentrant<R> {
    fn drop(&mut self) {
        if let Some((registry, other)) = self.0.get() {
            (self.1)(registry, *other);
        }
    }
}

/// A value's `drop` may call the registry: no lock is held while it runs.
#[test]
fn drop_may_call_the_registry() {
    use simple_runtime::registry::*;
    /// Removing one entry removes another.
    fn chain<R: Registry<Box<dyn Send + Sync>> + 'static>() {
        let shared = Arc::new(std::sync::OnceLock::new());
        let registry = R::default();
        let other = registry.insert(Box::new(0_u8)).unwrap();
        let remove_other: fn(&R, Handle) = |registry, other| assert!(registry.remove(other));
        let first = registry.insert(Box::new(Reentrant(shared.clone(), remove_other))).unwrap();
        assert!(shared.set((registry, other)).is_ok());
        let (registry, _) = shared.get().unwrap();
        assert!(registry.remove(first));
        assert_eq!(registry.len(), 0);
    }
    chain::<StdMutex<_>>();
    chain::<StdRwLock<_>>();
    chain::<ParkingLotMutex<_>>();
    chain::<ParkingLotRwLock<_>>();
    chain::<Sharded<_>>();
    chain::<Slab<_>>();
}
