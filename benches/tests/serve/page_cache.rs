//! The state of a warm file is stated, recorded, and its workload's own affair.

use crate::harness::{Harness, measure};
use simple_records::harness::{Measured, Outcome, Reply};
use simple_records::{Folios, Instrument, Layout};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const WARM: &str = "file/random/populate-read/16MiB/warm";
const LARGE: &str = "file/random/populate-read/16MiB/warm, large pages";

/// Workloads that read files of the same size, or many, in every way.
const OTHERS: [&str; 7] = [
    "file/load/none/16MiB/cold",
    "file/random/huge/16MiB/cold",
    "file/random/huge/16MiB/warm",
    "file/ready/touch/16MiB/warm",
    "file/folios/std::fs::read/at once",
    "file/folios/huge/in 8KiB pieces",
    "file/sources/auto/kept",
];

fn measured(harness: &mut Harness, workload: &str, instrument: Instrument) -> Outcome {
    let prepared = harness.prepare(workload);
    assert!(matches!(prepared, Reply::Prepared { .. }), "{workload}: {prepared:?}");
    let reply = harness.ask(&measure(instrument));
    let Reply::Measured(Measured { outcome, .. }) = reply else { panic!("{workload}: {reply:?}") };
    outcome
}

/// The layout that is recorded, and the page faults of an iteration.
fn state(harness: &mut Harness, workload: &str) -> (Layout, f64) {
    let Outcome::Samples { layout, .. } = measured(harness, workload, Instrument::Wall) else {
        panic!("no samples")
    };
    let Outcome::Counts(counts) = measured(harness, workload, Instrument::Os) else {
        panic!("no counts")
    };
    (layout.expect("a warm file has a layout"), counts["page_faults_minor"])
}

/// The file of a state: which one it is, and when it was written.
fn file(folder: &Path, state: &str) -> (u64, i64, i64) {
    let of = fs::metadata(folder.join(format!("random-16777216-{state}-file-random"))).unwrap();
    (of.ino(), of.mtime(), of.mtime_nsec())
}

#[test]
fn no_other_workload_changes_how_the_pages_of_a_warm_file_lie() {
    let mut harness = Harness::start();
    let folder = harness.data.path().to_owned();
    let source = folder.join("source");
    fs::write(&source, "a source").unwrap();
    let list = format!("{}\n", source.display());
    fs::write(folder.join(simple_records::harness::SOURCES_LIST), list).unwrap();
    let before = [WARM, LARGE].map(|workload| state(&mut harness, workload));
    let files = || ["small", "large"].map(|state| file(&folder, state));
    let written = files();
    for other in OTHERS {
        measured(&mut harness, other, Instrument::Wall);
        for (workload, (layout, faults)) in [WARM, LARGE].into_iter().zip(before) {
            let (layout_now, faults_now) = state(&mut harness, workload);
            assert_eq!(layout_now.folios, layout.folios, "{workload} after {other}");
            // The process has a few of its own.
            let more = faults_now - faults;
            assert!(more.abs() < 8.0, "{workload} after {other}: {faults}, {faults_now}");
        }
        // A file that is as it should be is not written again; one without large folios may be.
        let (small, large) = (files()[0], files()[1]);
        assert_eq!(small, written[0], "{other}");
        if before[1].0.folios == Folios::Large {
            assert_eq!(large, written[1], "{other}");
        }
    }
}

#[test]
fn a_file_in_another_state_is_written_again() {
    let mut harness = Harness::start();
    let folder = harness.data.path().to_owned();
    let (layout, _) = state(&mut harness, WARM);
    assert_eq!(layout.folios, Folios::Small);
    let (large, _) = state(&mut harness, LARGE);
    if large.folios != Folios::Large {
        println!("skipped: no large folios here");
        return;
    }
    assert!(layout.faults_per_mib > 4.0 * large.faults_per_mib, "{layout:?} {large:?}");
    // The wrong one of the two, as somebody else may have left it.
    let path = |state: &str| folder.join(format!("random-16777216-{state}-file-random"));
    fs::rename(path("large"), path("small")).unwrap();
    let wrong = file(&folder, "small");
    assert_eq!(state(&mut harness, WARM).0.folios, Folios::Small);
    assert_ne!(file(&folder, "small"), wrong);
}

#[test]
fn a_file_that_is_too_small_to_tell_says_so() {
    let mut harness = Harness::start();
    let (layout, _) = state(&mut harness, "file/load/auto/1MiB/warm");
    assert_eq!(layout.folios, Folios::Unknown);
    let cold = measured(&mut harness, "file/load/auto/64KiB/cold", Instrument::Wall);
    let Outcome::Samples { layout, residency, .. } = cold else { panic!("no samples") };
    assert!(layout.is_none() && residency.is_some());
}
