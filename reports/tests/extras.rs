//! Counts, latencies and noise beside wall times.

mod common;

use simple_records::{Axes, Counter, Counts, Latency, LogFile, Loop, Noise, Run, Subject, Work};
use simple_reports::analysis::Report;

fn subject(workload: &str) -> Subject {
    Subject {
        workload: workload.to_owned(),
        comparison: "file/load".to_owned(),
        reason: "because".to_owned(),
        axes: Axes::default().with("strategy", "auto").with("cache", "warm"),
        peer: false,
    }
}

fn run() -> Run {
    let folder = tempfile::tempdir().unwrap();
    let mut run = Run::read(&common::write(folder.path(), &common::whole_run(5))).unwrap();
    for (round, faults) in [(0, 3.0), (1, 5.0), (2, 40.0)] {
        run.counts.push(Counts {
            subject: subject("file/load/auto/warm"),
            work: Work { items: 1, bytes: None, threads: None },
            instrument: Counter::Os,
            round,
            counts: [("page_faults_minor".to_owned(), faults)].into(),
        });
        run.latencies.push(Latency {
            subject: subject("file/load/only-latency"),
            work: Work { items: 1, bytes: None, threads: None },
            instrument: Loop::Open,
            round,
            offered_per_s: Some(1000.0),
            achieved_per_s: 990.0 + faults,
            duration_s: 1.0,
            histogram_ns: String::new(),
            percentiles_ns: [("p50".to_owned(), 100), ("p99".to_owned(), 1000 + faults as u64)]
                .into(),
        });
    }
    run.noise.push(Noise {
        comparison: "file/load".to_owned(),
        steal_percent: Some(12.5),
        warnings: vec!["the host took a lot".to_owned()],
        ..Noise::default()
    });
    run
}

#[test]
fn medians_over_rounds() {
    let report = Report::new(run());
    let compared =
        report.comparisons.iter().find(|compared| compared.comparison.id == "file/load").unwrap();
    assert_eq!(compared.counted[0].counts["page_faults_minor"], 5.0);
    assert_eq!(compared.latencies[0].percentiles_ns["p99"], 1005.0);
    assert_eq!(compared.latencies[0].achieved_per_s, 995.0);
    assert_eq!(compared.latencies.len(), 1);
}

#[test]
fn the_page_shows_them_with_anchors() {
    let page = simple_reports::html::page(&Report::new(run())).unwrap();
    for expected in [
        "page_faults_minor",
        "id=\"w-file-load-only-latency\"",
        "1.00 k/s",
        "12.5%",
        "<figcaption>p99, cache warm</figcaption>",
        "the host took a lot",
    ] {
        assert!(page.contains(expected), "{expected}");
    }
    assert_eq!(page.matches("id=\"w-file-load-auto-warm\"").count(), 1);
}
