//! Coverage data as rows.

use super::ledger::Counts;
use super::mcdc::{Covered, Vector, covered};
use super::record::{PathKey, SiteKey};
use super::registry::Totals;
use rustc_hash::FxHashSet;
use std::cmp::Ordering;

/// What has been covered at one moment. All rows are sorted by their fields from first to
/// last, numbers as numbers, text as bytes and sets by their sizes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Decisions that were evaluated.
    pub decisions: Vec<DecisionRow>,
    /// Conditions that were evaluated.
    pub conditions: Vec<ConditionRow>,
    /// Paths that were completed.
    pub paths: Vec<PathRow>,
    /// MC/DC of decisions that have conditions.
    pub mcdc: Vec<McdcRow>,
}

/// One decision.
///
/// Two files whose names differ only in bytes that are no UTF-8 are two rows, though the
/// names read the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DecisionRow {
    /// The decision's number.
    pub id: u32,
    /// The source file, U+FFFD for what is no UTF-8; empty if unknown.
    pub file: String,
    /// The line in the file.
    pub line: u32,
    /// The column in the line.
    pub column: u32,
    /// How often it was true.
    pub true_count: u64,
    /// How often it was false.
    pub false_count: u64,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConditionRow {
    /// The number of the decision it belongs to.
    pub decision_id: u32,
    /// The condition's number inside of the decision.
    pub condition_id: u32,
    /// The source file, as in [`DecisionRow::file`].
    pub file: String,
    /// The line in the file.
    pub line: u32,
    /// The column in the line.
    pub column: u32,
    /// How often it was true.
    pub true_count: u64,
    /// How often it was false.
    pub false_count: u64,
}

/// One path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PathRow {
    /// The path's number.
    pub path_id: u32,
    /// The blocks passed, in order.
    pub blocks: Vec<u32>,
    /// How often exactly these blocks were passed.
    pub hit_count: u64,
}

/// MC/DC of one decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct McdcRow {
    /// The decision's number.
    pub decision_id: u32,
    /// The source file, as in [`DecisionRow::file`].
    pub file: String,
    /// The line in the file.
    pub line: u32,
    /// The column in the line.
    pub column: u32,
    /// Conditions evaluated at least once; bit `c` stands for condition `c`. (What has
    /// never been evaluated is not known to exist.)
    pub conditions: u64,
    /// Those covered in the unique-cause form.
    pub unique_cause_covered: u64,
    /// Those covered in the masking form.
    pub masking_covered: u64,
    /// Distinct test vectors.
    pub vectors: usize,
}

impl Report {
    pub(super) fn new(totals: Totals) -> Self {
        let mut report = Self {
            decisions: totals.decisions.iter().map(decision_row).collect(),
            conditions: totals.conditions.iter().map(condition_row).collect(),
            paths: totals.paths.iter().map(path_row).collect(),
            // A probe counts its outcome and then records its vector. A clear in between
            // leaves a vector of a decision that, as far as is known, has not been evaluated.
            mcdc: (totals.vectors.iter())
                .filter(|(key, _)| totals.decisions.contains_key(key))
                .map(mcdc_row)
                .collect(),
        };
        report.decisions.sort_unstable();
        report.conditions.sort_unstable();
        report.paths.sort_unstable();
        report.mcdc.sort_unstable_by(McdcRow::compare);
        report
    }

    /// Decisions that were both true and false.
    pub fn covered_decisions(&self) -> usize {
        self.decisions.iter().filter(|row| row.true_count > 0 && row.false_count > 0).count()
    }

    /// Conditions that were both true and false.
    pub fn covered_conditions(&self) -> usize {
        self.conditions.iter().filter(|row| row.true_count > 0 && row.false_count > 0).count()
    }

    /// Paths that were completed: all that are known, since the others never show up.
    pub fn covered_paths(&self) -> usize {
        self.paths.iter().filter(|row| row.hit_count > 0).count()
    }
}

