//! Parses frames of DHAT: `0x109166: first (small.c:12)`.

use crate::folded::writable;
use crate::names::{is_allocator, last_bracket, without_hash};

/// One frame of DHAT's table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// The function, as the folded format can hold it.
    pub(super) name: String,
    /// True if it only forwards the request of another function.
    pub(super) forwards: bool,
}

pub(super) fn frame(text: &str) -> Frame {
    let (name, place) = split(without_address(text));
    let name = without_hash(name);
    let forwards = is_valgrinds(place) || is_allocator(name);
    Frame { name: writable(if name == "???" { "" } else { name }), forwards }
}

fn without_address(text: &str) -> &str {
    match text.split_once(": ") {
        Some((address, rest)) if is_address(address) => rest,
        _ => text,
    }
}

fn is_address(text: &str) -> bool {
    let digits = text.strip_prefix("0x").unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Splits a function and its place: `file.c:12` or `in /usr/lib/library.so`, or nothing.
fn split(text: &str) -> (&str, &str) {
    let Some(inner) = text.strip_suffix(')') else { return (text, "") };
    // No function has this in its name, but a folder may have brackets.
    if let Some(at) = inner.find(" (in ") {
        return (&text[..at], &inner[at + 2..]);
    }
    let before = last_bracket(text).and_then(|at| text[..at].strip_suffix(' '));
    match before.map(str::len).or_else(|| inner.rfind(" (")) {
        Some(at) if is_line(&inner[at + 2..]) => (&text[..at], &inner[at + 2..]),
        _ => (text, ""),
    }
}

fn is_line(place: &str) -> bool {
    let line = place.rsplit_once(':').map_or("", |(_, line)| line);
    !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit())
}

/// Returns whether a place is that of valgrind's own `malloc` and its like, with or without debug
/// information.
fn is_valgrinds(place: &str) -> bool {
    place.contains("/vgpreload_") || place.starts_with("vg_replace_malloc.c:")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> String {
        frame(text).name
    }

    #[test]
    fn address_and_place_are_taken_away() {
        assert_eq!(name("0x10919C: main (in /tmp/r)"), "main");
        assert_eq!(name("0x11EEEB: a::main (library/alloc/src/alloc.rs:95)"), "a::main");
        assert_eq!(name("0x1: (below main) (libc-start.c:308)"), "(below main)");
        assert_eq!(name("0x1: f"), "f");
        assert_eq!(name("[root]"), "[root]");
    }

    #[test]
    fn names_keep_their_brackets_colons_and_spaces() {
        let call = "call_once<fn(&str) -> alloc::boxed::Box<str>, (&str)>";
        assert_eq!(name(&format!("0x14B1D7: {call} (function.rs:250)")), call);
        assert_eq!(name(&format!("0x14B1D7: {call}")), call);
        let new = "operator new(unsigned long)";
        assert_eq!(name(&format!("0x1: {new} (in /usr/lib/a (1)/b).so)")), new);
        assert_eq!(name(&format!("0x1: {new} (my (old) file.cc:1)")), new);
        assert_eq!(name(&format!("0x1: {new}")), new);
        assert_eq!(name("0x1: <T as U>::f: x (a:b.rs:7)"), "<T as U>::f: x");
        assert_eq!(name("f: g (a.rs:1)"), "f: g");
    }

    #[test]
    fn a_function_without_a_name_is_unknown() {
        assert_eq!(name("0x4B9D0: ??? (in /usr/lib/x.so)"), "[unknown]");
        assert_eq!(name("0x4B9D0: ???"), "[unknown]");
    }

    #[test]
    fn hashes_of_rustc_are_dropped() {
        assert_eq!(name("0x1: a::f::h0123456789abcdef (a.rs:1)"), "a::f");
    }

    #[test]
    fn functions_that_forward_are_known() {
        for text in [
            "0x1: malloc (in /usr/libexec/valgrind/vgpreload_dhat-amd64-linux.so)",
            "0x1: realloc (vg_replace_malloc.c:1437)",
            "0x1: __rust_alloc (in /tmp/a)",
            "0x1: __rustc::__rdl_alloc_zeroed (alloc.rs:1)",
            "0x1: alloc::alloc::exchange_malloc (alloc.rs:1)",
            "0x1: <a::B as core::alloc::global::GlobalAlloc>::alloc (b.rs:1)",
            "0x1: alloc::raw_vec::RawVecInner<A>::finish_grow (mod.rs:558)",
        ] {
            assert!(frame(text).forwards, "{text}");
        }
        for text in [
            "0x1: my_malloc (in /tmp/a)",
            "0x1: calloc (rtld-malloc.h:44)",
            "0x1: alloc::raw_vec::RawVec<T,A>::grow_one (mod.rs:527)",
            "0x1: alloc::fmt::format::format_inner (fmt.rs:1)",
        ] {
            assert!(!frame(text).forwards, "{text}");
        }
    }
}
