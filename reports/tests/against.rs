//! Alternatives against their default, and the null control, in sentences.

mod common;

use simple_records::{
    Axes, Comparison, Counter, Counts, Display, Origin, Record, RunLimits, Scale, Verb,
};
use simple_reports::analysis::{Report, Slowdown};
use simple_reports::text;

/// Blocks in which both alternatives were measured.
const BLOCKS: u32 = 10;

fn commands() -> Comparison {
    Comparison {
        id: "commands".to_owned(),
        title: "Which command is the fastest?".to_owned(),
        explanation: String::new(),
        x_axis: "time of".to_owned(),
        x_scale: Scale::Category,
        series_axis: "command".to_owned(),
        facet_axis: None,
        defaults: Axes::default().with("command", "old"),
        item: "process".to_owned(),
        display: Display::TimePerItem,
    }
}

fn axes(name: &str) -> Axes {
    Axes::default().with("command", name).with("time of", "a whole process")
}

/// A run of `old`, which takes 100 ns, and of `new`, which takes a little more in each block.
fn run(new_ns: f64, same: f64) -> Report {
    report(new_ns, same, 1.002)
}

/// The same, with the factor by which times of `new` grow from block to block.
fn report(new_ns: f64, same: f64, growth: f64) -> Report {
    let commands = commands();
    let mut start = common::start(BLOCKS);
    start.limits = Some(RunLimits { error: 0.01, same, same_threaded: same, budget_s: 60.0 });
    let arguments = ["old", "a new one"].map(str::to_owned).to_vec();
    start.origin = Some(Origin { verb: Verb::Compare.into(), arguments });
    let mut records = vec![Record::Run(start.into()), Record::Comparison(commands.clone())];
    for round in 0..BLOCKS {
        let new_ns = new_ns * f64::powi(growth, round as i32);
        for (name, time_ns) in [("old", 100.0), ("new", new_ns)] {
            let samples = common::samples(&commands, axes(name), round, time_ns);
            records.push(Record::Counts(Counts {
                subject: samples.subject.clone(),
                work: samples.work,
                instrument: Counter::Os,
                round,
                counts: [("peak_memory_bytes".to_owned(), 2e6), ("wakes".to_owned(), 0.0)].into(),
            }));
            records.push(Record::Samples(samples));
        }
    }
    common::report(&records)
}

fn sentence(report: &Report) -> String {
    let compared = &report.comparisons[0];
    let pairs = compared.against_default();
    assert_eq!(pairs.len(), 1);
    text::against(compared, &pairs[0]).to_string()
}

#[test]
fn what_is_faster_or_slower_is_said_of_the_one_that_is_not_the_default() {
    assert_eq!(sentence(&run(50.0, 0.05)), "new is 1.98x [1.96, 2.0] faster than old");
    assert_eq!(sentence(&run(150.0, 0.05)), "new is 1.51x [1.50, 1.53] slower than old");
}

#[test]
fn no_difference_is_one_up_to_what_was_asked_for() {
    assert_eq!(sentence(&run(99.0, 0.05)), "new or old: no difference larger than 2% found");
    // The same figures, by somebody who asks for smaller differences.
    let open = sentence(&run(99.0, 0.002));
    assert!(open.starts_with("open: new or old: ") && open.contains("could hide"), "{open}");
    assert!(sentence(&run(102.0, 0.05)).contains("no difference larger than 4%"));
    assert_eq!(sentence(&run(102.0, 0.01)), "new is 1.03x [1.02, 1.04] slower than old");
}

#[test]
fn a_limit_is_judged_by_the_whole_interval() {
    let slowdown = |new_ns, growth, limit| {
        report(new_ns, 0.05, growth).comparisons[0].against_default()[0].slowdown(limit)
    };
    assert_eq!(slowdown(120.0, 1.002, 0.05), Slowdown::Beyond);
    assert_eq!(slowdown(101.0, 1.002, 0.05), Slowdown::Within);
    assert_eq!(slowdown(100.0, 1.02, 0.05), Slowdown::Open);
}

#[test]
fn a_null_control_that_differs_takes_the_trust_away() {
    let said = |report: &Report| {
        let compared = &report.comparisons[0];
        let pair = compared.pair(0, 1);
        text::null_control(compared, Some(&pair), "the same command")
    };
    let begun = "null control: the same command twice: ";
    assert_eq!(said(&run(99.0, 0.05)), format!("{begun}no difference larger than 2% found"));
    let differs = said(&run(120.0, 0.05));
    assert!(differs.starts_with(&format!("{begun}it seems to differ from itself by 1.2")));
    assert!(differs.contains("no verdict here is to be trusted"), "{differs}");
}

#[test]
fn the_table_has_what_was_counted_and_no_column_of_zeros() {
    let table = text::side_by_side(&run(50.0, 0.05).comparisons[0]);
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].ends_with("time  peak memory"), "{table}");
    assert!(lines[2].contains("old (default)") && lines[2].ends_with("2.00 MB"), "{table}");
}

#[test]
fn a_run_of_commands_names_its_own_command_line() {
    let report = run(50.0, 0.05);
    assert_eq!(text::reproduce_run(&report), "just compare old 'a new one'");
    let terminal = text::terminal(&report);
    assert!(terminal.contains(", by compare, ") && !terminal.contains("just bench"), "{terminal}");
    assert!(simple_reports::html::page(&report).unwrap().contains(", by compare: "));
}

#[test]
fn a_setting_is_chosen_only_if_it_is_told_apart_from_the_default() {
    let said = |new_ns, same, growth| text::setting(&report(new_ns, same, growth).comparisons[0]);
    assert_eq!(
        said(50.0, 0.05, 1.002),
        "commands: choose new: 1.98x [1.96, 2.0] faster than the default"
    );
    assert_eq!(
        said(99.0, 0.05, 1.002),
        "commands: stay with the default: no difference larger than 2% found"
    );
    assert_eq!(said(200.0, 0.05, 1.002), "commands: stay with the default: the others are slower");
    assert!(said(95.0, 0.05, 1.02).starts_with("commands: open: "));
}
