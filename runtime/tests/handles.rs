//! Handles come from outside: any integer is accepted, and none is given out twice.

use proptest::prelude::*;
use simple_runtime::file::{self, FileError, FileState, Prefault};
use simple_runtime::registry::Handle;
use std::collections::HashSet;
use std::path::Path;

fn create() -> Handle {
    file::create(Path::new("/nonexistent"), 0, Prefault::Auto).unwrap()
}

/// Every call that takes a handle, and its result for one that names nothing.
fn assert_names_nothing(handle: Handle) {
    assert_eq!(file::start_loading(handle), Err(FileError::BadHandle));
    assert_eq!(file::wait(handle), Err(FileError::BadHandle));
    assert_eq!(file::close(handle), Err(FileError::BadHandle));
    assert_eq!(file::state(handle), FileState::Failed);
    assert!(!file::is_ready(handle));
    assert_eq!((file::size(handle), file::error(handle)), (None, None));
}

#[test]
fn a_place_that_is_used_again_gets_another_handle() {
    let mut seen = HashSet::new();
    let first = create();
    file::close(first).unwrap();
    for _ in 0..10_000 {
        let handle = create();
        assert!(handle.to_raw() > 0);
        assert!(seen.insert(handle));
        assert_ne!(handle, first);
        file::close(handle).unwrap();
    }
    // The places were used again: there are far fewer than handles.
    let places: HashSet<_> = seen.iter().map(|handle| handle.index()).collect();
    assert!(places.len() < seen.len() / 2, "{}", places.len());
    for handle in seen {
        assert_names_nothing(handle);
    }
}

#[test]
fn a_stale_handle_does_not_reach_the_next_file_in_its_place() {
    let stale = create();
    file::close(stale).unwrap();
    let (next, other) = (create(), create());
    assert_names_nothing(stale);
    for handle in [next, other] {
        assert_eq!(file::state(handle), FileState::Pending);
        assert_eq!(file::close(handle), Ok(()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_c_form_is_the_handle(raw in any::<i64>()) {
        if let Some(handle) = Handle::from_raw(raw) {
            prop_assert!(raw > 0);
            prop_assert_eq!(handle.to_raw(), raw);
            prop_assert!((1..=Handle::MAX_GENERATION).contains(&handle.generation()));
            prop_assert!(handle.index() <= Handle::MAX_INDEX);
        } else {
            prop_assert!(raw <= 0 || raw as u32 == 0 || raw >> 32 == 0);
        }
    }

    /// Forged ones, of another generation or kind than any file in this process, also of places
    /// that are in use.
    #[test]
    fn any_integer_is_answered(raw in any::<i64>(), later in 1_i64 << 20..1 << 25) {
        let file = create();
        for raw in [raw, raw & !0xffff_ffff | file.to_raw() & 0xffff_ffff, file.to_raw() + (later << 32)] {
            let handle = Handle::from_raw(raw);
            if let Some(handle) = handle.filter(|handle| handle.generation() != file.generation()) {
                assert_names_nothing(handle);
            }
        }
        prop_assert_eq!(file::state(file), FileState::Pending);
        prop_assert_eq!(file::close(file), Ok(()));
    }
}
