//! The page: complete, self-contained, and safe from hostile records.

mod common;

use common::tags::{assert_harmless, tags, values};
use simple_records::{Axes, AxisValue, Comparison, Record, Skipped, Word};
use simple_reports::analysis::{History, Report, RunComparison};
use simple_reports::html::{Context, page, page_with};
use std::collections::HashSet;

/// The page of the newest of some runs, with the oldest as its baseline.
fn full_page(runs: &[Report]) -> String {
    let (first, newest) = (&runs[0], &runs[runs.len() - 1]);
    let comparison = RunComparison::new(first, newest);
    let history = History::new(newest, runs, Vec::new());
    let (baseline, history) = (Some(&comparison), Some(&history));
    page_with(newest, &Context { baseline, history, ..Context::default() }).unwrap()
}

/// That run on eight days; on the last four everything takes twice as long.
fn on_eight_days(records: &[Record]) -> Vec<Report> {
    let factor = |day| if day < 4 { 1.0 } else { 2.0 };
    (0..8).map(|day| common::report(&common::later(records, day, |_| factor(day)))).collect()
}

#[test]
fn every_link_leads_somewhere_and_every_anchor_is_one() {
    assert_links_lead_somewhere(&page(&common::report(&common::whole_run(5))).unwrap());
    assert_links_lead_somewhere(&full_page(&on_eight_days(&common::whole_run(5))));
}

fn assert_links_lead_somewhere(page: &str) {
    assert_harmless(page);
    let tags = tags(page);
    let ids = values(&tags, "id");
    let unique: HashSet<&str> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len());
    for href in values(&tags, "href").into_iter().filter(|href| href.starts_with('#')) {
        assert!(unique.contains(&href[1..]), "{href}");
    }
    for target in values(&tags, "for").into_iter().chain(values(&tags, "aria-labelledby")) {
        assert!(unique.contains(target), "{target}");
    }
}

#[test]
fn it_says_what_there_is_to_say() {
    let page = page(&common::report(&common::whole_run(5))).unwrap();
    for expected in [
        "27 of 28 workloads measured",
        "Example CPU",
        "<strong>slab</strong> is the fastest: 2.5x [2.5, 2.5]",
        "id=\"w-registry-lookup-slab-4-5--updates\"",
        "just bench &#39;registry/lookup/slab/4/5% updates&#39; --effort quick",
        "huge pages are off",
        "just bench --effort quick --seed 42",
        "2.0x [2.0, 2.0] faster",
        "1.11x [1.11, 1.11] slower",
    ] {
        assert!(page.contains(expected), "{expected}");
    }
    // Two facets, a dot plot and the picture of peers, each wide and narrow.
    assert_eq!(page.matches("<svg class=\"plot ").count(), 8);
    assert_eq!(page.matches("<article class=\"workload\"").count(), 27);
    assert!(!page.contains("#F1") && !page.contains("NaN"), "all paint follows the theme");
}

