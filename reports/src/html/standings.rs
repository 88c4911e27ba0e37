//! The runtime against its best peers: a picture, and the same as a table.

use super::ids::Ids;
use crate::analysis::Repeats;
use crate::analysis::{ComparisonReport, Evidence, Pair, Question, Report, Subject, Tail};
use crate::plot::{self, Plot, Standing, StandingGroup, StandingRow};
use crate::stats::{Judgement, Ratio};
use crate::text;

/// All questions that name a peer.
pub(super) struct Standings {
    /// `None` if there is no such question.
    pub(super) plot: Option<Plot>,
    /// Shapes of the picture and their meaning.
    pub(super) legend: Vec<(String, &'static str)>,
    pub(super) rows: Vec<Row>,
}

/// A row of the table.
pub(super) struct Row {
    pub(super) href: String,
    /// Id of the comparison and number of its rows, on the first of them.
    pub(super) head: Option<(String, usize)>,
    pub(super) place: String,
    pub(super) own: String,
    pub(super) peer: String,
    pub(super) verdict: String,
    pub(super) class: &'static str,
}

/// A question that names a peer.
struct Against<'r> {
    place: String,
    own: String,
    peer: String,
    ratio: Ratio,
    judgement: Judgement,
    standing: Standing,
    repeats: Repeats,
    /// `None` of tails.
    pair: Option<&'r Pair>,
}

/// All questions of a run that name a peer, in the order of their comparisons.
pub(super) fn standings(report: &Report, ids: &mut Ids) -> Standings {
    let (mut groups, mut rows) = (Vec::new(), Vec::new());
    for compared in &report.comparisons {
        let questions = compared.questions();
        let all: Vec<Against> = questions.iter().filter_map(against).collect();
        if all.is_empty() {
            continue;
        }
        let (name, href) = (&compared.comparison.id, ids.anchor("c", &compared.comparison.id));
        for (index, against) in all.iter().enumerate() {
            let head = (index == 0).then(|| (name.clone(), all.len()));
            rows.push(row(against, head, href.clone()));
        }
        let picture = all.iter().map(pictured).collect();
        groups.push(StandingGroup { name: name.clone(), href, rows: picture });
    }
    Standings { plot: plot::standings(&groups), legend: legend(&groups), rows }
}

fn against<'r>(question: &Question<'r>) -> Option<Against<'r>> {
    let is_answered = question.is_answered();
    match (question.subject, &question.evidence) {
        (Subject::Peers(x), Evidence::Pairs(pairs)) => {
            let pair = *pairs.first()?;
            let name = |at: usize| question.compared.series_name(&question.compared.workloads[at]);
            Some(Against {
                place: place(question.compared, &question.facet, &x.to_string()),
                own: name(pair.one),
                peer: name(pair.other),
                ratio: pair.ratio?,
                judgement: deciding(pair),
                standing: match is_answered && pair.depends() {
                    true => Standing::Depends,
                    false => standing(deciding(pair), is_answered),
                },
                repeats: question.compared.rules.rounds.into(),
                pair: Some(pair),
            })
        }
        (Subject::Tails, Evidence::Tail(tail)) => Some(of_tail(question, tail, is_answered)),
        _ => None,
    }
}

fn of_tail<'r>(question: &Question<'r>, tail: &Tail, is_answered: bool) -> Against<'r> {
    let item = &question.compared.comparison.item;
    let at = format!("{} at {}", tail.percentile, text::item_rate(tail.rate_per_s, item));
    Against {
        place: match question.facet.is_empty() {
            true => at,
            false => format!("{}, {at}", question.facet),
        },
        own: tail.own.clone(),
        peer: tail.peer.clone(),
        ratio: tail.ratio,
        judgement: tail.judgement,
        standing: standing(tail.judgement, is_answered),
        repeats: Repeats::Rounds,
        pair: None,
    }
}

