//! The brief summary stays on one screen.

mod common;

use common::blocks::blocks;
use simple_records::{Axes, AxisValue, Instrument, Record, Skipped};
use simple_reports::text::brief;

/// Copies of each kind of verdict.
const COPIES: usize = 20;

/// The records of a run of blocks, whose comparisons have another name.
fn copy(records: &[Record], number: usize) -> Vec<Record> {
    let renamed = |id: &str| format!("copy-{number}/{id}");
    let mut copied = records.to_vec();
    for record in &mut copied {
        match record {
            Record::Comparison(comparison) => comparison.id = renamed(&comparison.id),
            Record::Noise(noise) => noise.comparison = renamed(&noise.comparison),
            Record::Samples(samples) => {
                samples.subject.workload = renamed(&samples.subject.workload);
                samples.subject.comparison = renamed(&samples.subject.comparison);
            }
            _ => {}
        }
    }
    copied
}

/// A comparison of two own alternatives, of which the slab is the faster.
fn with_default(id: &str, default: &str) -> Vec<Record> {
    let mut comparison = common::locks();
    comparison.id = id.to_owned();
    comparison.defaults = comparison.defaults.with("lock", default);
    let mut records = vec![Record::Comparison(comparison.clone())];
    for block in 0..24 {
        for (lock, time_ns) in [("slab", 10.0), ("mutex", 20.0)] {
            let axes = Axes::default().with("lock", lock).with("threads", AxisValue::Count(1));
            let mut samples = common::samples(&comparison, axes, block, time_ns);
            samples.work.threads = Some(1);
            records.push(Record::Samples(samples));
        }
    }
    records
}

fn skipped(number: usize) -> Record {
    Record::Skipped(Skipped {
        workload: format!("skipped/{number}"),
        comparison: "skipped".to_owned(),
        instrument: Some(Instrument::Wall),
        why: format!("wall: reason {number}"),
    })
}

/// A run in which every list is longer than a screen has room for.
fn full() -> Vec<Record> {
    let (start, rest) = (&blocks()[..1], &blocks()[1..]);
    let mut records = start.to_vec();
    for number in 0..COPIES {
        records.extend(copy(rest, number));
        records.extend(with_default(&format!("keep-{number}"), "slab"));
        records.extend(with_default(&format!("change-{number}"), "mutex"));
        records.push(skipped(number));
        // A comparison that nothing describes: a warning each.
        let undescribed = with_default(&format!("undescribed-{number}"), "slab").split_off(1);
        records.extend(undescribed);
    }
    records
}

#[test]
fn it_has_at_most_forty_lines_when_every_list_is_full() {
    let text = brief(&common::report(&full()));
    assert!(text.lines().count() <= 40, "{}\n{text}", text.lines().count());
    for heading in [
        "A peer is ahead:",
        "Choose instead of the default:",
        "Depends on the machine:",
        "Open:",
        "Not measured, or not to the end:",
    ] {
        let (_, list) = text.split_once(&format!("\n{heading}\n")).expect(heading);
        let list = list.split("\n\n").next().unwrap();
        let more = list.lines().find(|line| line.starts_with("  and ")).expect(heading);
        assert!(more.ends_with(" more: just summary --all"), "{more}");
        let shown = list.lines().take_while(|line| *line != more).count();
        assert_eq!(more, format!("  and {} more: just summary --all", COPIES - shown), "{heading}");
    }
    assert!(
        text.contains("\nKeep the default: keep-0, keep-1, ") && text.contains(" and 8 more\n")
    );
    assert!(text.contains("\nwarning: ") && text.contains("  To settle the first: just bench"));
    assert!(text.ends_with("All figures: just summary --all; the page: just report\n"));
}
