//! Names of functions, short enough for a table.

/// The last two parts of a function's path, without type arguments; an implementation is named
/// by its type, a closure by what it is in. A name that is no path stays as it is.
///
/// `<alloc::vec::Vec<T> as core::ops::Drop>::drop` becomes `Vec::drop`.
pub fn short_function(name: &str) -> String {
    let Some(parts) = split(name, "::") else { return name.to_owned() };
    let parts: Vec<String> = parts.into_iter().filter_map(part).collect();
    // What stands in braces has no name.
    let is_named = |part: &String| !part.starts_with('{');
    let last = parts.iter().rposition(is_named).unwrap_or(0);
    let short = parts[last.saturating_sub(1)..].join("::").replace("{{closure}}", "{closure}");
    if short.is_empty() { name.to_owned() } else { short }
}

/// One part of a path; `None` for type arguments.
fn part(part: &str) -> Option<String> {
    let Some(inner) = part.strip_prefix('<').and_then(|part| part.strip_suffix('>')) else {
        let end = part.find('<').filter(|at| *at > 0).unwrap_or(part.len());
        return Some(part[..end].to_owned());
    };
    let implemented = match inner.strip_prefix("impl ") {
        Some(inner) => split(inner, " for ")?.pop()?,
        None => split(inner, " as ").filter(|parts| parts.len() > 1)?.first()?,
    };
    split(implemented, "::")?.into_iter().filter_map(self::part).next_back()
}

/// Splits where a separator stands outside of brackets; `None` if these do not match.
fn split<'a>(name: &'a str, separator: &str) -> Option<Vec<&'a str>> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_u32, 0);
    for (at, c) in name.char_indices() {
        match c {
            // The end of an arrow.
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
    use super::short_function as short;
    use proptest::prelude::*;

    #[test]
    fn the_last_two_parts_stay() {
        assert_eq!(short("simple_runtime::future::run::execute"), "run::execute");
        assert_eq!(short("core::ptr::swap::<alloc::vec::Vec<u8>>"), "ptr::swap");
        assert_eq!(short("main"), "main");
    }

    #[test]
    fn implementations_are_named_by_their_types() {
        assert_eq!(short("<alloc::vec::Vec<T> as core::ops::Drop>::drop"), "Vec::drop");
        let name = "simple_runtime::future::wait::<impl simple_runtime::object::Future>::wait";
        assert_eq!(short(name), "Future::wait");
        assert_eq!(short("a::<impl core::Iterator for b::Ring<T>>::next"), "Ring::next");
    }

    #[test]
    fn closures_are_told_by_what_they_are_in() {
        assert_eq!(short("a::b::c::{{closure}}::{{closure}}"), "b::c::{closure}::{closure}");
    }

    #[test]
    fn what_is_no_path_stays() {
        for name in ["", "(below main)", "[unknown]", "broken<", "operator<<(int)"] {
            assert_eq!(short(name), name);
        }
    }

    proptest! {
        #[test]
        fn a_name_never_grows_nor_vanishes(name in "[a-c<>(){}: ']{1,20}|.{1,20}") {
            let short = short(&name);
            prop_assert!(!short.is_empty() && short.len() <= name.len());
        }
    }
}
