//! Change points of workloads over runs.

use super::context::{Shared, short_commit};
use crate::analysis::{History, PastRun, Trend};
use crate::plot::{self, Plot};
use crate::text;

/// Maximum number of workloads with a plot of their own; all have one on their card.
const MOST_PLOTS: usize = 24;

/// The data of `_history.html`.
pub(super) struct Trends {
    pub(super) runs: Vec<Run>,
    pub(super) notes: Vec<String>,
    pub(super) steps: Vec<StepRow>,
    pub(super) plots: Vec<TrendPlot>,
    /// Number of workloads with change points that have no plot here.
    pub(super) without_plot: usize,
}

/// One of the runs.
pub(super) struct Run {
    pub(super) name: String,
    pub(super) started: String,
    pub(super) commit: String,
}

/// One change point.
pub(super) struct StepRow {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) run: String,
    pub(super) run_index: usize,
    pub(super) commit: String,
    pub(super) before: String,
    pub(super) before_ns: f64,
    pub(super) after: String,
    pub(super) after_ns: f64,
    pub(super) change: String,
    pub(super) ratio: f64,
    pub(super) class: &'static str,
}

/// A workload's plot, and its figures as a table.
pub(super) struct TrendPlot {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) plot: Plot,
    /// Run, time and level.
    pub(super) rows: Vec<[String; 3]>,
}

pub(super) fn trends(history: &History, shared: &mut Shared) -> Trends {
    let stepped = history.stepped();
    let mut steps = Vec::new();
    for (name, trend) in &stepped {
        // The newest first: it is the one that somebody can still do something about.
        for step in trend.steps.iter().rev() {
            let run = trend.points[step.at].run;
            steps.push(StepRow {
                href: shared.ids.anchor("w", name),
                name: (*name).to_owned(),
                run: day(&history.runs[run]),
                run_index: run,
                commit: commit(&history.runs[run]),
                before: text::time_ns(step.before_ns),
                before_ns: step.before_ns,
                after: text::time_ns(step.after_ns),
                after_ns: step.after_ns,
                change: text::shift(step.ratio() - 1.0),
                ratio: step.ratio(),
                class: if step.ratio() > 1.0 { "worse" } else { "better" },
            });
        }
    }
    let plots = stepped.iter().take(MOST_PLOTS).map(|(name, trend)| TrendPlot {
        href: shared.ids.anchor("w", name),
        name: (*name).to_owned(),
        plot: plot::trend(history, trend),
        rows: rows(history, trend),
    });
    let plots = plots.collect();
    let run = |run: &PastRun| Run {
        name: run.run.clone(),
        started: text::utc(run.started_unix_s),
        commit: commit(run),
    };
    Trends {
        runs: history.runs.iter().map(run).collect(),
        notes: history.notes.clone(),
        steps,
        plots,
        without_plot: stepped.len().saturating_sub(MOST_PLOTS),
    }
}

/// The text below a card's picture: number of runs, and change points.
pub(super) fn in_words(history: &History, trend: &Trend) -> String {
    let steps: Vec<String> = trend
        .steps
        .iter()
        .map(|step| {
            let run = &history.runs[trend.points[step.at].run];
            format!("{} at {}", text::shift(step.ratio() - 1.0), day(run))
        })
        .collect();
    let runs = trend.points.len();
    match steps.is_empty() {
        true => format!("{runs} runs without a step"),
        false => format!("{runs} runs, steps: {}", steps.join(", ")),
    }
}

fn rows(history: &History, trend: &Trend) -> Vec<[String; 3]> {
    let level = |index: usize| {
        let level = trend.levels.iter().find(|level| (level.start..level.end).contains(&index));
        level.map_or_else(String::new, |level| text::time_ns(level.level))
    };
    let row = |(index, point): (usize, &crate::analysis::Point)| {
        [history.runs[point.run].run.clone(), text::time_ns(point.time_ns), level(index)]
    };
    trend.points.iter().enumerate().map(row).collect()
}

/// Start of a run to the minute, so that runs of one day are distinguishable.
fn day(run: &PastRun) -> String {
    text::utc(run.started_unix_s).chars().take(16).collect()
}

fn commit(run: &PastRun) -> String {
    short_commit(run.commit.as_deref()).unwrap_or_else(|| "–".to_owned())
}
