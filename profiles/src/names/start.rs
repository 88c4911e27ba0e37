//! Functions that start programs and threads, and say nothing of what a program does.

/// Functions of the C library between the kernel and the program, and the ones it calls.
const OF_C: [&str; 13] = [
    "_start",
    "clone",
    "__clone",
    "clone3",
    "__clone3",
    "main",
    "start_thread",
    "__libc_start_call_main",
    "__libc_start_main",
    "__libc_start_main_impl",
    "__libc_start_main_stage2",
    "libc_start_main_stage2",
    "__pthread_start",
];

/// Functions of Rust's library: beginnings of paths.
const OF_RUST: [&str; 9] = [
    "std::sys::thread",
    "std::sys::pal::unix::thread",
    "<std::sys::thread",
    "<std::sys::pal::unix::thread",
    "std::thread::",
    "<std::thread::",
    "std::panicking::",
    "std::panic::",
    "__rust_try",
];

/// Calls of closures through which the program is started: beginnings of paths.
const CALLS: [&str; 4] = [
    "core::ops::function::call_once",
    "core::ops::function::FnOnce::call_once",
    "core::panic::unwind_safe::",
    "alloc::boxed::call_once",
];

/// The last function of the start: it calls the program.
const LAST: &str = "__rust_begin_short_backtrace";

/// Returns whether a stack with this outermost function has all of the program's functions. Where
/// the copy of the stack ends between these, nothing is missing.
pub(crate) fn is_start(function: &str) -> bool {
    OF_C.contains(&function)
        || function.starts_with("ret_from_fork")
        || function.starts_with("std::rt::lang_start")
        || function.ends_with("::thread_start")
        || function.ends_with(LAST)
}

/// Number of a stack's outermost functions (which come first) that only start the program. The
/// innermost one is never among them.
///
/// A `std::thread::sleep` that the program calls is not among them, although its path begins as
/// theirs do: behind the last function of the start, only calls of closures count.
pub(crate) fn length<'a>(outermost_first: impl Iterator<Item = &'a str>) -> usize {
    let (mut length, mut is_behind_last) = (0, false);
    let mut functions = outermost_first.peekable();
    while let Some(function) = functions.next() {
        if functions.peek().is_none() {
            break;
        }
        let starts = is_call(function) || (!is_behind_last && is_of_start(function));
        if !starts {
            break;
        }
        is_behind_last |= function.ends_with(LAST);
        length += 1;
    }
    length
}

fn is_of_start(function: &str) -> bool {
    is_start(function) || OF_RUST.iter().any(|start| function.starts_with(start))
}

fn is_call(function: &str) -> bool {
    // `<Box<dyn FnOnce()> as core::ops::function::FnOnce<()>>::call_once`
    let is_impl = function.starts_with('<')
        && function.ends_with(">::call_once")
        && function.contains(" as core::ops::function::FnOnce<");
    is_impl || CALLS.iter().any(|start| function.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(stack: &[&str]) -> Vec<String> {
        let length = length(stack.iter().copied());
        stack[length..].iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_start_of_a_program_is_cut() {
        let stack = [
            "_start",
            "__libc_start_main",
            "__libc_start_call_main",
            "main",
            "std::rt::lang_start_internal",
            "<&dyn core::ops::function::Fn<(), Output = i32> as core::ops::function::FnOnce<()>>::call_once",
            "std::rt::lang_start::{{closure}}",
            "std::sys::backtrace::__rust_begin_short_backtrace",
            "core::ops::function::FnOnce::call_once",
            "tiny::main",
        ];
        assert_eq!(left(&stack), ["tiny::main"]);
    }

    #[test]
    fn the_start_of_a_thread_is_cut_but_not_its_sleep() {
        let stack = [
            "clone3",
            "start_thread",
            "<std::sys::thread::unix::Thread>::new::thread_start",
            "<alloc::boxed::Box<dyn core::ops::function::FnOnce<()>> as core::ops::function::FnOnce<()>>::call_once",
            "core::ops::function::FnOnce::call_once{{vtable.shim}}",
            "std::thread::lifecycle::spawn_unchecked::{{closure}}",
            "std::panicking::catch_unwind::do_call",
            "std::sys::backtrace::__rust_begin_short_backtrace",
            "std::thread::functions::sleep",
        ];
        assert_eq!(left(&stack), ["std::thread::functions::sleep"]);
    }

    #[test]
    fn a_stack_that_ends_between_kernel_and_program_is_whole() {
        for function in
            ["_start", "__libc_start_call_main", "main", "std::rt::lang_start", "clone3"]
        {
            assert!(is_start(function), "{function}");
        }
        assert!(!is_start("tiny::main") && !is_start("std::thread::sleep"));
    }

    #[test]
    fn the_programs_own_calls_stay() {
        assert_eq!(left(&["_start", "main", "a::main", "main"]), ["a::main", "main"]);
        assert_eq!(left(&["_start", "main"]), ["main"]);
        assert_eq!(left(&["clone3"]), ["clone3"]);
    }
}
