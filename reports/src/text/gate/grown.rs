//! Functions that a workload's new instructions are in.

use crate::text::number::{exactly, percent};
use crate::text::table::Table;
use simple_records::Profiled;

/// Functions of a workload that execute more instructions than in the base.
#[derive(Debug)]
pub(crate) struct Grown {
    /// The profiled part: `an iteration`.
    pub(crate) scope: String,
    /// Instructions of the whole part in base and head.
    pub(crate) totals: [String; 2],
    /// Function, base, head, growth and share of all growth; the largest growth first. The share
    /// is empty if the whole did not grow, and above 100% if other functions shrank.
    pub(crate) functions: Vec<[String; 5]>,
    /// Profiles beside the record.
    pub(crate) files: Vec<String>,
}

/// Titles of the columns of [`Grown::functions`].
const HEADER: [&str; 5] = ["function", "base", "head", "growth", "of all growth"];

impl Grown {
    /// `None` if no function grew.
    pub(super) fn new(profiled: &Profiled) -> Option<Self> {
        let [base, head] = profiled.totals;
        let all = head.checked_sub(base).filter(|growth| *growth > 0);
        let functions = profiled.functions.iter().filter(|function| function.head > function.base);
        let mut functions: Vec<_> =
            functions.map(|function| (function.head - function.base, function)).collect();
        functions.sort_by_key(|(growth, _)| std::cmp::Reverse(*growth));
        let cells = |(growth, function): &(u64, &simple_records::FunctionCost)| {
            let share = all.map(|all| percent(*growth as f64 / all as f64)).unwrap_or_default();
            let [base, head, growth] = [function.base, function.head, *growth].map(exactly);
            [function.function.clone(), base, head, format!("+{growth}"), share]
        };
        (!functions.is_empty()).then(|| Self {
            scope: profiled.scope.clone(),
            totals: profiled.totals.map(exactly),
            functions: functions.iter().map(cells).collect(),
            files: profiled.files.clone(),
        })
    }

    /// A table of the functions that grew most.
    pub(super) fn table(&self, most: usize) -> Table {
        Table {
            caption: String::new(),
            header: HEADER.map(str::to_owned).to_vec(),
            rows: self.functions.iter().take(most).map(|cells| cells.to_vec()).collect(),
        }
    }
}
