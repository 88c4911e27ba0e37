//! Verdicts on alternatives follow from their rounds.

mod common;

use simple_records::{Axes, AxisValue, Record, Sample};
use simple_reports::analysis::Report;
use simple_reports::text;

/// A run with these alternatives at one place: name, whether a peer, time of each round.
fn report(alternatives: &[(&str, bool, &[f64])]) -> Report {
    let comparison = common::locks();
    let mut records =
        vec![Record::Run(common::start(5).into()), Record::Comparison(comparison.clone())];
    for (name, peer, times_ns) in alternatives {
        for (round, time_ns) in (0..).zip(*times_ns) {
            let axes = Axes::default().with("lock", *name).with("threads", AxisValue::Count(4));
            let mut samples = common::samples(&comparison, axes, round, 1.0);
            samples.samples = vec![Sample { iterations: 1, total_ns: time_ns * 100.0 }];
            samples.subject.peer = *peer;
            records.push(Record::Samples(samples));
        }
    }
    common::report(&records)
}

fn choice(alternatives: &[(&str, bool, &[f64])]) -> String {
    let sentences = text::choices(&report(alternatives).comparisons[0]);
    sentences.iter().map(ToString::to_string).collect()
}

fn versus(alternatives: &[(&str, bool, &[f64])]) -> String {
    let sentences = text::versus(&report(alternatives).comparisons[0]);
    sentences.iter().map(ToString::to_string).collect()
}

/// Ratios 2, 2, 3, 1.5, 2.5.
#[test]
fn a_clear_winner_is_named_with_its_interval() {
    let said = choice(&[
        ("slow", false, &[20.0, 40.0, 36.0, 15.0, 26.0]),
        ("fast", false, &[10.0, 20.0, 12.0, 10.0, 10.4]),
    ]);
    let expected =
        "At threads 4: fast is the fastest: 2.0x [1.50, 3.0] faster than the second, slow.";
    assert_eq!(said, expected);
}

/// Ratios 1.05, 0.96, 1.04, 1.05, 1.05: one round says otherwise.
#[test]
fn an_interval_over_one_is_no_choice() {
    let said = choice(&[("a", false, &[10.5, 9.6, 10.4, 10.5, 10.5]), ("b", false, &[10.0; 5])]);
    assert_eq!(said, "At threads 4: a or b is the fastest; no difference larger than 5% found.");
}

#[test]
fn less_than_three_percent_is_no_choice_however_certain() {
    let said = choice(&[("a", false, &[10.2; 5]), ("b", false, &[10.0; 5])]);
    assert_eq!(said, "At threads 4: a or b is the fastest; no difference larger than 2% found.");
}

/// The second is clearly slower, the third sometimes faster.
#[test]
fn a_noisy_third_keeps_the_first_from_being_clear() {
    let said = choice(&[
        ("first", false, &[10.0; 5]),
        ("second", false, &[20.0; 5]),
        ("third", false, &[9.0, 30.0, 30.0, 30.0, 30.0]),
    ]);
    let expected = "At threads 4: first or third is the fastest; too noisy: no difference larger than \
                    3.0x found.";
    assert_eq!(said, expected);
}

#[test]
fn many_ties_are_no_choice() {
    let alternatives: [(&str, bool, &[f64]); 5] = [
        ("a", false, &[10.0; 5]),
        ("b", false, &[10.0; 5]),
        ("c", false, &[10.1; 5]),
        ("d", false, &[10.1; 5]),
        ("e", false, &[90.0; 5]),
    ];
    let said = choice(&alternatives);
    // The tile of the page says it too.
    let page = simple_reports::html::page(&report(&alternatives)).unwrap();
    let (_, card) = page.split_once("<li class=\"card\">").unwrap();
    let (card, _) = card.split_once("</ul>").unwrap();
    assert!(card.contains("<strong>no clear choice</strong> among 4 of 5; "), "{card}");
    let expected =
        "At threads 4: no clear choice among 4 of 5; no difference larger than 1% found.";
    assert_eq!(said, expected);
}

#[test]
fn peers_are_no_choice_but_are_compared_with() {
    let alternatives: [(&str, bool, &[f64]); 3] =
        [("own", false, &[10.0; 5]), ("worse", true, &[30.0; 5]), ("better", true, &[5.0; 5])];
    assert_eq!(choice(&alternatives), "");
    assert_eq!(versus(&alternatives), "At threads 4: own is 2.0x [2.0, 2.0] slower than better.");
}

#[test]
fn rounds_that_are_not_shared_do_not_decide() {
    let said = versus(&[("own", false, &[10.0; 5]), ("peer", true, &[90.0; 2])]);
    assert_eq!(said, "At threads 4: own against peer: 2 rounds cannot decide.");
}
