//! Results of the signed-rank test that a check needs, counted while blocks are added. Each is a
//! comparison of an order statistic of the Walsh averages with a fixed mark, so nothing is sorted.

/// Differences of blocks, and how many of their Walsh averages lie on either side of some marks.
#[derive(Debug, Clone)]
pub(super) struct Walsh<const MARKS: usize> {
    values: Vec<f64>,
    marks: [f64; MARKS],
    /// Averages below each mark.
    below: [usize; MARKS],
    /// Averages at or below each mark.
    up_to: [usize; MARKS],
}

impl<const MARKS: usize> Walsh<MARKS> {
    pub(super) fn new(marks: [f64; MARKS]) -> Self {
        Self { values: Vec::new(), marks, below: [0; MARKS], up_to: [0; MARKS] }
    }

    pub(super) fn add(&mut self, value: f64) {
        self.values.push(value);
        for other in &self.values {
            let average = (value + other) / 2.0;
            for (index, mark) in self.marks.iter().enumerate() {
                self.below[index] += usize::from(average < *mark);
                self.up_to[index] += usize::from(average <= *mark);
            }
        }
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    fn averages(&self) -> usize {
        self.values.len() * (self.values.len() + 1) / 2
    }

    /// Returns whether the lower end of the interval is above a mark; `inward` is the number of averages
    /// beyond it.
    pub(super) fn low_is_above(&self, mark: usize, inward: usize) -> bool {
        self.up_to[mark] <= inward
    }

    /// Returns whether the upper end of the interval is below a mark.
    pub(super) fn high_is_below(&self, mark: usize, inward: usize) -> bool {
        self.below[mark] >= self.averages() - inward
    }

    /// Returns whether the estimate is at a mark or above; also if the mark is between the two averages
    /// in the middle.
    pub(super) fn estimate_reaches(&self, mark: usize) -> bool {
        2 * self.below[mark] <= self.averages()
    }

    /// Returns whether the estimate is at a mark or below; also if the mark is between the two in the middle.
    pub(super) fn estimate_sinks_to(&self, mark: usize) -> bool {
        2 * self.up_to[mark] >= self.averages()
    }
}

#[cfg(test)]
mod tests {
    use super::Walsh;
    use crate::stats::{inward, signed_rank};

    #[test]
    fn counts_say_what_the_test_says() {
        let mut random = fastrand::Rng::with_seed(3);
        let marks = [-0.3, 0.0, 0.3];
        let mut told = [0; 4];
        for _ in 0..300 {
            // Numbers with one average in the middle.
            let (n, shift) = (4 * random.usize(1..10) + 1, random.f64() - 0.5);
            let mut walsh = Walsh::new(marks);
            (0..n).for_each(|_| walsh.add(random.f64() - 0.5 + shift));
            let test = signed_rank(walsh.values()).unwrap();
            let (inward, _) = inward(n);
            for (index, mark) in marks.into_iter().enumerate() {
                let says = [
                    (walsh.low_is_above(index, inward), test.interval.low > mark),
                    (walsh.high_is_below(index, inward), test.interval.high < mark),
                    (walsh.estimate_reaches(index), test.estimate >= mark),
                    (walsh.estimate_sinks_to(index), test.estimate <= mark),
                ];
                for (told, (counted, tested)) in told.iter_mut().zip(says) {
                    assert_eq!(counted, tested, "{n} {mark} {test:?}");
                    *told += u32::from(counted);
                }
            }
        }
        assert!(told.iter().all(|told| (50..850).contains(told)), "{told:?}");
    }
}
