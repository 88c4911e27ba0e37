//! Names of functions: their structure, and the meaning of those that are known.

mod allocation;
mod brackets;
mod library;
mod readable;
mod short;
mod start;

pub use short::short;

pub(crate) use allocation::{is_allocation, is_allocator};
pub(crate) use brackets::{last as last_bracket, split};
pub(crate) use library::{is_std, is_wait};
pub(crate) use readable::{is_mangled, readable, without_arguments};
pub(crate) use start::{is_start, length as start_length};

/// Returns a name without the `::h0123456789abcdef` that rustc gives to every compilation of a
/// function.
pub(crate) fn without_hash(name: &str) -> &str {
    match name.rsplit_once("::h") {
        Some((path, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            path
        }
        _ => name,
    }
}

/// The last part of a path: `f` of `a::<b::C as d::E>::f`.
pub(crate) fn last_name(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_hash_is_dropped() {
        assert_eq!(without_hash("a::f::h0123456789abcdef"), "a::f");
        assert_eq!(without_hash("a::h12"), "a::h12");
        assert_eq!(without_hash("a::h0123456789abcdeg"), "a::h0123456789abcdeg");
    }

    #[test]
    fn the_last_name_is_behind_the_path() {
        assert_eq!(last_name("a::<b::C as d::E>::f"), "f");
        assert_eq!(last_name("f"), "f");
    }
}