impl McdcRow {
    /// The order of rows: as they are shown, with the sizes of the sets. Where all of that is
    /// the same, the sets themselves decide, so that rows have one order.
    fn compare(&self, other: &Self) -> Ordering {
        fn place(row: &McdcRow) -> (u32, &str, u32, u32) {
            (row.decision_id, &row.file, row.line, row.column)
        }
        let sets = |row: &Self| [row.conditions, row.unique_cause_covered, row.masking_covered];
        let shown = |row: &Self| (sets(row).map(u64::count_ones), row.vectors);
        place(self)
            .cmp(&place(other))
            .then_with(|| shown(self).cmp(&shown(other)))
            .then_with(|| sets(self).cmp(&sets(other)))
    }
}

fn decision_row((key, counts): (&SiteKey, &Counts)) -> DecisionRow {
    DecisionRow {
        id: key.decision,
        file: key.file.to_string_lossy().into_owned(),
        line: key.line,
        column: key.column,
        true_count: counts[1],
        false_count: counts[0],
    }
}

fn condition_row((key, counts): (&SiteKey, &Counts)) -> ConditionRow {
    ConditionRow {
        decision_id: key.decision,
        condition_id: key.condition,
        file: key.file.to_string_lossy().into_owned(),
        line: key.line,
        column: key.column,
        true_count: counts[1],
        false_count: counts[0],
    }
}

fn path_row((key, counts): (&PathKey, &Counts)) -> PathRow {
    PathRow { path_id: key.path, blocks: key.blocks.to_vec(), hit_count: counts[1] }
}

fn mcdc_row((key, vectors): (&SiteKey, &FxHashSet<Vector>)) -> McdcRow {
    let vectors: Vec<Vector> = vectors.iter().copied().collect();
    let Covered { conditions, unique_cause, masking } = covered(&vectors);
    McdcRow {
        decision_id: key.decision,
        file: key.file.to_string_lossy().into_owned(),
        line: key.line,
        column: key.column,
        conditions,
        unique_cause_covered: unique_cause,
        masking_covered: masking,
        vectors: vectors.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::Report;
    use crate::coverage::mcdc::Vector;
    use crate::coverage::record::SiteKey;
    use crate::coverage::registry::Totals;
    use std::ffi::CStr;

    fn key(file: &CStr) -> SiteKey {
        SiteKey { decision: 1, condition: 0, file: file.into(), line: 2, column: 3 }
    }

    fn vector(evaluated: u64) -> Vector {
        Vector { evaluated, values: 0, outcome: false, in_order: true }
    }

    /// What a clear between the two steps of a decision's probe leaves.
    #[test]
    fn a_vector_without_a_count_is_not_reported() {
        let mut totals = Totals::new();
        totals.vectors.entry(key(c"a.spl")).or_default().insert(vector(1));
        assert_eq!(Report::new(totals.clone()), Report::default());
        totals.decisions.insert(key(c"a.spl"), [1, 0]);
        assert_eq!(Report::new(totals).mcdc.len(), 1);
    }

    /// Two files that read the same, so that the sizes of the sets decide: one condition with
    /// a high number comes before two with low ones.
    #[test]
    fn mcdc_rows_are_sorted_as_they_are_shown() {
        let mut totals = Totals::new();
        for (file, evaluated) in [(c"\xfe", 0b11), (c"\xff", 0b100)] {
            totals.vectors.entry(key(file)).or_default().insert(vector(evaluated));
            totals.decisions.insert(key(file), [1, 0]);
        }
        let report = Report::new(totals);
        let conditions: Vec<_> = report.mcdc.iter().map(|row| row.conditions).collect();
        assert_eq!(conditions, [0b100, 0b11]);
        let sdn = report.to_sdn();
        let shown: Vec<_> =
            sdn.lines().filter(|line| line.contains("1, \"\u{fffd}\", 2, 3, ")).collect();
        assert!(shown.is_sorted(), "{shown:?}");
    }
}
