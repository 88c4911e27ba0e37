//! Alternatives against the default in sentences, the null control, and what each of them costs.

use super::number::{bytes, count, time_ns, time_with_interval};
use super::phrase::{no_difference, ratio, series_label};
use super::question::{depending, why};
use super::sentence::Sentence;
use super::table::Table;
use super::terminal::table_text;
use crate::analysis::{ComparisonReport, Evidence, Pair, Question, Subject, Timed};
use crate::stats::Judgement;

/// `B is 1.32x [1.30, 1.35] faster than A`, or that no difference was found, or why it is open.
pub fn against(compared: &ComparisonReport, pair: &Pair) -> Sentence {
    let [one, other] =
        [pair.one, pair.other].map(|index| compared.series_name(&compared.workloads[index]));
    if pair.rests_on_conditions()
        && let Some(sentence) = under_conditions(compared, pair)
    {
        return sentence;
    }
    let sentence = Sentence::default();
    match pair.judgement {
        Judgement::Faster(by) => {
            sentence.subject(one).text(format!(" is {} faster than {other}", ratio(&by)))
        }
        Judgement::Slower(by) => {
            let by = ratio(&by.inverse());
            sentence.subject(one).text(format!(" is {by} slower than {other}"))
        }
        Judgement::NoDifference { at_most } if pair.is_answered() => {
            let found = no_difference(at_most);
            sentence.subject(format!("{one} or {other}")).text(format!(": {found}"))
        }
        Judgement::NoDifference { .. } | Judgement::TooFewRounds { .. } => sentence
            .text("open: ")
            .subject(format!("{one} or {other}"))
            .text(format!(": {}", why(compared, pair))),
    }
}

fn under_conditions(compared: &ComparisonReport, pair: &Pair) -> Option<Sentence> {
    let facet = compared.facets.first()?;
    let subject = Subject::Alternatives(&facet.positions.first()?.x);
    let evidence = Evidence::Pairs(vec![pair]);
    let question = Question { compared, facet: facet.label(), subject, evidence };
    depending(&question).map(|(_, sentence)| sentence)
}

/// The verdict on a null control, of which `pair` are the two sides; `what` is what ran twice.
pub fn null_control(compared: &ComparisonReport, pair: Option<&Pair>, what: &str) -> String {
    let begun = format!("null control: {what} twice: ");
    let Some(pair) = pair else { return begun + "not measured" };
    match pair.judgement {
        _ if pair.is_told_apart() => {
            let by = pair.ratio.map(|by| if by.median < 1.0 { by.inverse() } else { by });
            let by = by.map_or_else(String::new, |by| format!(" by {}", ratio(&by)));
            format!(
                "{begun}it seems to differ from itself{by}, so no verdict here is to be trusted: \
                 measure again with nothing else running"
            )
        }
        Judgement::NoDifference { at_most } => begun + &no_difference(at_most),
        _ => begun + &why(compared, pair),
    }
}

/// The setting to choose: another than the default only if that is told apart from it.
pub fn setting(compared: &ComparisonReport) -> String {
    let name = |index: usize| compared.series_name(&compared.workloads[index]);
    let mut pairs = compared.against_default();
    let speed = |pair: &Pair| pair.ratio.map_or(0.0, |ratio| ratio.median);
    pairs.sort_by(|a, b| speed(b).total_cmp(&speed(a)));
    let axis = compared.comparison.id.rsplit('/').next().unwrap_or_default();
    let is_faster = |pair: &&Pair| matches!(pair.judgement, Judgement::Faster(_));
    if let Some(best) = pairs.iter().find(is_faster) {
        let by = best.ratio.as_ref().map(ratio).unwrap_or_default();
        return format!("{axis}: choose {}: {by} faster than the default", name(best.one));
    }
    let open: Vec<String> =
        pairs.iter().filter(|pair| !pair.is_answered()).map(|pair| name(pair.one)).collect();
    if pairs.is_empty() || open.len() == pairs.len() {
        return format!("{axis}: open: --budget gives it more time");
    }
    let but = match open.is_empty() {
        true => String::new(),
        false => format!("; open: {}", open.join(", ")),
    };
    let at_most = pairs.iter().filter_map(|pair| match pair.judgement {
        Judgement::NoDifference { at_most } if pair.is_answered() => Some(at_most),
        _ => None,
    });
    match at_most.reduce(f64::max) {
        Some(at_most) => {
            format!("{axis}: stay with the default: {}{but}", no_difference(at_most))
        }
        None => format!("{axis}: stay with the default: the others are slower{but}"),
    }
}

/// `30 blocks`, the most that any alternative has.
pub fn number_of_blocks(compared: &ComparisonReport) -> String {
    let blocks = compared.workloads.iter().map(|workload| workload.rounds.len()).max();
    match blocks.unwrap_or(0) {
        1 => "1 block".to_owned(),
        blocks => format!("{blocks} blocks"),
    }
}

/// A count beside times: its name in records, its title, and how a value is shown.
type Column = (&'static str, &'static str, fn(f64) -> String);

/// All counts, in the order of the table.
const COUNTS: [Column; 8] = [
    ("processor_time_ns", "processor time", time_ns),
    ("peak_memory_bytes", "peak memory", bytes),
    ("page_faults_minor", "page faults", count),
    ("page_faults_major", "faults from disk", count),
    ("context_switches_voluntary", "waits", count),
    ("context_switches_involuntary", "preempted", count),
    ("wakes", "wakes", count),
    ("instructions", "instructions", count),
];

/// A table of the alternatives of a comparison, a line each: time, and the counts that were made.
pub fn side_by_side(compared: &ComparisonReport) -> String {
    let value = |workload: &Timed, name: &str| {
        let of = |counted: &&crate::analysis::Counted| {
            counted.subject.workload == workload.subject.workload
        };
        compared.counted.iter().filter(of).find_map(|counted| counted.counts.get(name).copied())
    };
    // A column of nothing but zeros would say nothing.
    let is_there = |name: &str| {
        let values = compared.workloads.iter().filter_map(|workload| value(workload, name));
        values.into_iter().any(|value| value > 0.0)
    };
    let shown: Vec<_> = COUNTS.into_iter().filter(|(name, ..)| is_there(name)).collect();
    let mut header = vec![compared.comparison.series_axis.clone(), "time".to_owned()];
    header.extend(shown.iter().map(|(_, title, _)| (*title).to_owned()));
    let row = |workload: &Timed| {
        let name = compared.series_name(workload);
        let mut row = vec![series_label(compared, &name, workload.subject.peer)];
        row.push(time_with_interval(workload.time_ns, workload.interval_ns));
        row.extend(
            shown
                .iter()
                .map(|(name, _, show)| value(workload, name).map_or_else(|| "–".to_owned(), show)),
        );
        row
    };
    let rows = compared.workloads.iter().map(row).collect();
    table_text(&Table { caption: String::new(), header, rows })
}
