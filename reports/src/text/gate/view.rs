//! The view that all formats are made from.

use super::list::{NameList, not_measured, only_in};
use super::power::power_sentence;
use super::reason::reason;
use super::row::{RowText, WaiverText, waivers};
use super::steps::{Step, reproduce, steps};
use super::trust::trust;
use crate::judge::{BenchCurve, GateReport, OperatingCurve, Power, Status, Verdict, powers};
use crate::text::number::{duration, percent};
use crate::text::sentence::Sentence;
use simple_records::{Build, SameProgram};
use std::time::Duration;

/// A judged comparison in words and figures.
#[derive(Debug)]
pub struct GateView<'a> {
    /// The verdict with its figures.
    pub report: &'a GateReport,
    /// Reliability of the gate, if it was calibrated.
    pub curve: Option<&'a OperatingCurve>,
    /// Reliability of runs, if it was calibrated.
    pub bench: Option<&'a BenchCurve>,
    /// Name of the comparison.
    pub(crate) run: String,
    /// The verdict as one word in capitals.
    pub(crate) word: &'static str,
    /// `this checkout (0123456789ab, with changes) against main (fedcba987654)`.
    pub(crate) builds: String,
    /// `quick set, 120 workloads, 912 blocks, 34 min; looked for 5.0% more time`.
    pub(crate) measured: String,
    /// Counts of workloads by outcome.
    pub(crate) outcomes: String,
    /// The slow-down that was looked for.
    pub(crate) min_effect: String,
    /// Reasons for the verdict.
    pub(crate) why: Vec<Sentence>,
    /// All workloads, the worst first.
    pub(crate) rows: Vec<RowText>,
    /// Chance that each workload's slow-down would have been found, in the order of the report's rows.
    pub(crate) powers: Vec<Option<Power>>,
    /// Meaning of these chances, in sentences.
    pub(crate) power_means: String,
    /// Waivers that excuse a regression.
    pub(crate) waivers: Vec<WaiverText>,
    /// Workloads that were not compared or not measured, by reason.
    pub(crate) left_out: Vec<NameList>,
    /// Warnings, and remarks on waivers.
    pub(crate) notes: Vec<String>,
    /// Reliability of the gate.
    pub(crate) trust: Vec<Sentence>,
    /// The part that instructions and allocations are counted of.
    pub(crate) counted: &'static str,
    /// Next steps; none after a pass that leaves nothing open.
    pub(crate) steps: Vec<Sentence>,
    /// Command for another machine, unless a step has it.
    pub(crate) elsewhere: Option<Sentence>,
    /// Command that compares again what is in question, or everything.
    pub(crate) command: String,
}

impl<'a> GateView<'a> {
    /// Puts a report into words, and simulates what it would have found: milliseconds for a quiet workload,
    /// longer for a noisy one. `curve` is the reliability of the gate, if it was calibrated.
    pub fn new(report: &'a GateReport, curve: Option<&'a OperatingCurve>) -> Self {
        let powers = powers(report, report.min_effect);
        let command = reproduce(report);
        let steps = steps(report);
        let is_named =
            steps.iter().any(|step| matches!(step, Step::Compare { .. } | Step::Resume(_)));
        let elsewhere = Sentence::from("To see the same elsewhere: ").code(&command);
        Self {
            report,
            curve,
            bench: None,
            run: report.run.clone(),
            word: word(report.verdict),
            builds: builds(report),
            measured: measured(report),
            outcomes: outcomes(report),
            min_effect: percent(report.min_effect),
            why: report.reasons.iter().map(|why| reason(report, why)).collect(),
            rows: rows(report, &powers),
            powers,
            power_means: power_sentence(curve, &report.rules.limits),
            waivers: waivers(report),
            left_out: only_in(report).into_iter().chain(not_measured(report)).collect(),
            notes: report.notes.clone(),
            trust: match report.suite {
                Some(_) => vec![null_control(report)],
                None => trust(curve, &report.rules.limits),
            },
            counted: if report.suite.is_some() {
                "of a whole process, or per iteration of a harness"
            } else {
                "per iteration"
            },
            steps: steps.iter().map(Step::sentence).collect(),
            elsewhere: (!is_named).then_some(elsewhere),
            command,
        }
    }

