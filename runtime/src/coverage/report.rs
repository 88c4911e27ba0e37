//! Coverage data as rows.

use std::cmp::Ordering;

/// The coverage at one moment. All rows are sorted by their fields from first to last, numbers as
/// numbers, text as bytes and sets by their sizes.
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
    /// Evaluations that gave MC/DC no vector because of the limits.
    pub mcdc_beyond: Vec<McdcBeyondRow>,
    /// Paths beyond the limits.
    pub paths_beyond: Vec<PathBeyondRow>,
    /// Probes beyond all other limits.
    pub beyond: Vec<BeyondRow>,
}

/// One decision.
///
/// Two files whose names differ only in bytes that are not UTF-8 are two rows, although the names
/// read the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DecisionRow {
    /// The decision's number.
    pub id: u32,
    /// The source file, with U+FFFD for bytes that are not UTF-8; empty if unknown.
    pub file: String,
    /// The line in the file.
    pub line: u32,
    /// The column in the line.
    pub column: u32,
    /// The number of times it was true.
    pub true_count: u64,
    /// The number of times it was false.
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
    /// The number of times it was true.
    pub true_count: u64,
    /// The number of times it was false.
    pub false_count: u64,
}

/// One path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PathRow {
    /// The path's number.
    pub path_id: u32,
    /// The blocks passed, in order.
    pub blocks: Vec<u32>,
    /// The number of times exactly these blocks were passed.
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
    /// Conditions evaluated at least once; bit `c` is condition `c`. (A condition that was never
    /// evaluated is not known to exist.)
    pub conditions: u64,
    /// Conditions covered in the unique-cause form.
    pub unique_cause_covered: u64,
    /// Conditions covered in the masking form.
    pub masking_covered: u64,
    /// Distinct test vectors.
    pub vectors: usize,
}

/// Evaluations of one decision that gave no vector, for lack of room.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct McdcBeyondRow {
    /// The decision's number.
    pub decision_id: u32,
    /// The source file, as in [`DecisionRow::file`].
    pub file: String,
    /// The line in the file.
    pub line: u32,
    /// The column in the line.
    pub column: u32,
    /// Evaluations with a vector beyond [`MAX_VECTORS`](super::MAX_VECTORS), with a condition
    /// number from [`MAX_CONDITIONS`](super::MAX_CONDITIONS) on, or nested too deeply.
    pub hit_count: u64,
}

/// Paths of one number that are not distinguished, for lack of room.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PathBeyondRow {
    /// The path's number.
    pub path_id: u32,
    /// The number of times that a path beyond [`MAX_PATHS`](super::MAX_PATHS) was passed, or a
    /// trace forgotten.
    pub hit_count: u64,
}

/// Probes that are not distinguished at all, for lack of room.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BeyondRow {
    /// The table whose rows they would be: `conditions`, `decisions`, `mcdc` or `paths`.
    pub table: String,
    /// The number of probes.
    pub hit_count: u64,
}

impl Report {
    /// Returns the number of decisions that were both true and false.
    pub fn covered_decisions(&self) -> usize {
        self.decisions.iter().filter(|row| row.true_count > 0 && row.false_count > 0).count()
    }

    /// Returns the number of conditions that were both true and false.
    pub fn covered_conditions(&self) -> usize {
        self.conditions.iter().filter(|row| row.true_count > 0 && row.false_count > 0).count()
    }

    /// Returns the number of paths that were completed: all known paths, because others never
    /// appear.
    pub fn covered_paths(&self) -> usize {
        self.paths.iter().filter(|row| row.hit_count > 0).count()
    }
}

impl McdcRow {
    /// Compares rows in the order in which they are shown, with sets by size. The sets themselves
    /// break ties, so that the order is total.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
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
