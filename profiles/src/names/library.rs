//! Functions of the standard library.

use super::brackets;

const CRATES: [&str; 3] = ["core::", "alloc::", "std::"];

/// Entries to the allocator, which rustc generates.
const ALLOCATOR: [&str; 2] = ["__rustc::", "__rust_"];

/// Ways from the standard library into the kernel: beginnings of names.
const WAITS: [&str; 4] = ["syscall", "parking_lot", "pthread_", "__"];

/// Returns whether a function is one of the standard library: in its paths, or an implementation
/// for one of its types or for a built-in type.
pub(crate) fn is_std(function: &str) -> bool {
    if is_in(function, &CRATES) || is_in(function, &ALLOCATOR) {
        return true;
    }
    let Some((of_type, of_trait)) = implementation(function) else { return false };
    let of_type = of_type.trim_start_matches(['&', '*', '[', '(']);
    let of_type = of_type.trim_start_matches("mut ").trim_start_matches("const ");
    let is_built_in = !of_type.contains("::");
    is_in(of_type, &CRATES) || (is_built_in && (of_trait.is_empty() || is_in(of_trait, &CRATES)))
}

/// Returns whether a function only waits in the name of its caller: one of the standard library,
/// the C library, or their locks.
pub(crate) fn is_wait(function: &str) -> bool {
    is_std(function) || is_in(function, &WAITS)
}

fn is_in(function: &str, beginnings: &[&str]) -> bool {
    beginnings.iter().any(|beginning| function.starts_with(beginning))
}

/// The type and the trait of `<Type as Trait>::function`.
fn implementation(function: &str) -> Option<(&str, &str)> {
    let inner = function.starts_with('<').then(|| brackets::first(function)).flatten()?;
    match brackets::split(inner, " as ")?[..] {
        [of_type] => Some((of_type, "")),
        [of_type, of_trait, ..] => Some((of_type, of_trait)),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_library_is_known_from_its_users() {
        for function in [
            "core::iter::Iterator::fold",
            "<u64 as core::cmp::PartialOrd>::lt",
            "<alloc::boxed::Box<F,A> as core::ops::FnMut<Args>>::call_mut",
            "<core::ops::Range<T> as core::iter::RangeIteratorImpl>::spec_next",
            "<&T as core::fmt::Debug>::fmt",
            "<alloc::alloc::Global>::deallocate_impl",
            "<u64>::wrapping_add",
            "__rustc::__rdl_alloc",
        ] {
            assert!(is_std(function), "{function}");
        }
        for function in [
            "simple_runtime::value::copy",
            "<rt::Guard<'_> as core::ops::Drop>::drop",
            "<rt::Ring<fn(u8) -> u8> as core::ops::Drop>::drop",
            "malloc",
            "coreutils::main",
        ] {
            assert!(!is_std(function), "{function}");
        }
    }

    #[test]
    fn waits_go_through_the_c_library() {
        for function in ["std::thread::park", "syscall", "pthread_cond_wait", "__poll"] {
            assert!(is_wait(function), "{function}");
        }
        assert!(!is_wait("simple_runtime::executor::blocked::blocking"));
    }
}
