//! A run of blocks speaks of blocks, one of rounds of rounds.

mod common;

use common::blocks::blocks;
use simple_records::{Instrument, Record, Skipped};
use simple_reports::analysis::RunComparison;
use simple_reports::{html, text};

fn has_word(text: &str, word: &str) -> bool {
    text.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|found| found == word)
}

/// The blocks, of which one workload broke off after the first and another was never measured.
fn with_gaps() -> Vec<Record> {
    let name = "registry/lookup/slab/4";
    let mut records = blocks();
    let mut kept = 0;
    records.retain(|record| match record {
        Record::Samples(samples) if samples.subject.workload == name => {
            kept += 1;
            kept < 3
        }
        _ => true,
    });
    let skipped = |workload: &str, instrument| {
        Record::Skipped(Skipped {
            workload: workload.to_owned(),
            comparison: "registry/lookup".to_owned(),
            instrument: Some(instrument),
            why: "wall: it panicked".to_owned(),
        })
    };
    let end = records.pop().unwrap();
    records.extend([
        skipped(name, Instrument::Wall),
        skipped("registry/lookup/mutex/4", Instrument::Wall),
        end,
    ]);
    records
}

#[test]
fn where_blocks_are_meant_nothing_says_rounds() {
    let report = common::report(&with_gaps());
    let page = html::page(&report).unwrap();
    let (_, method) = page.split_once("<section id=\"census\"").unwrap();
    for text in [text::brief(&report), text::terminal(&report), text::markdown(&report)] {
        assert!(has_word(&text, "blocks") && !has_word(&text, "rounds"), "{text}");
    }
    assert!(
        method.contains("<h3>Do blocks agree?</h3>") && !has_word(method, "rounds"),
        "{method}"
    );
    assert!(page.contains("(2 of at least 10 blocks)"));
    assert!(page.contains("lower quartiles of blocks") && !page.contains("medians of rounds"));
}

#[test]
fn where_rounds_are_meant_nothing_says_blocks() {
    let report = common::report(&common::whole_run(5));
    for text in [text::terminal(&report), text::markdown(&report)] {
        assert!(has_word(&text, "rounds") && !has_word(&text, "blocks"), "{text}");
    }
    let page = html::page(&report).unwrap();
    assert!(page.contains("<h3>Do rounds agree?</h3>") && page.contains("medians of rounds"));
}

#[test]
fn what_broke_off_is_measured_in_part() {
    let report = common::report(&with_gaps());
    assert_eq!(report.census.headline(), "8 of 9 workloads measured, 1 of them in part");
    assert!(text::brief(&report).contains("8 of 9 workloads measured, 1 of them in part\n"));
}

#[test]
fn a_comparison_of_two_runs_says_how_many_workloads_did_not_change() {
    let report = common::report(&blocks());
    let same = text::changes_terminal(&RunComparison::new(&report, &report));
    let expected = "0 better, 0 worse, 8 unclear (8 of them did not change beyond their interval)";
    assert!(same.contains(expected), "{same}");
    assert!(same.contains("the median of a run's blocks") && !has_word(&same, "rounds"), "{same}");
}

/// 24 blocks of one, of which the other lacks three: the figures of the states add up to 24, and the
/// sentence says in how many both were measured.
#[test]
fn blocks_of_states_add_up_or_the_sentence_says_why_not() {
    let mut records = blocks();
    let mut left = 3;
    records.retain(|record| match record {
        Record::Samples(samples)
            if samples.subject.workload.ends_with("load/std::fs::read/warm") =>
        {
            let is_kept = left == 0;
            left -= usize::from(!is_kept);
            is_kept
        }
        Record::Samples(samples) => samples.subject.comparison == "file/load",
        _ => true,
    });
    for record in &mut records {
        if let Record::Samples(samples) = record
            && !samples.subject.peer
            && samples.round % 2 == 0
        {
            // As fast as the peer in one state, slower in the other: open.
            samples.samples.iter_mut().for_each(|sample| sample.total_ns *= 0.09 / 0.2);
        }
    }
    let report = common::report(&records);
    let questions = text::Questions::of(&report);
    let said: Vec<String> = questions.open.iter().map(|open| open.sentence.to_string()).collect();
    let expected = "(12 blocks) in 24 blocks, in 21 of which both were measured; ";
    assert!(said.iter().any(|one| one.contains(expected)), "{said:?}");
}
