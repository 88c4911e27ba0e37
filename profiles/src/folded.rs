//! Folded stacks: stacks of functions, with counts.
//!
//! The text format is one stack a line, outermost function first: `main;parse;read 120`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Name of a frame without one, and of frames that a profiler did not record.
pub const UNKNOWN: &str = "[unknown]";

/// Stacks with counts. The unit is the profiler's: instructions, samples, bytes.
///
/// Sums saturate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    stacks: BTreeMap<Vec<String>, u64>,
}

/// Reason why a text is not in the folded format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is no folded stack: {reason}")]
pub struct Error {
    /// Number of the line, from one.
    pub line: usize,
    /// The fault.
    pub reason: &'static str,
}

impl Folded {
    /// Adds a count to a stack, which is given from the outermost function to the innermost.
    ///
    /// The text format has no way to write a semicolon or the end of a line: they become
    /// commas and spaces. No count, or a stack without a frame, adds nothing.
    pub fn add<S: AsRef<str>>(&mut self, stack: impl IntoIterator<Item = S>, count: u64) {
        let stack: Vec<String> = stack.into_iter().map(|frame| writable(frame.as_ref())).collect();
        if count > 0 && !stack.is_empty() {
            let sum = self.stacks.entry(stack).or_default();
            *sum = sum.saturating_add(count);
        }
    }

    pub(crate) fn from_stacks(stacks: &[Vec<String>], counts: &[u64]) -> Self {
        let mut folded = Self::default();
        stacks.iter().zip(counts).for_each(|(stack, count)| folded.add(stack, *count));
        folded
    }

    /// Adds all counts of another profile in the same unit.
    pub fn merge(&mut self, other: &Self) {
        for (stack, count) in other.iter() {
            self.add(stack, count);
        }
    }

    /// The difference from `other`, stack by stack; nothing where `other` counted more.
    ///
    /// Takes set-up out of a profile: a process that does its set-up and then N iterations, minus
    /// one that does the same set-up and none, leaves N iterations. This holds for counts that
    /// repeat exactly, such as callgrind's. Where they do not (samples, or several threads), counts
    /// that are larger in `other` by chance are cut to nothing while those that are smaller stay,
    /// so the result is too large: compare its total with the difference of the totals. A function
    /// whose stacks differ between the two (set-up with other callers, or stacks cut off) is not
    /// taken out.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut beyond = Self::default();
        for (stack, count) in self.iter() {
            beyond.add(stack, count.saturating_sub(other.count(stack)));
        }
        beyond
    }

    /// The stacks, sorted frame by frame; one that ends early comes before those that go on.
    pub fn iter(&self) -> impl Iterator<Item = (&[String], u64)> {
        self.stacks.iter().map(|(stack, count)| (stack.as_slice(), *count))
    }

    /// The count of one stack.
    pub fn count<S: AsRef<str>>(&self, stack: &[S]) -> u64 {
        let stack: Vec<String> = stack.iter().map(|frame| writable(frame.as_ref())).collect();
        self.stacks.get(&stack).copied().unwrap_or(0)
    }

    /// Returns whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.stacks.is_empty()
    }

    /// The sum of all counts.
    pub fn total(&self) -> u64 {
        self.stacks.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Counts of each function itself: those of stacks where it is the innermost one.
    pub fn self_counts(&self) -> BTreeMap<String, u64> {
        self.sums(|stack| stack.last().cloned().into_iter().collect())
    }

    /// Counts of each function and of those below it. A stack that has it several times counts
    /// once, so that recursion does not count double.
    pub fn inclusive_counts(&self) -> BTreeMap<String, u64> {
        self.sums(|stack| stack.iter().cloned().collect())
    }

    fn sums(&self, functions: impl Fn(&[String]) -> BTreeSet<String>) -> BTreeMap<String, u64> {
        let mut sums = BTreeMap::<String, u64>::new();
        for (stack, count) in self.iter() {
            for function in functions(stack) {
                let sum = sums.entry(function).or_default();
                *sum = sum.saturating_add(count);
            }
        }
        sums
    }

    /// The stacks that have a function, without its callers: from its outermost call on.
    #[must_use]
    pub fn below(&self, function: &str) -> Self {
        let mut below = Self::default();
        for (stack, count) in self.iter() {
            if let Some(at) = stack.iter().position(|frame| frame == function) {
                below.add(&stack[at..], count);
            }
        }
        below
    }

    /// Reads the text format; `to_string` writes it. Empty lines are skipped, and the same
    /// stack may occur several times.
    ///
    /// # Errors
    ///
    /// A line without a stack, or without a whole number at its end.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut folded = Self::default();
        for (line, number) in text.lines().zip(1..) {
            let error = |reason| Error { line: number, reason };
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            let (stack, count) = line.rsplit_once(' ').ok_or(error("it has no count"))?;
            let count = count.parse().map_err(|_| error("it does not end with a whole number"))?;
            folded.add(stack.split(';'), count);
        }
        Ok(folded)
    }
}

