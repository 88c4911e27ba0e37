//! The page of a gate: what got slower, by which witness, and how far to trust that.

use super::filters;
use super::gate_parts::{
    Curve, Functions, TimeRow, WitnessRow, curve, functions, time_rows, witness_rows,
};
use super::ids::Ids;
use super::page::STYLE;
use super::policy::policy_without_script;
use crate::judge::{GateReport, OperatingCurve, Verdict};
use crate::text;
use askama::Template;

/// The data of `gate.html`.
#[derive(Template)]
#[template(path = "gate.html")]
struct GatePage<'a> {
    policy: String,
    style: &'static str,
    report: &'a GateReport,
    word: &'static str,
    class: &'static str,
    builds: String,
    measured: String,
    outcomes: String,
    why: Vec<[String; 3]>,
    steps: Vec<[String; 3]>,
    axis: String,
    min_effect: String,
    times: Vec<TimeRow>,
    witnesses: Vec<WitnessRow>,
    functions: Vec<Functions>,
    waivers: Vec<[String; 3]>,
    only: Vec<(String, Vec<String>)>,
    not_measured: Vec<(String, Vec<String>)>,
    trust: Vec<[String; 3]>,
    curve: Option<Curve>,
    command: String,
}

/// The page of a gate; `flames` are workloads with links, relative to the page, to their
/// differential flame graphs.
///
/// # Errors
/// If the page cannot be put together; no record should bring that about.
pub fn gate_page(
    report: &GateReport,
    known: Option<&OperatingCurve>,
    flames: &[(String, String)],
) -> Result<String, askama::Error> {
    let mut ids = Ids::default();
    let (axis, times) = time_rows(report, &mut ids);
    let page = GatePage {
        policy: policy_without_script(STYLE),
        style: STYLE,
        word: text::verdict_word(report.verdict),
        class: class(report.verdict),
        builds: text::builds(report),
        measured: text::measured(report),
        outcomes: text::outcomes_line(report),
        why: parts(text::why(report)),
        steps: parts(text::next_steps(report)),
        axis,
        min_effect: text::percent(report.min_effect),
        times,
        witnesses: witness_rows(report, &mut ids),
        functions: functions(report, flames, &mut ids),
        waivers: text::waivers(report),
        only: owned(text::only_in(report)),
        not_measured: owned(text::not_measured(report)),
        trust: parts(text::curve_sentences(known, report.min_effect)),
        curve: known.map(curve),
        command: text::reproduce_gate(report),
        report,
    };
    page.render()
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "better",
        Verdict::Regression => "worse",
        Verdict::Inconclusive => "same",
    }
}

/// Sentences as what comes before, in, and after the code in backticks.
fn parts(sentences: Vec<String>) -> Vec<[String; 3]> {
    let part = |sentence: String| match (sentence.find('`'), sentence.rfind('`')) {
        (Some(first), Some(last)) if first < last => {
            [&sentence[..first], &sentence[first + 1..last], &sentence[last + 1..]]
                .map(str::to_owned)
        }
        _ => [sentence, String::new(), String::new()],
    };
    sentences.into_iter().map(part).collect()
}

fn owned<T: Into<String>, N: Into<String>>(lists: Vec<(T, Vec<N>)>) -> Vec<(String, Vec<String>)> {
    let list =
        |(title, names): (T, Vec<N>)| (title.into(), names.into_iter().map(Into::into).collect());
    lists.into_iter().map(list).collect()
}
