//! Alternatives against their default, and the null control, in sentences.

mod common;

use simple_records::{
    Axes, Comparison, Counter, Counts, Display, NULL_CONTROL, Origin, Record, RunLimits, Scale,
    Verb,
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
    common::report(&records(Verb::Compare, new_ns, same, growth))
}

/// The same with a null control, whose second side takes this multiple of the first in even and in odd
/// blocks.
fn controlled(verb: Verb, new_ns: f64, second: [f64; 2]) -> Report {
    let mut records = records(verb, new_ns, 0.05, 1.002);
    let control = Comparison {
        id: format!("commands{NULL_CONTROL}"),
        series_axis: "time".to_owned(),
        defaults: Axes::default(),
        ..commands()
    };
    records.push(Record::Comparison(control.clone()));
    for round in 0..BLOCKS {
        for (name, time_ns) in [("first", 100.0), ("second", 100.0 * second[round as usize % 2])] {
            let axes = Axes::default().with("time", name).with("time of", "a whole process");
            records.push(Record::Samples(common::samples(&control, axes, round, time_ns)));
        }
    }
    common::report(&records)
}

fn records(verb: Verb, new_ns: f64, same: f64, growth: f64) -> Vec<Record> {
    let commands = commands();
    let mut start = common::start(BLOCKS);
    start.limits = Some(RunLimits { error: 0.01, same, same_threaded: same, budget_s: 60.0 });
    let arguments = ["old", "a new one"].map(str::to_owned).to_vec();
    start.origin = Some(Origin { verb: verb.into(), arguments });
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
    records
}

fn sentence(report: &Report) -> String {
    let verdicts = text::verdicts(report, &report.comparisons[0]);
    assert_eq!(verdicts.len(), 1);
    verdicts[0].to_string()
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
fn a_null_control_that_differs_takes_the_trust_away_from_every_verdict() {
    let sound = controlled(Verb::Compare, 150.0, [1.0, 1.01]);
    assert_eq!(sentence(&sound), "new is 1.51x [1.50, 1.53] slower than old");
    let begun = "null control: the same command twice: ";
    let said = |report: &Report| text::null_control(report, &report.comparisons[0]).unwrap();
    assert_eq!(said(&sound), format!("{begun}no difference larger than 2% found"));
    assert!(!sound.is_untrusted(&sound.comparisons[0]));
    for new_ns in [50.0, 150.0, 100.0] {
        let broken = controlled(Verb::Compare, new_ns, [1.2, 1.21]);
        let sentence = sentence(&broken);
        assert!(
            sentence.contains(", but the same command twice seemed to differ by 1.2")
                && sentence.ends_with(": do not trust it"),
            "{sentence}"
        );
        assert!(
            said(&broken).starts_with(&format!("{begun}it seems to differ from itself by 1.2"))
        );
        assert!(said(&broken).contains("no verdict here is to be trusted"));
        assert!(broken.is_untrusted(&broken.comparisons[0]));
    }
}

#[test]
fn a_null_control_that_may_differ_as_much_is_said_with_the_verdict() {
    let noisy = [0.7, 1.4];
    let doubted = controlled(Verb::Compare, 120.0, noisy);
    assert_eq!(
        sentence(&doubted),
        "new is 1.21x [1.20, 1.22] slower than old, but the same command twice may differ by up to \
         43%, which is as much: do not trust it"
    );
    assert!(!doubted.is_untrusted(&doubted.comparisons[0]), "it does not seem to differ");
    let clear = controlled(Verb::Compare, 300.0, noisy);
    assert!(!sentence(&clear).contains("but"), "a difference that large is excluded");
}

#[test]
fn a_setting_that_the_null_control_makes_doubtful_is_open() {
    for (new_ns, expected) in [
        (
            95.0,
            "commands: open: new seems 1.04x [1.03, 1.05] faster than the default, but the same",
        ),
        (120.0, "commands: open: it seems that the others are slower, but the same"),
    ] {
        let doubted = controlled(Verb::Tune, new_ns, [0.7, 1.4]);
        let said = text::verdicts(&doubted, &doubted.comparisons[0])[0].to_string();
        assert!(said.starts_with(expected) && said.ends_with("do not trust it"), "{said}");
    }
}

#[test]
fn a_null_control_is_no_question() {
    for (verb, new_ns) in [(Verb::Compare, 150.0), (Verb::Tune, 50.0)] {
        let questions = text::Questions::of(&controlled(verb, new_ns, [0.7, 1.4]));
        assert_eq!((questions.all, questions.answered), (1, 1));
    }
}

#[test]
fn summaries_and_the_page_say_what_was_printed() {
    let tuned = controlled(Verb::Tune, 95.0, [1.0, 1.01]);
    let verdicts = text::verdicts(&tuned, &tuned.comparisons[0]);
    let [setting, against] = [0, 1].map(|at| verdicts[at].to_string());
    assert_eq!(setting, "commands: choose new: 1.04x [1.03, 1.05] faster than the default");
    assert_eq!(against, "new is 1.04x [1.03, 1.05] faster than old");
    let control = text::null_control(&tuned, &tuned.comparisons[0]).unwrap();
    let brief = text::brief(&tuned);
    assert!(brief.contains(&format!("Verdicts:\n  {setting}\n  {control}\n")), "{brief}");
    let all = text::terminal(&tuned);
    for said in [&setting, &against, &control] {
        assert!(all.contains(&format!("\n  {said}\n")), "{said}: {all}");
    }
    let markdown = text::markdown(&tuned);
    assert!(markdown.contains("* commands: **choose new**: 1.04x"), "{markdown}");
    let page = simple_reports::html::page(&tuned).unwrap();
    let page = common::tags::text_of(&page);
    for said in [&setting, &against, &control] {
        assert!(page.contains(said.as_str()), "{said}");
    }
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
    assert_eq!(text::reproduce_run(&report), "lab compare old 'a new one'");
    let terminal = text::terminal(&report);
    assert!(terminal.contains(", by compare, ") && !terminal.contains("just bench"), "{terminal}");
    assert!(simple_reports::html::page(&report).unwrap().contains(", by compare: "));
}

#[test]
fn a_setting_is_chosen_only_if_it_is_told_apart_from_the_default() {
    let said = |new_ns, same, growth| {
        let report = common::report(&records(Verb::Tune, new_ns, same, growth));
        text::verdicts(&report, &report.comparisons[0])[0].to_string()
    };
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
