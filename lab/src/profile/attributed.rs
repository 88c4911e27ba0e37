//! Costs of the standard library, attributed to who calls it.
//!
//! Much of it is inlined into a line or two: a table that is led by `Iterator::fold` and
//! `Option::map` tells nobody where to look. Pictures show all of it.

use simple_profiles::Folded;

/// Stacks without the standard library's functions at their inner ends.
pub fn to_callers(stacks: &Folded) -> Folded {
    let mut attributed = Folded::default();
    for (stack, count) in stacks.iter() {
        // The outermost frame is a thread, or the measured part.
        let inner = stack.iter().skip(1).rposition(|function| !is_std(function));
        let length = inner.map_or(stack.len(), |inner| inner + 2);
        attributed.add(&stack[..length], count);
    }
    attributed
}

/// Returns whether a function is one of the standard library: in its paths, or an implementation for one
/// of its types, or for one that is built in.
pub fn is_std(function: &str) -> bool {
    const CRATES: [&str; 3] = ["core::", "alloc::", "std::"];
    const ALLOCATOR: [&str; 2] = ["__rustc::", "__rust_"];
    let of_crate = |path: &str| CRATES.iter().any(|name| path.starts_with(name));
    if of_crate(function) || ALLOCATOR.iter().any(|name| function.starts_with(name)) {
        return true;
    }
    let Some((of_type, of_trait)) = function.strip_prefix('<').and_then(implementation) else {
        return false;
    };
    let of_type = of_type.trim_start_matches(['&', '*', '[', '(']);
    let of_type = of_type.trim_start_matches("mut ").trim_start_matches("const ");
    let is_built_in = !of_type.contains("::");
    of_crate(of_type) || (is_built_in && (of_trait.is_empty() || of_crate(of_trait)))
}

/// The type and the trait of `Type as Trait>::function`, whose brackets may be nested.
fn implementation(rest: &str) -> Option<(&str, &str)> {
    let mut depth = 0_i32;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'<' => depth += 1,
            b'>' if !rest[..at].ends_with('-') => depth -= 1,
            b' ' if depth == 0 && rest[at..].starts_with(" as ") => {
                return Some((&rest[..at], &rest[at + 4..]));
            }
            _ => {}
        }
        if depth < 0 {
            return Some((&rest[..at], ""));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_library_is_told_from_who_uses_it() {
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
    fn costs_go_to_the_innermost_other_function() {
        let stacks = "t;core::start 1\nt;a;core::f;alloc::g 2\nt;a;core::f;b 4\n";
        let attributed = to_callers(&Folded::parse(stacks).unwrap());
        assert_eq!(attributed.to_string(), "t;a 2\nt;a;core::f;b 4\nt;core::start 1\n");
    }
}
