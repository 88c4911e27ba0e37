//! The numbers that a probe is called with.

/// The numbers of a decision (whose `condition` is 0) or of a condition, in two words: what
/// is passed in registers and compared at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(C)]
pub(super) struct Numbers {
    decision_and_line: u64,
    column_and_condition: u64,
}

impl Numbers {
    #[inline(always)]
    pub(super) const fn new(decision: u32, condition: u32, line: u32, column: u32) -> Self {
        Self {
            decision_and_line: decision as u64 | (line as u64) << 32,
            column_and_condition: column as u64 | (condition as u64) << 32,
        }
    }

    pub(super) fn decision(self) -> u32 {
        self.decision_and_line as u32
    }

    pub(super) fn line(self) -> u32 {
        (self.decision_and_line >> 32) as u32
    }

    pub(super) fn column(self) -> u32 {
        self.column_and_condition as u32
    }

    #[inline(always)]
    pub(super) fn condition(self) -> u32 {
        (self.column_and_condition >> 32) as u32
    }

    /// The bits from the seventh on are the ones to use.
    ///
    /// Compilers number decisions, lines and columns in regular steps, and a multiplication
    /// alone keeps steps regular: some of them then fall on few places. Folding the product
    /// of both words, each first changed by a constant, breaks the steps up. The constants
    /// are the best of sixty random pairs for the steps of the test below.
    #[inline(always)]
    pub(super) fn hash(self) -> usize {
        let product = u128::from(self.decision_and_line ^ 0x1456_93A9_B0C8_9A69)
            * u128::from(self.column_and_condition ^ 0x46B1_44DE_D683_DCD4);
        (product as u64 ^ (product >> 64) as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::Numbers;

    /// Looks that finding one of these sites takes on average, in a table with linear
    /// probing that is as full as ours gets.
    fn mean_looks(sites: impl Iterator<Item = Numbers> + Clone) -> f64 {
        let capacity = sites.clone().count().next_power_of_two() * 2;
        let mut taken = vec![false; capacity];
        let (mut looks, mut count) = (0, 0);
        for numbers in sites {
            let home = numbers.hash() / 64;
            let place = (0..capacity).find(|step| !taken[(home + step) % capacity]).unwrap();
            taken[(home + place) % capacity] = true;
            looks += place + 1;
            count += 1;
        }
        looks as f64 / f64::from(count)
    }

    /// A random hash needs 1.5 looks in a table that is half full; so does this one, but for a
    /// few steps.
    #[test]
    fn regular_steps_do_not_gather() {
        const SITES: u32 = 16_384;
        const MOST: f64 = 4.0;
        for step in 0..=200 {
            let lines = (0..SITES).map(|i| Numbers::new(i, 0, i * step + 1, 1));
            let columns = (0..SITES).map(|i| Numbers::new(i, 0, i / 2 + 1, i * step % 64));
            let numbers = (0..SITES).map(|i| Numbers::new(i * step, 0, i, 1));
            let modules = (0..SITES).map(|i| Numbers::new((i * step) << 16, 0, i, 1));
            let conditions =
                (0..SITES).map(|i| Numbers::new(i / 4, i % 4, i / 4 * step + 1, 5 + 9 * (i % 4)));
            assert!(mean_looks(lines) < MOST, "line step {step}");
            assert!(mean_looks(columns) < MOST, "column step {step}");
            assert!(mean_looks(numbers) < MOST, "number step {step}");
            assert!(mean_looks(modules) < MOST, "module step {step}");
            assert!(mean_looks(conditions) < MOST, "condition line step {step}");
        }
    }
}
