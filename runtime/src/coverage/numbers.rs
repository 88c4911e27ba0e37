//! The numbers in a probe's arguments.

use super::interner::fold;

/// The numbers of a decision (whose `condition` is 0) or of a condition, in two words, which are
/// passed in registers and compared at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
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

    #[inline(always)]
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

    /// Returns the hash of these numbers in the file called `name`.
    ///
    /// Compilers number decisions, lines and columns in regular steps, and names are at regular
    /// steps of addresses. The name is multiplied so that its steps and those of the numbers do not
    /// coincide.
    #[inline(always)]
    pub(super) fn hash(self, name: usize) -> u64 {
        let name = (name as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        fold(self.decision_and_line ^ name, self.column_and_condition)
    }
}

#[cfg(test)]
mod tests {
    use super::Numbers;

    /// Returns the average number of lookups that finding one of these sites takes, in a table with
    /// linear probing that is as full as the real one gets.
    fn mean_looks(sites: impl Iterator<Item = (Numbers, usize)> + Clone) -> f64 {
        let capacity = sites.clone().count().next_power_of_two() * 2;
        let mut taken = vec![false; capacity];
        let (mut looks, mut count) = (0, 0);
        for (numbers, name) in sites {
            let home = numbers.hash(name) as usize % capacity;
            let place = (0..capacity).find(|step| !taken[(home + step) % capacity]).unwrap();
            taken[(home + place) % capacity] = true;
            looks += place + 1;
            count += 1;
        }
        looks as f64 / f64::from(count)
    }

    /// A random hash needs 1.5 lookups in a table that is half full; so does this one, except for a
    /// few steps.
    #[test]
    fn regular_steps_do_not_gather() {
        const SITES: u32 = 16_384;
        const MOST: f64 = 4.0;
        let one_name = |numbers: Numbers| (numbers, 0x5555_0000_2000);
        for step in 0..=200 {
            let lines = (0..SITES).map(|i| Numbers::new(i, 0, i * step + 1, 1));
            let columns = (0..SITES).map(|i| Numbers::new(i, 0, i / 2 + 1, i * step % 64));
            let numbers = (0..SITES).map(|i| Numbers::new(i * step, 0, i, 1));
            let modules = (0..SITES).map(|i| Numbers::new((i * step) << 16, 0, i, 1));
            let conditions =
                (0..SITES).map(|i| Numbers::new(i / 4, i % 4, i / 4 * step + 1, 5 + 9 * (i % 4)));
            assert!(mean_looks(lines.map(one_name)) < MOST, "line step {step}");
            assert!(mean_looks(columns.map(one_name)) < MOST, "column step {step}");
            assert!(mean_looks(numbers.map(one_name)) < MOST, "number step {step}");
            assert!(mean_looks(modules.map(one_name)) < MOST, "module step {step}");
            assert!(mean_looks(conditions.map(one_name)) < MOST, "condition line step {step}");
        }
    }

    /// Files that share all numbers, or a few of them; their names are a few bytes apart.
    #[test]
    fn names_in_regular_steps_do_not_gather() {
        const SITES: u32 = 16_384;
        const MOST: f64 = 4.0;
        for step in (1..=200).chain([256, 512, 4096, 65_536]) {
            for shared in [1, 16, 4096] {
                for (case, numbers) in [
                    |i| Numbers::new(i, 0, 0, 0),
                    |i| Numbers::new(0, 0, i, 0),
                    |i| Numbers::new(0, 0, 0, i),
                    |i| Numbers::new(i, 0, i + 1, 5),
                    |i| Numbers::new(0xB0C8_9A69, i, 0x1456_93A9, i),
                ]
                .iter()
                .enumerate()
                {
                    let names = (0..SITES).map(|i| {
                        (numbers(i % shared), 0x7fff_0000_0000 + (i / shared * step) as usize)
                    });
                    assert!(mean_looks(names) < MOST, "step {step}, {shared} shared, case {case}");
                }
            }
        }
    }
}