/// `mix get only, threads 4`.
fn place(compared: &ComparisonReport, facet: &str, x: &str) -> String {
    let at = format!("{} {x}", compared.comparison.x_axis);
    if facet.is_empty() { at } else { format!("{facet}, {at}") }
}

/// The judgement that decides a pair: over all rounds, or, if that leaves it open, the one that all
/// conditions share.
fn deciding(pair: &Pair) -> Judgement {
    match pair.judgement {
        Judgement::NoDifference { at_most } if at_most > pair.tolerance && pair.is_answered() => {
            pair.within.first().map_or(pair.judgement, |within| within.judgement)
        }
        judgement => judgement,
    }
}

fn standing(judgement: Judgement, is_answered: bool) -> Standing {
    match judgement {
        _ if !is_answered => Standing::Open,
        Judgement::Faster(_) => Standing::Ahead,
        Judgement::Slower(_) => Standing::Behind,
        Judgement::NoDifference { .. } | Judgement::TooFewRounds { .. } => Standing::Same,
    }
}

fn row(against: &Against, head: Option<(String, usize)>, href: String) -> Row {
    let verdict = match against.judgement {
        Judgement::Faster(ratio) => format!("{} faster", text::ratio(&ratio)),
        Judgement::Slower(ratio) => format!("{} slower", text::ratio(&ratio.inverse())),
        Judgement::NoDifference { at_most } => text::no_difference(at_most),
        Judgement::TooFewRounds { .. } => format!("too few {} to decide", against.repeats.many()),
    };
    let verdict = match against.standing {
        Standing::Depends => format!("depends; over all, {verdict}"),
        Standing::Open => format!("open: {verdict}"),
        Standing::Ahead | Standing::Behind | Standing::Same => verdict,
    };
    Row {
        href,
        head,
        place: against.place.clone(),
        own: against.own.clone(),
        peer: against.peer.clone(),
        verdict,
        class: plot::standing_class(against.standing),
    }
}

fn pictured(against: &Against) -> StandingRow {
    let Against { place, own, peer, ratio, judgement, standing, pair, .. } = against;
    let within = match (standing, pair) {
        (Standing::Depends, Some(pair)) => {
            pair.within.iter().filter_map(|within| Some(within.ratio?.median)).collect()
        }
        _ => Vec::new(),
    };
    let words = match (standing, judgement) {
        (Standing::Depends, _) => "depends".to_owned(),
        (_, Judgement::Faster(ratio)) => format!("{} faster", text::times(ratio.median)),
        (_, Judgement::Slower(ratio)) => format!("{} slower", text::times(ratio.median.recip())),
        (Standing::Open, Judgement::NoDifference { at_most }) => match *at_most < 1.0 {
            true => format!("open, up to {}", text::percent(*at_most)),
            false => format!("open, up to {}", text::times(1.0 + at_most)),
        },
        (_, Judgement::NoDifference { at_most }) => format!("within {}", text::percent(*at_most)),
        (_, Judgement::TooFewRounds { .. }) => format!("too few {}", against.repeats.many()),
    };
    StandingRow {
        label: format!("{place}: {own} vs {peer}"),
        ratio: *ratio,
        within,
        standing: *standing,
        words,
    }
}

/// The shapes that occur.
fn legend(groups: &[StandingGroup]) -> Vec<(String, &'static str)> {
    let meanings = [
        (Standing::Ahead, "runtime faster"),
        (Standing::Behind, "peer faster"),
        (Standing::Same, "no difference worth telling"),
        (Standing::Depends, "depends: a mark for each condition"),
        (Standing::Open, "open"),
    ];
    let rows = || groups.iter().flat_map(|group| &group.rows);
    let occurs = |standing: Standing| rows().any(|row| row.standing == standing);
    let shown = meanings.into_iter().filter(|(standing, _)| occurs(*standing));
    shown.map(|(standing, meaning)| (plot::standing_key(standing), meaning)).collect()
}
