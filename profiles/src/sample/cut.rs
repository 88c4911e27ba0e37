//! The measured part of a stack.

use crate::Folded;
use crate::names::{last_name, start_length};

/// The part of stacks that is cut off at their outer ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cut {
    /// The function inside of which the measured part runs, by its whole path or its last name.
    /// It stays. If a stack has several, it is the outermost one.
    pub marker: Option<String>,
    /// The outermost function that stays where there is no marker.
    pub begin: Begin,
}

/// The outermost function of a stack without a marker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Begin {
    /// The first function that does not only start a thread or a program.
    #[default]
    BehindMain,
    /// The same, but C's `main` stays: it is the program's own. That of Rust only calls the
    /// program's.
    AtMain,
}

impl Cut {
    /// Stacks of a whole program, whose set-up is a part of it.
    pub fn program() -> Self {
        Self { marker: None, begin: Begin::AtMain }
    }

    /// Stacks begin with this function, where they have it.
    pub fn at(marker: impl Into<String>) -> Self {
        Self { marker: Some(marker.into()), begin: Begin::default() }
    }

    /// Position of the marker in a stack, outermost function first.
    pub(super) fn marker<S: AsRef<str>>(&self, stack: &[S]) -> Option<usize> {
        let marker = self.marker.as_deref()?;
        let is_marker = |function: &str| function == marker || last_name(function) == marker;
        stack.iter().position(|function| is_marker(function.as_ref()))
    }

    /// Number of functions that are cut off a whole stack without a marker, outermost function first.
    pub(super) fn start<S: AsRef<str>>(&self, stack: &[S]) -> usize {
        let length = start_length(stack.iter().map(AsRef::as_ref));
        let is_main = |at: &usize| self.begin == Begin::AtMain && stack[*at].as_ref() == "main";
        length.checked_sub(1).filter(is_main).unwrap_or(length)
    }

    /// A stack of a whole program that valgrind recorded, outermost function first, from where the
    /// program begins.
    pub fn of_program<'a, S: AsRef<str>>(&self, stack: &'a [S]) -> &'a [S] {
        // Valgrind's name for all that is between the kernel and `main`.
        let is_below = |function: &&S| matches!(function.as_ref(), "(below main)" | "_start");
        let last = stack.iter().rposition(|function| is_below(&function)).map_or(0, |at| at + 1);
        let below = last.min(stack.len().saturating_sub(1));
        &stack[below + self.start(&stack[below..])..]
    }

    /// The measured part of a stack of a whole process, outermost function first; `None` if it has
    /// none.
    ///
    /// On the thread that runs iterations it begins with the marker: all else that this thread
    /// does is set-up, or the harness. All that other threads do counts, without the functions
    /// that start a thread.
    pub fn measured<'a, S: AsRef<str>>(&self, stack: &'a [S]) -> Option<&'a [S]> {
        if let Some(at) = self.marker(stack) {
            return Some(&stack[at..]);
        }
        let is_main = |function: &S| matches!(function.as_ref(), "main" | "(below main)");
        let start = start_length(stack.iter().map(AsRef::as_ref));
        (!stack.iter().any(is_main)).then(|| &stack[start..])
    }

    /// The measured part of all stacks of a whole process.
    #[must_use]
    pub fn measured_stacks(&self, all: &Folded) -> Folded {
        let mut measured = Folded::default();
        for (stack, count) in all.iter() {
            if let Some(part) = self.measured(stack) {
                measured.add(part, count);
            }
        }
        measured
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_begins_with_its_own_main() {
        let cut = Cut::program();
        let of_c = ["_start", "__libc_start_main", "main", "f"];
        assert_eq!(&of_c[cut.start(&of_c)..], ["main", "f"]);
        assert_eq!(cut.of_program(&["(below main)", "main", "f"]), ["main", "f"]);
        let of_loader = ["0x1ab70", "(below main)", "__libc_start_main", "(below main)", "main"];
        assert_eq!(cut.of_program(&of_loader), ["main"]);
        assert_eq!(cut.of_program(&["0x1ab70", "_dl_start"]), ["0x1ab70", "_dl_start"]);
        assert_eq!(cut.of_program(&["(below main)"]), ["(below main)"]);
        assert_eq!(cut.of_program(&["clone", "start_thread", "work"]), ["work"]);
        let of_rust = ["main", "std::rt::lang_start::<()>", "tiny::main", "tiny::f"];
        assert_eq!(&of_rust[cut.start(&of_rust)..], ["tiny::main", "tiny::f"]);
        assert_eq!(&of_c[Cut::default().start(&of_c)..], ["f"]);
    }

    #[test]
    fn the_rest_of_the_harness_is_left_out() {
        let all = "_start;main;set_up 9\n_start;main;simple_bench_measured;f 5\n\
                   clone;start_thread;worker;g 2\n(below main);exit 1\n";
        let measured =
            Cut::at("simple_bench_measured").measured_stacks(&Folded::parse(all).unwrap());
        assert_eq!(measured.to_string(), "simple_bench_measured;f 5\nworker;g 2\n");
    }
}
