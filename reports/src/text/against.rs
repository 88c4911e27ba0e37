//! Alternatives against the default in sentences, with the null control.

use super::phrase::{no_difference, ratio};
use super::question::{depending, difference, why};
use super::sentence::Sentence;
use crate::analysis::{Aim, ComparisonReport, Doubt, Evidence, Pair, Question, Report, Subject};
use crate::stats::Judgement;

/// The verdicts on programs that are compared with a default, each with what the null control says
/// against it: first the setting to choose, if that is asked; then every alternative against the default.
pub fn verdicts(report: &Report, compared: &ComparisonReport) -> Vec<Sentence> {
    let pairs = compared.against_default();
    let setting =
        (compared.rules.aim == Aim::InsteadOfDefault).then(|| setting(report, compared, &pairs));
    let each = pairs.iter().map(|pair| against(report, compared, pair));
    setting.into_iter().chain(each).collect()
}

/// `B is 1.32x [1.30, 1.35] faster than A`, or that no difference was found, or why it is open; with
/// what the null control says against it.
fn against(report: &Report, compared: &ComparisonReport, pair: &Pair) -> Sentence {
    let [one, other] =
        [pair.one, pair.other].map(|index| compared.series_name(&compared.workloads[index]));
    let but = || but(report, compared, pair);
    if pair.rests_on_conditions()
        && let Some(sentence) = under_conditions(compared, pair)
    {
        return sentence.text(but());
    }
    let sentence = Sentence::default();
    match pair.judgement {
        Judgement::Faster(by) => {
            let rest = format!(" is {} faster than {other}{}", ratio(&by), but());
            sentence.subject(one).text(rest)
        }
        Judgement::Slower(by) => {
            let rest = format!(" is {} slower than {other}{}", ratio(&by.inverse()), but());
            sentence.subject(one).text(rest)
        }
        Judgement::NoDifference { at_most } if pair.is_answered() => {
            let rest = format!(": {}{}", no_difference(at_most), but());
            sentence.subject(format!("{one} or {other}")).text(rest)
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

/// `, but the same command twice seemed to differ by 1.20x: do not trust it`; empty if the null
/// control says nothing against a verdict.
fn but(report: &Report, compared: &ComparisonReport, pair: &Pair) -> String {
    let doubt = report.doubt(compared, pair);
    doubt.map_or_else(String::new, |doubt| format!(", but {}", doubted(compared, &doubt)))
}

/// `the same command twice seemed to differ by 1.20x [1.10, 1.30]: do not trust it`.
pub fn doubted(compared: &ComparisonReport, doubt: &Doubt) -> String {
    let same = format!("the same {} twice", compared.comparison.series_axis);
    match doubt {
        Doubt::Differs(Some(by)) => {
            format!("{same} seemed to differ by {}: do not trust it", ratio(by))
        }
        Doubt::Differs(None) => {
            format!("{same} seemed to differ in some state of the machine: do not trust it")
        }
        Doubt::AsMuch { at_most } => {
            let at_most = difference(*at_most);
            format!("{same} may differ by up to {at_most}, which is as much: do not trust it")
        }
    }
}

/// The verdict on the null control of a comparison; `None` if it has none.
pub fn null_control(report: &Report, compared: &ComparisonReport) -> Option<String> {
    let control = report.null_control(compared)?;
    let begun = format!("null control: the same {} twice: ", compared.comparison.series_axis);
    let Some(sides) = control.sides() else { return Some(begun + "not measured") };
    Some(match sides.judgement {
        _ if sides.is_told_apart() => {
            let by = sides.ratio.map(|by| if by.median < 1.0 { by.inverse() } else { by });
            let by = by.map_or_else(String::new, |by| format!(" by {}", ratio(&by)));
            format!(
                "{begun}it seems to differ from itself{by}, so no verdict here is to be trusted: \
                 measure again with nothing else running"
            )
        }
        Judgement::NoDifference { at_most } if sides.is_answered() => {
            begun + &no_difference(at_most)
        }
        _ => begun + &why(control, &sides),
    })
}

/// The setting to choose: another than the default only if that is told apart from it, and none if the
/// null control says something against that. `pairs` are all others against the default.
fn setting(report: &Report, compared: &ComparisonReport, pairs: &[Pair]) -> Sentence {
    let name = |pair: &Pair| compared.series_name(&compared.workloads[pair.one]);
    let axis = compared.comparison.id.rsplit('/').next().unwrap_or_default();
    let sentence = Sentence::default().text(format!("{axis}: "));
    let but = |pair: Option<&Pair>| pair.map_or_else(String::new, |it| but(report, compared, it));
    let open: Vec<String> = pairs.iter().filter(|pair| !pair.is_answered()).map(name).collect();
    let faster = pairs.iter().filter_map(|pair| match pair.judgement {
        Judgement::Faster(by) => Some((by, pair)),
        _ => None,
    });
    let doubtful =
        |pair: Option<&Pair>| pair.is_some_and(|it| report.doubt(compared, it).is_some());
    let best = faster.max_by(|(a, _), (b, _)| a.median.total_cmp(&b.median));
    let answered = pairs.iter().find(|pair| pair.is_answered());
    let sentence = if let Some((by, best)) = best {
        let (name, by) = (name(best), ratio(&by));
        if doubtful(Some(best)) {
            let seems = format!(": {name} seems {by} faster than the default{}", but(Some(best)));
            return sentence.subject("open").text(seems);
        }
        sentence.subject(format!("choose {name}")).text(format!(": {by} faster than the default"))
    } else if open.len() == pairs.len() {
        return sentence.subject("open").text(": --budget gives it more time");
    } else {
        let at_most = pairs.iter().filter_map(|pair| match pair.judgement {
            Judgement::NoDifference { at_most } if pair.is_answered() => Some(at_most),
            _ => None,
        });
        let found = at_most.reduce(f64::max).map(no_difference);
        let slower = || match open.is_empty() {
            true => "the others are slower".to_owned(),
            false => "those that are decided are slower".to_owned(),
        };
        let found = found.unwrap_or_else(slower);
        if doubtful(answered) {
            let seems = format!(": it seems that {found}{}", but(answered));
            return sentence.subject("open").text(seems);
        }
        sentence.subject("stay with the default").text(format!(": {found}"))
    };
    match open.is_empty() {
        true => sentence,
        false => sentence.text(format!("; open: {}", open.join(", "))),
    }
}
