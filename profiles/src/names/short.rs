//! Names short enough to be read in a frame.

use super::split;

/// The function that ends a value: its type says more than its name.
const DROP: &str = "core::ptr::drop_in_place<";

/// Returns the last two parts of a path, without type arguments. Closures are named after the
/// function around them.
///
/// `runtime::future::wait::<impl runtime::object::Future>::wait` becomes `Future::wait`.
pub fn short(name: &str) -> String {
    if let Some(dropped) = name.strip_prefix(DROP).and_then(|rest| rest.strip_suffix('>')) {
        return format!("drop {}", type_name(dropped));
    }
    let Some(parts) = split(name, "::") else { return name.to_owned() };
    let parts: Vec<String> = parts.into_iter().enumerate().filter_map(shown).collect();
    // Parts in braces have no name: closures and the like.
    let is_named = |part: &String| !part.starts_with('{');
    let from = parts.iter().rposition(is_named).map_or(0, |last| last.saturating_sub(1));
    // A closure in a closure's method is named after the function around both.
    let from = parts.iter().take(from + 1).rposition(is_named).unwrap_or(0);
    let short = parts[from..].join("::").replace("{{closure}}", "{closure}");
    if short.is_empty() { name.to_owned() } else { short }
}

/// Returns one part of a path as it is shown; `None` if it only has type arguments.
fn shown((index, part): (usize, &str)) -> Option<String> {
    let Some(inner) = part.strip_prefix('<').and_then(|part| part.strip_suffix('>')) else {
        // Arguments follow the name; `(below main)` has none, and an operator of C++ is a name.
        let arguments = part.find('<').filter(|at| *at > 0 && !part.starts_with("operator"));
        let name = arguments.map_or(part, |at| &part[..at]);
        return Some(name.to_owned());
    };
    match inner.strip_prefix("impl ") {
        Some(inner) => Some(type_name(split(inner, " for ")?.pop()?)),
        None if index == 0 => Some(type_name(split(inner, " as ")?.first()?)),
        None => None,
    }
}

/// Returns a type without its path and arguments.
fn type_name(path: &str) -> String {
    let last = split(path, "::")
        .and_then(|parts| parts.into_iter().enumerate().filter_map(shown).next_back());
    last.unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_keeps_its_last_two_parts() {
        assert_eq!(short("simple_runtime::future::run::execute"), "run::execute");
        assert_eq!(short("main"), "main");
        assert_eq!(short("a::main"), "a::main");
    }

    #[test]
    fn an_implementation_is_named_by_its_type() {
        let name = "simple_runtime::future::wait::<impl simple_runtime::object::Future>::wait";
        assert_eq!(short(name), "Future::wait");
        assert_eq!(short("a::<impl core::iter::Iterator for b::Ring<T>>::next"), "Ring::next");
        assert_eq!(short("<alloc::vec::Vec<T> as core::ops::Drop>::drop"), "Vec::drop");
        assert_eq!(short("<a::Slab>::get"), "Slab::get");
        assert_eq!(short("<&mut a::B as c::D>::e"), "B::e");
    }

    #[test]
    fn type_arguments_are_left_out() {
        assert_eq!(short("core::ptr::swap<alloc::vec::Vec<u8>>"), "ptr::swap");
        assert_eq!(short("a::map::<u8, fn(u8) -> u8>"), "a::map");
        assert_eq!(short("std::vector<int, std::allocator<int> >::push_back"), "vector::push_back");
    }

    #[test]
    fn operators_of_cpp_are_whole() {
        assert_eq!(short("x::a::operator<<(int)"), "a::operator<<(int)");
        assert_eq!(short("x::a::operator->"), "a::operator->");
    }

    #[test]
    fn closures_are_named_after_the_function_around_them() {
        let name = "simple_benches::catalogue::new_await::family::{{closure}}::{{closure}}";
        assert_eq!(short(name), "new_await::family::{closure}::{closure}");
        assert_eq!(short("a::b::c::{closure#0}"), "b::c::{closure#0}");
        assert_eq!(short("a::b::{{closure}}::c"), "b::{closure}::c");
    }

    #[test]
    fn the_end_of_a_value_is_named_after_its_type() {
        assert_eq!(short("core::ptr::drop_in_place<alloc::vec::Vec<a::Value>>"), "drop Vec");
        assert_eq!(short("core::ptr::drop_in_place<(a::B,u8)>"), "drop (a::B,u8)");
    }

    #[test]
    fn names_that_are_no_paths_stay() {
        for name in ["(below main)", "operator new(unsigned long)", "0x1ab70", "a<b", "[unknown]"] {
            assert_eq!(short(name), name);
        }
    }

    proptest::proptest! {
        #[test]
        fn a_name_never_grows_nor_vanishes(
            name in "(a|b|::|<|>|<impl | for | as |\\{\\{closure\\}\\}|\\{|\\(|\\)|->){1,12}"
        ) {
            proptest::prop_assert!((1..=name.len()).contains(&short(&name).len()), "{}", short(&name));
        }
    }
}
