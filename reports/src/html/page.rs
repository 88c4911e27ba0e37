//! The page as a whole.

use super::bench_trust::BenchTrust;
use super::cards::{self, ComparisonCard};
use super::changes::{self, Changes};
use super::context::{Context, Copied, Shared, short_commit};
use super::details;
use super::filters;
use super::overview::{self, Answers};
use super::policy::{Pictures, policy};
use super::profile;
use super::section::{self, ComparisonSection};
use super::standings::{self, Standings};
use super::trends::{self, Trends};
use crate::analysis::Repeats;
use crate::analysis::{NoiseLevel, Report, left_out_in_words};
use crate::plot::PlotError;
use crate::stats::NEGLIGIBLE_DIFFERENCE;
use crate::text::{self, RunText, Sentence, Span};
use askama::Template;
use std::time::Duration;
use thiserror::Error;

pub(super) const STYLE: &str = include_str!("../../templates/report.css");
const SCRIPT: &str = include_str!("../../templates/report.js");

/// Reason why there is no page.
#[derive(Debug, Error)]
pub enum PageError {
    /// The template engine failed.
    #[error("cannot make the page: {0}")]
    Template(#[from] askama::Error),
    /// The drawing library failed.
    #[error("cannot draw a plot: {0}")]
    Plot(#[from] PlotError),
}

/// A reason, and the workloads that are not fully measured because of it, with actual and planned
/// rounds.
struct Reason {
    why: String,
    workloads: Vec<(String, String)>,
}

/// Other activity of the machine while a comparison was measured.
struct Disturbance {
    round: u32,
    comparison: String,
    elapsed: String,
    steal: String,
    load: String,
    switches: String,
    line_move: String,
    warnings: Vec<String>,
}

/// The data of `page.html`.
#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    policy: String,
    style: &'static str,
    script: &'static str,
    started: String,
    report: &'a Report,
    lasted: Option<String>,
    commit: Option<String>,
    noise: String,
    noise_class: &'static str,
    noise_word: String,
    /// Words for what the run repeats.
    repeats: Repeats,
    shifts: Vec<(u32, usize, String)>,
    left_out: Option<String>,
    answers: Answers,
    cards: Vec<ComparisonCard>,
    standings: Standings,
    changes: Option<Changes>,
    trends: Option<Trends>,
    since: Option<&'a str>,
    sections: Vec<(ComparisonSection, Vec<details::WorkloadCard>)>,
    reasons: Vec<Reason>,
    disturbances: Vec<Disturbance>,
    machine: Vec<(&'static str, String)>,
    coverage: String,
    pairs: String,
    chance: String,
    negligible: String,
    command: String,
    amount: String,
    has_gate: bool,
    trust: Vec<Sentence>,
    bench: Option<BenchTrust>,
    profiles: Option<profile::Overview>,
}

/// A page and what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pages {
    /// `index.html`.
    pub html: String,
    /// Files that it shows or links to; none without profiles.
    pub copied: Vec<Copied>,
}

/// The page of a run alone.
///
/// # Errors
/// As [`page_with`].
pub fn page(report: &Report) -> Result<String, PageError> {
    page_with(report, &Context::default())
}

/// The page of a run with its context. The pictures of profiles that it shows are listed by
/// [`pages`].
///
/// # Errors
/// As [`pages`].
pub fn page_with(report: &Report, context: &Context) -> Result<String, PageError> {
    Ok(pages(report, context)?.html)
}

/// The page of a run with its context, and the files that must be beside it.
///
/// # Errors
/// If a plot or the page cannot be made, which no record should cause.
pub fn pages(report: &Report, context: &Context) -> Result<Pages, PageError> {
    let mut shared = Shared::new(report, context);
    let text = RunText::new(report);
    let answers = overview::answers(&text, &mut shared.ids);
    let cards = cards::cards(&text, &mut shared.ids);
    let standings = standings::standings(report, &mut shared.ids);
    let mut sections = Vec::new();
    for comparison in &text.comparisons {
        let section = section::section(comparison, &mut shared)?;
        sections.push((section, details::cards(report, comparison.figures, &mut shared)));
    }
    let changes = context.baseline.map(|baseline| changes::changes(baseline, &mut shared));
    let trends = context.history.map(|history| trends::trends(history, &mut shared));
    let profiles = context.profiles;
    let profiles = profiles.and_then(|all| profile::overview(report, all, &mut shared));
    let coverage = report.coverage();
    let start = &report.start;
    let repeats = Repeats::of(start);
    let page = Page {
        policy: policy(STYLE, SCRIPT, Pictures::of(&shared.copied)),
        style: STYLE,
        script: SCRIPT,
        started: text::utc(start.started_unix_s),
        lasted: report.end.map(|end| {
            let took_s = end.finished_unix_s.saturating_sub(start.started_unix_s);
            text::duration(Duration::from_secs(took_s))
        }),
        commit: short_commit(start.fingerprint.commit.as_deref()),
        changes,
        trends,
        noise: text::noise_sentence(&report.noise, repeats),
        noise_class: noise_class(report.noise.level()),
        noise_word: text::noise_word(report),
        repeats,
        shifts: shifts(report),
        left_out: left_out_in_words(&report.left_out),
        answers,
        cards,
        standings,
        sections,
        since: shared.since,
        reasons: reasons(report),
        disturbances: report.disturbances.iter().map(disturbance).collect(),
        machine: start.fingerprint.rows(),
        coverage: coverage.map_or("no".to_owned(), text::probability),
        pairs: text::number_of(report.pairs_judged(), "pair"),
        chance: coverage.map_or("–".to_owned(), |c| {
            format!("{:.0}", (report.pairs_judged() as f64 * (1.0 - c)).ceil())
        }),
        negligible: text::percent(NEGLIGIBLE_DIFFERENCE),
        command: text::reproduce_run(report),
        amount: text::amount(start),
        has_gate: context.has_gate,
        trust: context
            .curve
            .map(|curve| text::trust(Some(curve), &curve.limits))
            .unwrap_or_default(),
        bench: context.bench.map(BenchTrust::new),
        profiles,
        report,
    };
    Ok(Pages { html: page.render()?, copied: shared.copied })
}

fn noise_class(level: NoiseLevel) -> &'static str {
    match level {
        NoiseLevel::Calm => "better",
        NoiseLevel::Restless | NoiseLevel::Unknown => "same",
        NoiseLevel::Noisy => "worse",
    }
}

