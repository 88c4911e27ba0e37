//! The names that linkers and debug information give to functions, made readable.

use super::without_hash;
use rustc_demangle::try_demangle;

/// Returns a name demangled if it is a mangled one of Rust, without rustc's hash, and without the
/// version that a C library gives to its functions.
pub(crate) fn readable(name: &str) -> String {
    if let Ok(demangled) = try_demangle(name) {
        return format!("{demangled:#}");
    }
    match name.split_once('@') {
        Some((function, _)) if !function.is_empty() && !function.contains("::") => {
            function.to_owned()
        }
        _ => without_hash(name).to_owned(),
    }
}

/// Returns whether a name is one of the linker's.
pub(crate) fn is_mangled(name: &str) -> bool {
    name.starts_with("_Z") || name.starts_with("_R")
}

/// Returns a last name as a symbol has it: without types, and closures without a number.
pub(crate) fn without_arguments(name: &str) -> String {
    // `{closure#0}`, and what `async` makes closures of: `{async_fn#0}`.
    if name.starts_with('{') && name.contains('#') {
        return "{{closure}}".to_owned();
    }
    match name.find('<') {
        // Symbols have the type here, and without it this one says nothing.
        Some(at) if at > 0 && &name[..at] != "drop_in_place" => name[..at].to_owned(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mangled_names_become_paths_without_a_hash() {
        assert_eq!(readable("_ZN4tiny4deep6thirty17h37241bd854d64ccaE"), "tiny::deep::thirty");
        assert_eq!(
            readable("_RNvMNtCs1234_7mycrate3fooNtB2_3Bar3baz"),
            "<mycrate::foo::Bar>::baz",
            "as valgrind has it"
        );
        assert_eq!(readable("tiny::f::h0123456789abcdef"), "tiny::f");
        assert_eq!(readable("clock_nanosleep@GLIBC_2.2.5"), "clock_nanosleep");
        assert_eq!(readable("__libc_start_main@@GLIBC_2.34"), "__libc_start_main");
        assert_eq!(readable("epoll_wait"), "epoll_wait");
    }

    #[test]
    fn types_are_left_out_of_last_names() {
        assert_eq!(without_arguments("next<u64>"), "next");
        assert_eq!(without_arguments("{closure#3}<u8>"), "{{closure}}");
        assert_eq!(without_arguments("{async_fn#0}"), "{{closure}}");
        assert_eq!(without_arguments("drop_in_place<u8>"), "drop_in_place<u8>");
        assert_eq!(without_arguments("<weird>"), "<weird>");
    }
}
