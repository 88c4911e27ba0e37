//! The page of a gate: slower workloads, their witnesses, and the reliability of the verdict.

use super::bench_trust::BenchTrust;
use super::filters;
use super::gate_curve::{Curve, curve};
use super::ids::Ids;
use super::page::STYLE;
use super::policy::{Pictures, policy_without_script};
use crate::judge::{Row, Status, Verdict};
use crate::plot::{GateForest, Plot, blocks_sentence, gate_blocks};
use crate::text::{GateView, Grown, RowText, Span, TimeText, Tone};
use askama::Template;

/// Maximum number of functions per workload.
const MOST_FUNCTIONS: usize = 20;

/// The data of `gate.html`.
#[derive(Template)]
#[template(path = "gate.html")]
struct GatePage<'a> {
    policy: String,
    style: &'static str,
    view: &'a GateView<'a>,
    class: &'static str,
    axis: String,
    times: Vec<TimeRow<'a>>,
    has_power: bool,
    columns: Columns,
    witnesses: Vec<WitnessRow<'a>>,
    functions: Vec<Functions<'a>>,
    curve: Option<Curve>,
    bench: Option<BenchTrust>,
}

/// A workload's time with its picture.
struct TimeRow<'a> {
    href: String,
    row: &'a RowText,
    time: &'a TimeText,
    picture: String,
    blocks: Option<Blocks>,
}

/// The blocks of a workload that deserves a look.
struct Blocks {
    id: String,
    sentence: String,
    plot: Plot,
}

/// Columns of the table of witnesses that any workload fills.
struct Columns {
    time: bool,
    instructions: bool,
    allocations: bool,
    page_faults: bool,
}

impl Columns {
    fn new(rows: &[RowText]) -> Self {
        Self {
            time: rows.iter().any(|row| row.time.is_some()),
            instructions: rows.iter().any(|row| row.instructions.is_some()),
            allocations: rows.iter().any(|row| !row.allocations.is_empty()),
            page_faults: rows.iter().any(|row| !row.page_faults.is_empty()),
        }
    }
}

/// A workload with all its witnesses.
struct WitnessRow<'a> {
    id: String,
    row: &'a RowText,
    /// The anchor of its functions.
    functions: Option<String>,
}

/// Functions that grew in a workload.
struct Functions<'a> {
    id: String,
    name: &'a str,
    grown: &'a Grown,
    /// The functions that grew most.
    rows: &'a [[String; 5]],
    flame: Option<String>,
}

/// The page of a gate; `flames` are workloads with links, relative to the page, to their
/// differential flame graphs.
///
/// # Errors
/// If the page cannot be made, which no record should cause.
pub fn gate_page(view: &GateView, flames: &[(String, String)]) -> Result<String, askama::Error> {
    let mut ids = Ids::default();
    let (axis, times) = time_rows(view, &mut ids);
    let witnesses = view.rows.iter().map(|row| WitnessRow {
        id: ids.anchor("w", &row.workload),
        functions: row.grown.is_some().then(|| ids.anchor("f", &row.workload)),
        row,
    });
    let witnesses = witnesses.collect();
    let page = GatePage {
        policy: policy_without_script(STYLE, Pictures::Absent),
        style: STYLE,
        class: match view.report.verdict {
            Verdict::Pass => "better",
            Verdict::Regression => "worse",
            Verdict::Inconclusive => "same",
        },
        axis,
        has_power: times.iter().any(|row| !row.time.power.is_empty()),
        times,
        columns: Columns::new(&view.rows),
        witnesses,
        functions: functions(view, flames, &mut ids),
        curve: view.curve.map(curve),
        bench: view.bench.map(BenchTrust::new),
        view,
    };
    page.render()
}

/// The class of a tone's colour.
fn class(tone: &Tone) -> &'static str {
    match tone {
        Tone::Better => "better",
        Tone::Worse => "worse",
        Tone::Neutral => "same",
    }
}

/// The labels of the axis, and a row for each workload that was timed.
fn time_rows<'a>(view: &'a GateView, ids: &mut Ids) -> (String, Vec<TimeRow<'a>>) {
    let timed = || {
        let rows = view.rows.iter().zip(&view.report.rows);
        rows.filter_map(|(row, judged)| Some((row, row.time.as_ref()?, judged)))
    };
    let ratios: Vec<_> = timed().map(|(_, time, _)| time.ratio).collect();
    let forest = GateForest::new(ratios.iter(), view.report.min_effect);
    let rows = timed().map(|(row, time, judged)| TimeRow {
        href: ids.anchor("w", &row.workload),
        picture: forest.row(time.ratio, time.null_ratio, class(&time.tone)),
        blocks: blocks(judged, ids),
        row,
        time,
    });
    (forest.labels(), rows.collect())
}

/// The blocks of a workload that is slower, open, or was suspected; `None` of others.
fn blocks(row: &Row, ids: &mut Ids) -> Option<Blocks> {
    let time = row.time.as_ref()?;
    let is_clear = matches!(row.status, Status::Same | Status::NotMeasured) && !time.is_confirmed;
    let plot = (!is_clear).then(|| gate_blocks(&row.workload, &row.blocks))??;
    let sentence = blocks_sentence(&row.blocks);
    Some(Blocks { id: ids.anchor("b", &row.workload), sentence, plot })
}

fn functions<'a>(
    view: &'a GateView,
    flames: &[(String, String)],
    ids: &mut Ids,
) -> Vec<Functions<'a>> {
    let functions = |row: &'a RowText| {
        let grown = row.grown.as_ref()?;
        let flame = flames.iter().find(|(workload, _)| *workload == row.workload);
        Some(Functions {
            id: ids.anchor("f", &row.workload),
            name: &row.workload,
            rows: &grown.functions[..grown.functions.len().min(MOST_FUNCTIONS)],
            grown,
            flame: flame.map(|(_, href)| href.clone()),
        })
    };
    view.rows.iter().filter_map(functions).collect()
}
