//! Which functions a workload's new instructions are in.

use simple_records::Profiled;

/// A function that executes more instructions than it did.
#[derive(Debug, Clone, PartialEq)]
pub struct Grown {
    /// Its name.
    pub function: String,
    /// Instructions in base and head, without what it calls.
    pub instructions: [u64; 2],
    /// Its growth as a share of the growth of the whole workload; `None` if that did not grow.
    /// Above 1 where other functions shrank.
    pub share: Option<f64>,
}

impl Grown {
    /// How many more.
    pub fn growth(&self) -> u64 {
        self.instructions[1].saturating_sub(self.instructions[0])
    }
}

/// The functions that grew, the one that grew most first, at most so many.
pub fn grown(profiled: &Profiled, most: usize) -> Vec<Grown> {
    let [base, head] = profiled.totals;
    let all = head.checked_sub(base).filter(|growth| *growth > 0);
    let functions = profiled.functions.iter().filter(|function| function.head > function.base);
    let mut grown: Vec<Grown> = functions
        .map(|one| Grown {
            function: one.function.clone(),
            instructions: [one.base, one.head],
            share: all.map(|all| (one.head - one.base) as f64 / all as f64),
        })
        .collect();
    grown.sort_by_key(|one| std::cmp::Reverse(one.growth()));
    grown.truncate(most);
    grown
}
