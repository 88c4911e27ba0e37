//! The measured part in stacks of whole processes, as valgrind's tools record them.

use simple_profiles::Folded;
use simple_profiles::names::start_length;
use simple_records::harness::MEASURED;

/// The part of a stack that was measured, outermost function first; `None` if none of it was.
///
/// On the thread that runs iterations it begins with the function that calls them: what else
/// this thread does is set-up, or the harness. All that other threads do counts, without what
/// starts a thread.
pub fn part(stack: &[String]) -> Option<&[String]> {
    if let Some(at) = stack.iter().position(|function| function == MEASURED) {
        return Some(&stack[at..]);
    }
    let is_main = stack.iter().any(|function| function == "main" || function == "(below main)");
    let start = start_length(stack.iter().map(String::as_str));
    (!is_main).then(|| &stack[start..])
}

/// The measured part of all stacks.
pub fn stacks(all: &Folded) -> Folded {
    let mut measured = Folded::default();
    for (stack, count) in all.iter() {
        if let Some(part) = part(stack) {
            measured.add(part, count);
        }
    }
    measured
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_harness_does_is_left_out() {
        let all = "_start;main;set_up 9\n_start;main;simple_bench_measured;f 5\n\
                   clone;start_thread;worker;g 2\n(below main);exit 1\n";
        let measured = stacks(&Folded::parse(all).unwrap());
        assert_eq!(measured.to_string(), "simple_bench_measured;f 5\nworker;g 2\n");
    }
}