#[test]
fn hostile_names_stay_names() {
    let hostile = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</style></title></script><h1>",
        "\u{202e}evil\u{2066}\0\u{1b}[31m",
        "{{ policy }}{% raw %}&amp;&#60;b&#62;]]>--><!--",
        "=\"#F10A02\" =\"#F",
        "javascript:alert(1)",
    ];
    let text = |n: usize| hostile[n % hostile.len()].to_owned();
    let mut records = Vec::new();
    let mut start = common::start(5);
    start.effort = Word::Unknown(text(0));
    start.tool = text(3);
    start.settings.insert(text(1), text(2));
    start.fingerprint.cpu_model = Some(text(1));
    start.fingerprint.commit = Some(text(0));
    records.push(Record::Run(start.into()));
    for n in 0..hostile.len() {
        let comparison = Comparison {
            id: text(n),
            title: text(n + 1),
            explanation: text(n + 2),
            x_axis: text(n + 3),
            series_axis: text(n + 4),
            facet_axis: Some(text(n + 5)),
            defaults: Axes::default().with(&text(n + 4), text(n).as_str()),
            item: text(n + 6),
            ..if n % 2 == 0 { common::locks() } else { common::files() }
        };
        records.push(Record::Comparison(comparison.clone()));
        for round in 0..5 {
            for (x, series) in [(1, text(n)), (2, text(n)), (1, text(n + 1)), (2, text(n + 1))] {
                let axes = Axes::default()
                    .with(&comparison.series_axis, series.as_str())
                    .with(&comparison.x_axis, AxisValue::Count(x));
                let mut samples = common::samples(&comparison, axes, round, 10.0 * x as f64);
                (samples.subject.reason, samples.subject.peer) = (text(n), x == 2);
                records.push(Record::Samples(samples));
            }
        }
        let (workload, comparison, why) = (text(n), comparison.id, text(n + 1));
        records.push(Record::Skipped(Skipped { workload, comparison, instrument: None, why }));
    }
    let report = common::report(&records);
    let page = page(&report).unwrap();
    assert_harmless(&page);
    assert!(page.contains("[U+202E]evil"));
    let full = full_page(&on_eight_days(&records));
    assert_harmless(&full);
    assert!(full.contains("id=\"t-changes\"") && full.contains("id=\"t-history\""));
    let terminal = simple_reports::text::terminal(&report);
    assert!(!terminal.contains(['\u{1b}', '\u{202e}', '\0']));
    let markdown = simple_reports::text::markdown(&report);
    // In code, nothing is markup.
    let outside = markdown.lines().filter(|line| !line.starts_with("| Again |"));
    assert!(!outside.collect::<String>().contains(['<', '\u{202e}']));
}

/// Figures that no machine has must not break a scale or a unit.
#[test]
fn absurd_figures_do_not_panic() {
    for time_ns in [1e-290, 1e-9, 1e9, 1e250] {
        let comparison = common::locks();
        let mut records =
            vec![Record::Run(common::start(2).into()), Record::Comparison(comparison.clone())];
        for (round, x) in [(0, 0), (1, 1), (0, u64::MAX), (u32::MAX, u64::MAX)] {
            let axes = Axes::default().with("lock", "a").with("threads", AxisValue::Count(x));
            let mut samples = common::samples(&comparison, axes, round, time_ns);
            samples.work.bytes = Some(u64::MAX);
            records.push(Record::Samples(samples));
        }
        let report = common::report(&records);
        let page = page(&report).unwrap();
        assert!(!page.contains("NaN"), "{time_ns}");
        simple_reports::text::terminal(&report);
    }
}

#[test]
fn a_thousand_workloads_make_less_than_five_megabytes() {
    let mut records = vec![Record::Run(common::start(5).into())];
    for family in 0..10 {
        let id = format!("family/{family}");
        let comparison = Comparison { id, ..common::locks() };
        records.push(Record::Comparison(comparison.clone()));
        for n in 0..100_u64 {
            for round in 0..5 {
                let axes = Axes::default()
                    .with("lock", format!("alternative-{}", n % 10).as_str())
                    .with("threads", AxisValue::Count(1 << (n / 10)));
                let mut samples = common::samples(&comparison, axes, round, 10.0 + n as f64);
                samples.samples = samples.samples.iter().copied().cycle().take(10).collect();
                records.push(Record::Samples(samples));
            }
        }
    }
    let page = page(&common::report(&records)).unwrap();
    assert_eq!(page.matches("<article class=\"workload\"").count(), 1000);
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    // With a baseline and a history, all steps and all changes at once.
    let slower = |day| if day < 25 { 1.0 } else { 2.0 };
    let runs = (0..50).map(|day| common::report(&common::later(&records, day, |_| slower(day))));
    let full = full_page(&runs.collect::<Vec<_>>());
    assert!(full.contains("50 runs of this machine"));
    println!("{} bytes, with a baseline and 50 runs {} bytes", page.len(), full.len());
    assert!(full.len() < 5_000_000, "{} bytes", full.len());
}
