//! Profiles of two builds, brought to the same scale.

use crate::Folded;
use crate::growth::Change;
use crate::sample::without_numbers;

/// Stacks with counts, and the work that was counted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StackCounts {
    /// The stacks.
    pub stacks: Folded,
    /// Iterations in which they were counted.
    pub iterations: u64,
    /// Sampling period: processor time of one sample, in nanoseconds. `None` if every event was
    /// counted.
    pub period_ns: Option<f64>,
}

impl StackCounts {
    /// Adds another recording of the same build. Threads have no numbers afterwards.
    pub fn merge(&mut self, other: &Self) {
        let (total, other_total) = (self.stacks.total() as f64, other.stacks.total() as f64);
        if let (Some(one), Some(another)) = (self.period_ns, other.period_ns) {
            let mean = (one * total + another * other_total) / (total + other_total);
            self.period_ns = Some(mean);
        }
        self.stacks = without_numbers(&self.stacks);
        self.stacks.merge(&without_numbers(&other.stacks));
        self.iterations += other.iterations;
    }

    /// Makes nanoseconds of samples, as if there had been this many iterations. Exact counts stay.
    fn scale_to(&mut self, iterations: u64) {
        if let Some(period_ns) = &mut self.period_ns {
            *period_ns *= iterations as f64 / self.iterations.max(1) as f64;
            self.stacks = scaled(&self.stacks, *period_ns);
        }
        self.iterations = iterations;
    }

    /// Variance of a sum of counts, in their unit squared. The number of samples has a Poisson
    /// distribution; exact counts do not vary.
    fn variance(&self, sum: u64) -> f64 {
        self.period_ns.unwrap_or(0.0) * sum as f64
    }
}

/// Makes nanoseconds of samples, for the same number of iterations on both sides: a function that
/// did not change has the same width in both, however much the others changed. Exact counts are of
/// the same number of iterations already.
pub fn normalize(base: &mut StackCounts, head: &mut StackCounts) {
    let iterations = base.iterations.max(head.iterations);
    base.scale_to(iterations);
    head.scale_to(iterations);
}

/// Returns whether a change between two normalized sides is within two standard deviations of
/// sampling noise.
pub fn is_noise(change: &Change, base: &StackCounts, head: &StackCounts) -> bool {
    let variance = base.variance(change.before) + head.variance(change.after);
    (change.delta() as f64).abs() <= 2.0 * variance.sqrt()
}

fn scaled(stacks: &Folded, factor: f64) -> Folded {
    let mut scaled = Folded::default();
    stacks.iter().for_each(|(stack, count)| scaled.add(stack, (count as f64 * factor) as u64));
    scaled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::growth;

    fn counts(stacks: &str, iterations: u64) -> StackCounts {
        let stacks = Folded::parse(stacks).unwrap();
        StackCounts { stacks, iterations, period_ns: Some(1000.0) }
    }

    /// The base did twice as many iterations in the same time: `f` did not change.
    #[test]
    fn functions_that_did_not_change_have_the_same_width() {
        let (mut base, mut head) = (counts("f 100\n", 20), counts("f 50\ng 50\n", 10));
        normalize(&mut base, &mut head);
        let growth = growth::between(&base.stacks.self_counts(), &head.stacks.self_counts());
        let changed: Vec<_> = growth.changes.iter().map(|c| c.function.as_str()).collect();
        assert_eq!(changed, ["g"]);
        assert_eq!((base.iterations, head.iterations), (20, 20));
    }

    #[test]
    fn sampling_noise_is_no_change() {
        let (mut base, mut head) = (counts("f 100\ng 100\n", 10), counts("f 110\ng 200\n", 10));
        normalize(&mut base, &mut head);
        let growth = growth::between(&base.stacks.self_counts(), &head.stacks.self_counts());
        let noise = |name: &str| {
            let change = growth.changes.iter().find(|change| change.function == name).unwrap();
            is_noise(change, &base, &head)
        };
        assert!(noise("f") && !noise("g"));
    }

    #[test]
    fn exact_counts_have_no_noise_and_are_not_scaled() {
        let exact = |stacks| StackCounts { period_ns: None, ..counts(stacks, 4) };
        let (mut base, mut head) = (exact("f 100\n"), exact("f 101\n"));
        normalize(&mut base, &mut head);
        let growth = growth::between(&base.stacks.self_counts(), &head.stacks.self_counts());
        assert!(!is_noise(&growth.changes[0], &base, &head));
        assert_eq!(head, exact("f 101\n"));
    }

    #[test]
    fn recordings_of_one_build_are_added() {
        let mut one = counts("w #2;f 1\n", 1);
        one.merge(&StackCounts { period_ns: Some(4000.0), ..counts("w;f 2\n", 3) });
        assert_eq!(one, StackCounts { period_ns: Some(3000.0), ..counts("w;f 3\n", 4) });
    }
}
