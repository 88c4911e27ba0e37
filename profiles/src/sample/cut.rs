//! The measured part of a stack.

use crate::Folded;
use crate::names::{last_name, start_length};

/// The part of stacks that is cut off at their outer ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cut {
    /// The function inside of which the measured part runs, by its whole path or its last name.
    /// It stays. If a stack has several, it is the outermost one.
    pub marker: Option<String>,
}

impl Cut {
    /// Stacks begin with this function, where they have it.
    pub fn at(marker: impl Into<String>) -> Self {
        Self { marker: Some(marker.into()) }
    }

    /// Position of the marker in a stack, outermost function first.
    pub(super) fn marker<S: AsRef<str>>(&self, stack: &[S]) -> Option<usize> {
        let marker = self.marker.as_deref()?;
        let is_marker = |function: &str| function == marker || last_name(function) == marker;
        stack.iter().position(|function| is_marker(function.as_ref()))
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
    fn the_rest_of_the_harness_is_left_out() {
        let all = "_start;main;set_up 9\n_start;main;simple_bench_measured;f 5\n\
                   clone;start_thread;worker;g 2\n(below main);exit 1\n";
        let measured =
            Cut::at("simple_bench_measured").measured_stacks(&Folded::parse(all).unwrap());
        assert_eq!(measured.to_string(), "simple_bench_measured;f 5\nworker;g 2\n");
    }
}