impl fmt::Display for Folded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|(stack, count)| writeln!(f, "{} {count}", stack.join(";")))
    }
}

/// A frame in a form that the text format can represent.
pub(crate) fn writable(frame: &str) -> String {
    let frame = frame.trim();
    if frame.is_empty() {
        return UNKNOWN.to_owned();
    }
    frame.replace(';', ",").replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn folded(text: &str) -> Folded {
        Folded::parse(text).unwrap()
    }

    #[test]
    fn self_counts_are_those_of_the_innermost_function() {
        let sums = folded("a;b 1\na;b;c 2\na;c 4\n").self_counts();
        assert_eq!(sums, BTreeMap::from([("b".into(), 1), ("c".into(), 6)]));
    }

    #[test]
    fn recursion_counts_once_in_inclusive_counts() {
        let sums = folded("a;b;a;b 1\na;c 2\n").inclusive_counts();
        assert_eq!(sums, BTreeMap::from([("a".into(), 3), ("b".into(), 1), ("c".into(), 2)]));
    }

    #[test]
    fn below_cuts_the_callers_of_the_outermost_call() {
        let below = folded("main;f;g;f 1\nmain;f 2\nmain;h 4\n").below("f");
        assert_eq!(below, folded("f;g;f 1\nf 2\n"));
    }

    #[test]
    fn minus_leaves_the_larger_counts() {
        let (before, after) =
            (folded("a;b 5\na;c 1\na;d 2\n"), folded("a 1\na;b 7\na;c 1\na;d 1\n"));
        assert_eq!(after.minus(&before), folded("a 1\na;b 2\n"));
    }

    #[test]
    fn names_may_hold_spaces_and_the_same_stack_may_occur_twice() {
        let folded = folded("a;<T as U>::f 1\n\na;<T as U>::f 2\n");
        assert_eq!(folded.count(&["a", "<T as U>::f"]), 3);
        assert_eq!(folded.to_string(), "a;<T as U>::f 3\n");
    }

    #[test]
    fn characters_that_cannot_be_written_are_replaced() {
        let mut folded = Folded::default();
        folded.add(["", "[u8; 8]\n::f "], 1);
        assert_eq!(folded.to_string(), "[unknown];[u8, 8] ::f 1\n");
    }

    #[test]
    fn a_wrong_line_is_named() {
        let wrong = |text| Folded::parse(text).unwrap_err();
        assert_eq!(wrong("a 1\nb").line, 2);
        assert!(wrong("a;b x").to_string().contains("whole number"));
        assert!(wrong("a;b -1").to_string().contains("whole number"));
        assert!(wrong("12").to_string().contains("no count"));
    }

    fn any() -> impl Strategy<Value = Folded> {
        let stack = prop::collection::vec("[a-c ;'<:]{0,3}", 1..5);
        prop::collection::vec((stack, 0..1000u64), 0..10).prop_map(|stacks| {
            let mut folded = Folded::default();
            stacks.into_iter().for_each(|(stack, count)| folded.add(stack, count));
            folded
        })
    }

    proptest! {
        #[test]
        fn written_stacks_are_read_back(folded in any()) {
            prop_assert_eq!(Folded::parse(&folded.to_string()), Ok(folded));
        }

        #[test]
        fn merging_adds(one in any(), other in any()) {
            let mut both = one.clone();
            both.merge(&other);
            prop_assert_eq!(both.total(), one.total() + other.total());
            let text = format!("{one}{other}");
            prop_assert_eq!(Folded::parse(&text), Ok(both));
        }

        #[test]
        fn minus_undoes_merge(one in any(), other in any()) {
            let mut both = one.clone();
            both.merge(&other);
            prop_assert_eq!(both.minus(&one), other);
            prop_assert!(one.minus(&both).is_empty());
        }

        #[test]
        fn self_counts_sum_up_to_the_total(folded in any()) {
            prop_assert_eq!(folded.self_counts().values().sum::<u64>(), folded.total());
            let inclusive = folded.inclusive_counts();
            prop_assert!(folded.self_counts().iter().all(|(name, own)| inclusive[name] >= *own));
        }
    }
}
