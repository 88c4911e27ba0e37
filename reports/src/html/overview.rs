//! The first screen: the number of settled questions, and the verdicts that matter most.

use super::ids::Ids;
use crate::analysis::{Report, left_out_in_words};
use crate::text::{OpenQuestion, Questions, RunText, Sentence};

/// Sentences of a list that are shown without unfolding it.
const LISTED: usize = 6;

/// The verdicts of a run.
pub(super) struct Answers {
    /// Answered questions and all of them; `None` if there are none.
    pub(super) count: Option<(usize, usize)>,
    /// Lists of verdicts; none of them is empty.
    pub(super) lists: Vec<List>,
    /// Comparisons whose default is right.
    pub(super) keeps: Vec<(String, String)>,
    /// Open questions by comparison.
    pub(super) open: Vec<Open>,
    pub(super) warnings: Vec<String>,
}

/// Sentences with links to their comparisons.
pub(super) struct List {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) shown: Vec<Item>,
    pub(super) folded: Vec<Item>,
}

/// A sentence with the name and the anchor of its comparison.
pub(super) struct Item {
    pub(super) name: String,
    pub(super) href: String,
    pub(super) sentence: Sentence,
}

/// Open questions of a comparison, and the command that would settle them.
pub(super) struct Open {
    pub(super) name: String,
    pub(super) href: String,
    pub(super) sentences: Vec<Sentence>,
    pub(super) command: String,
}

/// The verdicts of a run.
pub(super) fn answers(run: &RunText, ids: &mut Ids) -> Answers {
    let Questions { all, answered, open, depending } = &run.questions;
    let digest = &run.digest;
    let lists = [
        ("verdicts", "Verdicts", &digest.verdicts),
        ("behind", "A peer is ahead", &digest.behind),
        ("choose", "Choose instead of the default", &digest.changes),
        ("depends", "Depends on the machine", depending),
    ];
    let lists = lists.into_iter().filter(|(.., sentences)| !sentences.is_empty());
    Answers {
        count: (*all > 0).then_some((*answered, *all)),
        lists: lists.map(|(id, title, all)| list(id, title, all, ids)).collect(),
        keeps: digest.keeps.iter().map(|id| (id.clone(), ids.anchor("c", id))).collect(),
        open: open_by_comparison(open, ids),
        warnings: warnings(run.report),
    }
}

fn list(
    id: &'static str,
    title: &'static str,
    sentences: &[(String, Sentence)],
    ids: &mut Ids,
) -> List {
    let items = sentences.iter().map(|(name, sentence)| Item {
        name: name.clone(),
        href: ids.anchor("c", name),
        sentence: sentence.clone(),
    });
    let mut shown: Vec<Item> = items.collect();
    // One more takes no more room than the words that say so.
    let folded = if shown.len() > LISTED + 1 { shown.split_off(LISTED) } else { Vec::new() };
    List { id, title, shown, folded }
}

fn open_by_comparison(open: &[OpenQuestion], ids: &mut Ids) -> Vec<Open> {
    let mut groups: Vec<Open> = Vec::new();
    for question in open {
        let OpenQuestion { comparison, sentence, command } = question;
        match groups.last_mut().filter(|group| group.name == *comparison) {
            Some(group) => group.sentences.push(sentence.clone()),
            None => groups.push(Open {
                name: comparison.clone(),
                href: ids.anchor("c", comparison),
                sentences: vec![sentence.clone()],
                command: command.clone(),
            }),
        }
    }
    groups
}

/// Warnings without numbers of rounds, which the section of the method lists.
fn warnings(report: &Report) -> Vec<String> {
    let listed = left_out_in_words(&report.left_out);
    let word = |warning: &String| match listed.as_ref() == Some(warning) {
        true => "rounds are left out because the machine was in another regime; \"Machine and \
                 method\" lists them"
            .to_owned(),
        false => warning.clone(),
    };
    report.warnings.iter().map(word).collect()
}
