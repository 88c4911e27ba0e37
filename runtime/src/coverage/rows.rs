//! Conversion of counts by number to the rows of a report.

use super::ledger::Counts;
use super::mcdc::{Covered, MAX_VECTORS, Vector, covered};
use super::outcome::Outcome;
use super::process::Process;
use super::registry::{ChapterTotals, Refused, Totals};
use super::report::{
    BeyondRow, ConditionRow, DecisionRow, McdcBeyondRow, McdcRow, PathBeyondRow, PathRow, Report,
};
use super::sites::{GroupKey, SiteKey, Sites};
use rustc_hash::{FxHashMap, FxHashSet};

type Sums = FxHashMap<SiteKey, Counts>;

/// Adds up the counts of sites that are one place in the source.
fn by_place(sites: &Sites, counts: &[Counts]) -> Sums {
    let mut sums = Sums::default();
    for (number, counts) in (0..).zip(counts).filter(|(_, counts)| **counts != [0, 0]) {
        let sum = sums.entry(sites.get(number).key()).or_default();
        *sum = [sum[0].wrapping_add(counts[0]), sum[1].wrapping_add(counts[1])];
    }
    sums
}

/// The outcomes of evaluations at one place.
#[derive(Default)]
struct Outcomes {
    vectors: FxHashSet<Vector>,
    beyond: u64,
}

impl Outcomes {
    fn add(&mut self, vector: Vector) {
        if self.vectors.len() < MAX_VECTORS {
            self.vectors.insert(vector);
        } else {
            self.beyond += 1;
        }
    }
}

/// Returns the conditions of each decision that the process knows, as in a vector.
fn known_conditions(sites: &Sites) -> FxHashMap<GroupKey, u64> {
    let mut all = FxHashMap::default();
    for site in (0..sites.len()).map(|number| sites.get(number)) {
        let condition = 1_u64.checked_shl(site.numbers().condition()).unwrap_or(0);
        *all.entry(site.group_key()).or_default() |= condition;
    }
    all
}

fn outcomes(process: &Process, chapters: &[ChapterTotals]) -> FxHashMap<SiteKey, Outcomes> {
    let mut all = FxHashMap::<SiteKey, Outcomes>::default();
    let mut late = Vec::new();
    for ChapterTotals { chapter, outcomes, .. } in chapters {
        for (number, &count) in (0..).zip(outcomes).filter(|(_, count)| **count > 0) {
            let evaluated = chapter.evaluated.get(number);
            let key = process.decisions.get(evaluated.site()).key();
            match evaluated.outcome() {
                Outcome::Vector(vector) => all.entry(key).or_default().add(vector),
                Outcome::Late(vector) => late.push((key, vector)),
                Outcome::Beyond | Outcome::Lost => all.entry(key).or_default().beyond += count,
            }
        }
    }
    if !late.is_empty() {
        add_late(&mut all, &late, &known_conditions(&process.conditions));
    }
    all
}

/// Adds the late vectors that are complete: those whose first condition is their decision's.
fn add_late(
    all: &mut FxHashMap<SiteKey, Outcomes>,
    late: &[(SiteKey, Vector)],
    known: &FxHashMap<GroupKey, u64>,
) {
    for (key, vector) in late {
        let group = GroupKey { decision: key.numbers.decision(), text: key.text };
        let conditions = known.get(&group).copied().unwrap_or(0);
        let first = conditions & conditions.wrapping_neg();
        if vector.in_order && vector.evaluated & first != 0 {
            all.entry(*key).or_default().add(*vector);
        }
    }
}

/// Returns the hits of paths by number and blocks; without blocks, of all beyond the limits.
fn paths(chapters: &[ChapterTotals]) -> FxHashMap<(u32, Option<&[u32]>), u64> {
    let mut sums = FxHashMap::default();
    for ChapterTotals { chapter, paths, .. } in chapters {
        for (number, [_, hits]) in (0..).zip(paths).filter(|(_, [_, hits])| *hits > 0) {
            let known = chapter.paths.get(number);
            *sums.entry((known.path, known.blocks.as_deref())).or_default() += hits;
        }
    }
    sums
}

fn beyond(refused: [u64; Refused::KINDS]) -> Vec<BeyondRow> {
    let kinds = [
        (Refused::Condition, "conditions"),
        (Refused::Decision, "decisions"),
        (Refused::Vector, "mcdc"),
        (Refused::Path, "paths"),
    ];
    let rows = kinds.map(|(kind, table)| BeyondRow {
        table: table.to_owned(),
        hit_count: refused[kind as usize],
    });
    rows.into_iter().filter(|row| row.hit_count > 0).collect()
}

impl Report {
    pub(super) fn new(process: &Process, totals: &Totals) -> Self {
        let file = |key: SiteKey| process.texts.get(key.text).text().to_string_lossy().into_owned();
        let decisions = by_place(&process.decisions, &totals.decisions);
        let conditions = by_place(&process.conditions, &totals.conditions);
        let mut report = Self {
            decisions: decisions.iter().map(|(&key, c)| decision_row(key, file(key), *c)).collect(),
            conditions: (conditions.iter())
                .map(|(&key, counts)| condition_row(key, file(key), *counts))
                .collect(),
            beyond: beyond(totals.refused),
            ..Self::default()
        };
        for (key, outcomes) in outcomes(process, &totals.chapters) {
            // A probe counts its outcome and then records its vector. A clear in between leaves a
            // vector of a decision that has no count.
            if decisions.contains_key(&key) {
                report.add_outcomes(key, file(key), &outcomes);
            }
        }
        for ((path_id, blocks), hit_count) in paths(&totals.chapters) {
            match blocks {
                Some(blocks) => {
                    report.paths.push(PathRow { path_id, blocks: blocks.to_vec(), hit_count });
                }
                None => report.paths_beyond.push(PathBeyondRow { path_id, hit_count }),
            }
        }
        report.sort();
        report
    }