    /// The same, with the reliability of runs beside that of the gate.
    #[must_use]
    pub fn with_bench(self, bench: Option<&'a BenchCurve>) -> Self {
        Self { bench, ..self }
    }
}

fn rows(report: &GateReport, powers: &[Option<Power>]) -> Vec<RowText> {
    let rows = report.rows.iter().zip(powers);
    rows.map(|(row, power)| RowText::new(report, row, power.as_ref())).collect()
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "PASS",
        Verdict::Regression => "REGRESSION",
        Verdict::Inconclusive => "INCONCLUSIVE",
    }
}

fn builds(report: &GateReport) -> String {
    let build = |build: &Build| {
        let commit = build.commit.as_ref();
        let commit = commit.map(|commit| commit.chars().take(12).collect());
        let changes = build.modified.then(|| "with changes".to_owned());
        let known: Vec<String> = commit.into_iter().chain(changes).collect();
        let aside =
            if known.is_empty() { String::new() } else { format!(" ({})", known.join(", ")) };
        format!("{}{aside}", build.name)
    };
    format!("{} against {}", build(&report.head), build(&report.base))
}

fn measured(report: &GateReport) -> String {
    let took = report.elapsed_s.map(Duration::from_secs);
    let took = took.map_or("interrupted".to_owned(), duration);
    let (workloads, blocks) = (report.rows.len(), report.blocks);
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    let set = match &report.suite {
        Some(suite) => suite.file.clone(),
        None => format!("{} set", report.setting),
    };
    let layouts = report.layouts.map(|count| format!(", {count} code layouts of each side"));
    format!(
        "{set}, {workloads} workload{}, {blocks} block{}{}, {took}; looked for {} more time",
        plural(workloads),
        plural(blocks),
        layouts.unwrap_or_default(),
        percent(report.min_effect)
    )
}

/// The safeguard where nobody has calibrated the gate.
fn null_control(report: &GateReport) -> Sentence {
    let is_counted = report.rows.iter().any(|row| row.instructions.is_some());
    if report.blocks == 0 && report.same_program.is_some() {
        return "Nothing had to be measured: both builds are one program.".into();
    }
    if report.blocks == 0 && !is_counted {
        return "Nothing was measured, so nothing is known of either build.".into();
    }
    if report.blocks == 0 {
        return "Only instructions were compared: they are counted, and need no null control."
            .into();
    }
    format!(
        "A second copy of {} ran along in every block. Where it differed from the first, times prove \
         nothing, and the verdict says so. How often the gate is right was measured with other \
         programs, not with these benchmarks.",
        report.base.name
    )
    .into()
}

fn outcomes(report: &GateReport) -> String {
    if let Some(same) = report.same_program {
        let what = match same {
            SameProgram::Sources => "are built from the same sources",
            SameProgram::Program => "are the same program",
            SameProgram::ExceptLines => {
                "are the same program but for the numbers of lines that panics name"
            }
        };
        return format!("Both builds {what}: neither can be slower, and nothing was measured.");
    }
    let count = |status| report.rows.iter().filter(|row| row.status == status).count();
    let others = [
        (count(Status::Open), "stayed open: too noisy to exclude that"),
        (count(Status::NotMeasured), "could not be measured"),
    ];
    // A faster one does neither.
    let (well, all) = (count(Status::Same) + count(Status::Faster), report.rows.len());
    let plural = if all == 1 { "" } else { "s" };
    let (take, exceed) =
        if well == 1 { ("takes", "exceeds its") } else { ("take", "exceed their") };
    let effect = percent(report.min_effect);
    let mut line = format!(
        "{well} of {all} workload{plural} neither {take} {effect} more time nor {exceed} limit of instructions"
    );
    for (count, outcome) in others.into_iter().filter(|(count, _)| *count > 0) {
        line += &format!("; {count} {outcome}");
    }
    line + "."
}