fn shifts(report: &Report) -> Vec<(u32, usize, String)> {
    let shown = report.round_shifts.iter();
    shown.map(|r| (r.round.saturating_add(1), r.workloads, text::shift(r.shift))).collect()
}

fn reasons(report: &Report) -> Vec<Reason> {
    let reasons = report.census.missing_by_reason().into_iter();
    let reason = |(why, members): (&str, Vec<&crate::analysis::Missing>)| Reason {
        why: why.to_owned(),
        workloads: members.iter().map(|m| (m.workload.clone(), m.progress())).collect(),
    };
    reasons.map(reason).collect()
}

fn disturbance(noise: &simple_records::Noise) -> Disturbance {
    let absent = || "–".to_owned();
    Disturbance {
        round: noise.round.saturating_add(1),
        comparison: noise.comparison.clone(),
        elapsed: text::time_ns(noise.elapsed_s * 1e9),
        steal: noise.steal_percent.map_or_else(absent, |steal| format!("{steal:.1}%")),
        load: noise.load_1min.map_or_else(absent, |load| format!("{load:.2}")),
        switches: noise.involuntary_switches.map_or_else(absent, text::exactly),
        line_move: noise.line_move_ns.map_or_else(absent, |[before, after]| {
            format!("{}, {}", text::time_ns(before), text::time_ns(after))
        }),
        warnings: noise.warnings.clone(),
    }
}
