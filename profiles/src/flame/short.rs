//! Names short enough to be read in a frame.

/// What rustc makes of the end of a value, whose type says more than the name.
const DROP: &str = "core::ptr::drop_in_place<";

/// The last two parts of a path, without type arguments; closures are told by what they are in.
///
/// `runtime::future::wait::<impl runtime::object::Future>::wait` becomes `Future::wait`.
pub fn short(name: &str) -> String {
    if let Some(dropped) = name.strip_prefix(DROP).and_then(|rest| rest.strip_suffix('>')) {
        return format!("drop {}", type_name(dropped));
    }
    let Some(parts) = parts(name, "::") else { return name.to_owned() };
    let parts: Vec<String> = parts.into_iter().enumerate().filter_map(shown).collect();
    // What stands in braces has no name: closures and the like.
    let is_named = |part: &String| !part.starts_with('{');
    let from = parts.iter().rposition(is_named).map_or(0, |last| last.saturating_sub(1));
    // A closure in a closure's method is told by the function around both.
    let from = parts.iter().take(from + 1).rposition(is_named).unwrap_or(0);
    let short = parts[from..].join("::").replace("{{closure}}", "{closure}");
    if short.is_empty() { name.to_owned() } else { short }
}

/// One part of a path; `None` if it only names type arguments.
fn shown((index, part): (usize, &str)) -> Option<String> {
    let Some(inner) = part.strip_prefix('<').and_then(|part| part.strip_suffix('>')) else {
        // Arguments follow the name, but a name like `(below main)` has no arguments.
        let name = part.find('<').filter(|at| *at > 0).map_or(part, |at| &part[..at]);
        return Some(name.to_owned());
    };
    match inner.strip_prefix("impl ") {
        Some(inner) => Some(type_name(parts(inner, " for ")?.pop()?)),
        None if index == 0 => Some(type_name(parts(inner, " as ")?.first()?)),
        None => None,
    }
}

/// A type without its path and arguments.
fn type_name(path: &str) -> String {
    let last = parts(path, "::")
        .and_then(|parts| parts.into_iter().enumerate().filter_map(shown).next_back());
    last.unwrap_or_else(|| path.to_owned())
}

/// Splits where a separator stands outside of brackets; `None` if brackets do not match.
fn parts<'a>(name: &'a str, separator: &str) -> Option<Vec<&'a str>> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_u32, 0);
    for (at, c) in name.char_indices() {
        match c {
            '>' if name[..at].ends_with(['-', '=']) => {}
            '<' | '(' | '[' | '{' => depth += 1,
            '>' | ')' | ']' | '}' => depth = depth.checked_sub(1)?,
            _ if depth == 0 && at >= start && name[at..].starts_with(separator) => {
                parts.push(&name[start..at]);
                start = at + separator.len();
            }
            _ => {}
        }
    }
    parts.push(&name[start..]);
    (depth == 0).then_some(parts)
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
    fn closures_are_told_by_what_they_are_in() {
        let name = "simple_benches::catalogue::new_await::family::{{closure}}::{{closure}}";
        assert_eq!(short(name), "new_await::family::{closure}::{closure}");
        assert_eq!(short("a::b::c::{closure#0}"), "b::c::{closure#0}");
        assert_eq!(short("a::b::{{closure}}::c"), "b::{closure}::c");
    }

    #[test]
    fn what_ends_a_value_is_told_by_its_type() {
        assert_eq!(short("core::ptr::drop_in_place<alloc::vec::Vec<a::Value>>"), "drop Vec");
        assert_eq!(short("core::ptr::drop_in_place<(a::B,u8)>"), "drop (a::B,u8)");
    }

    #[test]
    fn what_is_no_path_stays() {
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