    fn add_outcomes(&mut self, key: SiteKey, file: String, outcomes: &Outcomes) {
        if outcomes.beyond > 0 {
            self.mcdc_beyond.push(McdcBeyondRow {
                decision_id: key.numbers.decision(),
                file: file.clone(),
                line: key.numbers.line(),
                column: key.numbers.column(),
                hit_count: outcomes.beyond,
            });
        }
        if !outcomes.vectors.is_empty() {
            self.mcdc.push(mcdc_row(key, file, &outcomes.vectors));
        }
    }

    fn sort(&mut self) {
        self.decisions.sort_unstable();
        self.conditions.sort_unstable();
        self.paths.sort_unstable();
        self.mcdc.sort_unstable_by(McdcRow::compare);
        self.mcdc_beyond.sort_unstable();
        self.paths_beyond.sort_unstable();
    }
}

fn decision_row(key: SiteKey, file: String, counts: Counts) -> DecisionRow {
    DecisionRow {
        id: key.numbers.decision(),
        file,
        line: key.numbers.line(),
        column: key.numbers.column(),
        true_count: counts[1],
        false_count: counts[0],
    }
}

fn condition_row(key: SiteKey, file: String, counts: Counts) -> ConditionRow {
    ConditionRow {
        decision_id: key.numbers.decision(),
        condition_id: key.numbers.condition(),
        file,
        line: key.numbers.line(),
        column: key.numbers.column(),
        true_count: counts[1],
        false_count: counts[0],
    }
}

fn mcdc_row(key: SiteKey, file: String, vectors: &FxHashSet<Vector>) -> McdcRow {
    let vectors: Vec<Vector> = vectors.iter().copied().collect();
    let Covered { conditions, unique_cause, masking } = covered(&vectors);
    McdcRow {
        decision_id: key.numbers.decision(),
        file,
        line: key.numbers.line(),
        column: key.numbers.column(),
        conditions,
        unique_cause_covered: unique_cause,
        masking_covered: masking,
        vectors: vectors.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Process, Report, SiteKey, Totals};
    use crate::coverage::chapter::Chapter;
    use crate::coverage::interner::Interned;
    use crate::coverage::mcdc::Vector;
    use crate::coverage::numbers::Numbers;
    use crate::coverage::outcome::Reading;
    use crate::coverage::registry::ChapterTotals;
    use crate::coverage::sites::{NO_GROUP, Name};
    use crate::sync::Arc;
    use std::ffi::CStr;

    /// Adds decision 1 at line 2 and column 3 of each file. If `evaluated`, each was false once.
    /// Adds an evaluation of each with these conditions.
    fn totals(files: &[(&CStr, u64)], evaluated: bool) -> (Process, Totals) {
        let process = Process::new();
        let chapter = Arc::new(Chapter::new());
        let mut totals = Totals::default();
        for (at, (file, evaluated)) in files.iter().enumerate() {
            let numbers = Numbers::new(1, 0, 2, 3);
            let text = process.texts.copy((*file).into()).unwrap();
            let site = process.decisions.site(numbers, Name::Fixed(100 + at), text, NO_GROUP);
            assert_eq!(site.unwrap().key(), SiteKey { numbers, text: text.number() });
            let vector =
                Vector { evaluated: *evaluated, values: 0, outcome: false, in_order: true };
            chapter.evaluate(site.unwrap().number(), Outcome::Vector(vector)).unwrap();
        }
        totals.decisions = vec![[u64::from(evaluated), 0]; files.len()];
        let outcomes = chapter.outcome_counts(Reading::Peek);
        totals.chapters.push(ChapterTotals { chapter, paths: Vec::new(), outcomes });
        (process, totals)
    }

    /// A vector without a count results from a clear between the two steps of a decision's probe.
    #[test]
    fn a_vector_without_a_count_is_not_reported() {
        let (process, without) = totals(&[(c"a.spl", 1)], false);
        assert_eq!(Report::new(&process, &without), Report::default());
        let (process, with) = totals(&[(c"a.spl", 1)], true);
        assert_eq!(Report::new(&process, &with).mcdc.len(), 1);
    }

    /// Two files whose names read the same, so that the sizes of the sets decide: one condition
    /// with a high number comes before two with low ones.
    #[test]
    fn mcdc_rows_are_sorted_as_they_are_shown() {
        let (process, totals) = totals(&[(c"\xfe", 0b11), (c"\xff", 0b100)], true);
        let report = Report::new(&process, &totals);
        let conditions: Vec<_> = report.mcdc.iter().map(|row| row.conditions).collect();
        assert_eq!(conditions, [0b100, 0b11]);
        let sdn = report.to_sdn();
        let shown: Vec<_> =
            sdn.lines().filter(|line| line.contains("1, \"\u{fffd}\", 2, 3, ")).collect();
        assert!(shown.is_sorted(), "{shown:?}");
    }
}
