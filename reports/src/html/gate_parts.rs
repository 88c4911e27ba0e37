//! The tables and plots of a gate's page.

use super::ids::Ids;
use crate::judge::{CountFinding, GateReport, Level, OperatingCurve, Row, Share, Status};
use crate::plot::{GateForest, Plot, detection};
use crate::stats::Ratio;
use crate::text;

/// Functions of a workload that are shown.
const FUNCTIONS_SHOWN: usize = 20;

/// How much longer a workload takes, with its picture.
pub(super) struct TimeRow {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) base: String,
    pub(super) picture: String,
    pub(super) change: String,
    /// Of the colour of the change.
    pub(super) change_class: &'static str,
    pub(super) null: String,
    pub(super) blocks: usize,
    pub(super) outcome: String,
    pub(super) class: &'static str,
}

/// What all witnesses say of a workload.
pub(super) struct WitnessRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) outcome: String,
    pub(super) class: &'static str,
    pub(super) time: String,
    /// Base, head, growth, limit.
    pub(super) instructions: [String; 4],
    pub(super) allocations: String,
    pub(super) faults: String,
    /// The anchor of its functions.
    pub(super) functions: Option<String>,
}

/// Where the instructions of a workload went.
pub(super) struct Functions {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) scope: String,
    /// Base and head.
    pub(super) totals: [String; 2],
    /// The function, base, head, growth, and its share of all growth.
    pub(super) rows: Vec<[String; 5]>,
    pub(super) flame: Option<String>,
    pub(super) files: Vec<String>,
}

/// How often the gate is right.
pub(super) struct Curve {
    pub(super) setting: String,
    /// What was added, and how often that was found.
    pub(super) plots: Vec<(&'static str, Plot)>,
    /// What was done, how often `regression` was the answer and how often `inconclusive`, and
    /// how much slower it seemed.
    pub(super) rows: Vec<[String; 4]>,
    /// Workloads that were wrongly taken for slower.
    pub(super) alarms: Vec<String>,
}

/// The class of the colour of what is said of a workload, or of a witness of it.
fn class(row: &Row, status: Status) -> &'static str {
    match status {
        _ if text::is_waived(row) => "same",
        Status::Slower | Status::Broken => "worse",
        Status::Faster => "better",
        Status::NullDiffers | Status::Open | Status::Same | Status::NotMeasured => "same",
    }
}

/// The labels of the axis, and a row for each workload that was timed.
pub(super) fn time_rows(report: &GateReport, ids: &mut Ids) -> (String, Vec<TimeRow>) {
    let timed = || report.rows.iter().filter_map(|row| Some((row, row.time.as_ref()?)));
    let ratios: Vec<Ratio> =
        timed().map(|(_, time)| text::as_ratio(time.change, time.interval)).collect();
    let forest = GateForest::new(ratios.iter(), report.min_effect);
    let rows = timed().zip(&ratios).map(|((row, time), ratio)| {
        let null = text::as_ratio(time.null_change, time.null_interval);
        TimeRow {
            href: ids.of("w", &row.workload),
            name: row.workload.clone(),
            base: text::time_ns(time.base_ns),
            picture: forest.row(*ratio, null, class(row, time.status)),
            change: text::time_change(time),
            change_class: class(row, time.status),
            null: text::null_change(time),
            blocks: time.blocks,
            outcome: text::outcome(report, row),
            class: class(row, row.status),
        }
    });
    (forest.labels(), rows.collect())
}

/// A row for each workload.
pub(super) fn witness_rows(report: &GateReport, ids: &mut Ids) -> Vec<WitnessRow> {
    let rows = report.rows.iter().map(|row| WitnessRow {
        id: ids.of("w", &row.workload),
        name: row.workload.clone(),
        outcome: text::outcome(report, row),
        class: class(row, row.status),
        time: row.time.as_ref().map(text::time_change).unwrap_or_default(),
        instructions: row.instructions.as_ref().map(instructions).unwrap_or_default(),
        allocations: text::allocations(row).unwrap_or_default(),
        faults: text::moved_faults(row).unwrap_or_default(),
        functions: has_functions(row).then(|| ids.of("f", &row.workload)),
    });
    rows.collect()
}

fn instructions(found: &CountFinding) -> [String; 4] {
    [
        text::count(found.base as f64),
        text::count(found.head as f64),
        text::counted_change(found),
        text::percent(found.limit),
    ]
}

fn has_functions(row: &Row) -> bool {
    row.profiled.as_ref().is_some_and(|profiled| !text::grown(profiled, 1).is_empty())
}

/// Functions that grew in workloads that were profiled; `flames` are workloads with links to their
/// flame graphs.
pub(super) fn functions(
    report: &GateReport,
    flames: &[(String, String)],
    ids: &mut Ids,
) -> Vec<Functions> {
    let rows = report.rows.iter().filter(|row| has_functions(row));
    rows.filter_map(|row| {
        let profiled = row.profiled.as_ref()?;
        let flame = flames.iter().find(|(workload, _)| *workload == row.workload);
        let grown = text::grown(profiled, FUNCTIONS_SHOWN).into_iter().map(|one| {
            let [base, head] = one.instructions.map(text::exactly);
            let share = one.share.map(text::percent).unwrap_or_default();
            let growth = format!("+{}", text::exactly(one.growth()));
            [one.function, base, head, growth, share]
        });
        Some(Functions {
            id: ids.of("f", &row.workload),
            name: row.workload.clone(),
            scope: profiled.scope.clone(),
            totals: profiled.totals.map(text::exactly),
            rows: grown.collect(),
            flame: flame.map(|(_, href)| href.clone()),
            files: profiled.files.clone(),
        })
    })
    .collect()
}

/// The plots and the table of a calibration.
pub(super) fn curve(curve: &OperatingCurve) -> Curve {
    let alarms = [curve.null.as_ref(), curve.null_under_load.as_ref()];
    let names = ["nothing: a build against itself", "nothing, beside a busy program"];
    let row = |what: String, says: &Share, unsure: &Share, found: Option<f64>| {
        let found = found.map(text::shift).unwrap_or_default();
        [what, text::share(says), unsure.count.to_string(), found]
    };
    let of_level = |level: &Level, what: &str| {
        let what = format!("{} more {what}", text::percent(level.by));
        row(what, &level.detected, &level.inconclusive, level.found)
    };
    let nothing = alarms.into_iter().zip(names).filter_map(|(alarms, name)| {
        let alarms = alarms?;
        Some(row(name.to_owned(), &alarms.false_alarms, &alarms.inconclusive, None))
    });
    let kinds = [("time", &curve.time), ("instructions", &curve.instructions)];
    let slowed = kinds
        .into_iter()
        .flat_map(|(what, levels)| levels.iter().map(move |level| of_level(level, what)));
    let plots = kinds
        .into_iter()
        .filter_map(|(what, levels)| Some((what, detection(alarms, levels, what)?)));
    let mut wrong: Vec<String> =
        alarms.into_iter().flatten().flat_map(|alarms| alarms.workloads.clone()).collect();
    wrong.sort_unstable();
    wrong.dedup();
    Curve {
        setting: curve.setting.clone(),
        rows: nothing.chain(slowed).collect(),
        plots: plots.collect(),
        alarms: wrong,
    }
}
