//! Arrays that change while they are copied: objects that come and go meanwhile are not taken
//! for each other, even if one stands where the other stood.
//!
//! Another thread would have to act at the very moment. So the allocator acts for it: whenever
//! the copying thread allocates, and holds no lock of the arrays in question, they change.

#[path = "common/c.rs"]
mod c;

use c::*;
use simple_runtime::Value;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};

/// Smaller blocks are lists of one item, made under the lock of their array.
const SMALLEST: usize = 25;

struct Changing;

#[global_allocator]
static CHANGING: Changing = Changing;

/// Two arrays that are filled and emptied, in an order that is always the same.
struct Changed {
    first: Value,
    second: Value,
    random: u32,
}

thread_local! {
    static COPIES: Cell<bool> = const { Cell::new(false) };
    static CHANGED: RefCell<Option<Changed>> = const { RefCell::new(None) };
}

// SAFETY: the system's allocator does the work; what happens beside it is ordinary code.
unsafe impl GlobalAlloc for Changing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() >= SMALLEST && COPIES.replace(false) {
            change();
            COPIES.set(true);
        }
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) }
    }
}

/// Fills or empties one of the arrays. What is freed is what is allocated next, so texts take
/// each other's places.
fn change() {
    CHANGED.with_borrow_mut(|changed| {
        let changed = changed.as_mut().expect("set before anything is copied");
        changed.random = changed.random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (array, text) = match changed.random >> 30 {
            0 => (&changed.first, Some("first.")),
            1 => (&changed.second, Some("second")),
            2 => (&changed.first, None),
            _ => (&changed.second, None),
        };
        let item = text.map_or_else(rt_value_nil, |text| rt_string_new(text.as_bytes()));
        assert!(rt_array_set(array, 0, &item));
    });
}

fn array_of(item: &Value) -> Value {
    let array = rt_array_new(0);
    assert!(rt_array_push(&array, item));
    array
}

fn copied_beside_changes(array: &Value) -> Value {
    COPIES.set(true);
    let copy = rt_value_deep_copy(array);
    COPIES.set(false);
    copy
}

#[test]
fn a_copy_beside_changes_never_mixes_objects_up() {
    let (first, second) = (array_of(&rt_value_nil()), array_of(&rt_value_nil()));
    let changed = Changed { first: first.clone(), second: second.clone(), random: 1 };
    CHANGED.set(Some(changed));
    let mut texts_seen = 0;
    for between in (0..40).cycle().take(1000) {
        // The more stands between the two, the more changes happen between their copies: there
        // is one at every text (which is too long to take the place of another).
        let all = array_of(&first);
        let long_text = || rt_string_new(&[b'x'; 100]);
        (0..between).for_each(|_| assert!(rt_array_push(&all, &array_of(&long_text()))));
        assert!(rt_array_push(&all, &second));
        let copy = copied_beside_changes(&all);
        for (i, text) in [(0, "first."), (-1, "second")] {
            let found = rt_array_get(&rt_array_get(&copy, i), 0);
            assert!(found.is_nil() || found.as_str() == Some(text), "{found:?} in {text}");
            texts_seen += u32::from(!found.is_nil());
        }
    }
    assert!(texts_seen > 500, "{texts_seen}: the changes have to meet the copies");
}
