//! The text of a gate's verdict in terminal and Markdown, word by word.

mod common;

use common::calibration::calibration;
use common::gate::{begun, calm, judged, judged_with, of_all_kinds, whole};
use simple_records::{GateSuite, SameProgram, Side, Witness};
use simple_reports::judge::{GateFile, GateReport, OperatingCurve};
use simple_reports::text::{GateView, gate_annotations, gate_markdown, gate_terminal};

const FILE: &str = "
[[waiver]]
workload = \"file/load/touch/*\"
reason = \"asks the device | <now>\"
expires = \"2026-03-31\"

[[waiver]]
workload = \"gone/*\"
reason = \"was late\"
expires = \"2026-01-01\"
";

fn of_everything() -> GateReport {
    judged_with(&of_all_kinds(), &GateFile::parse(FILE).unwrap())
}

#[test]
fn terminal() {
    let curve = OperatingCurve::new(&calibration());
    insta::assert_snapshot!(gate_terminal(&GateView::new(&of_everything(), Some(&curve))));
}

#[test]
fn markdown() {
    let curve = OperatingCurve::new(&calibration());
    insta::assert_snapshot!(gate_markdown(&GateView::new(&of_everything(), Some(&curve))));
}

#[test]
fn annotations_name_the_verdict_and_what_it_rests_on() {
    insta::assert_snapshot!(gate_annotations(&GateView::new(&of_everything(), None)));
}

#[test]
fn a_pass_is_one_notice() {
    let report = judged(&whole(&["a", "b"], 1, calm(|_, _| 0.0)));
    let lines = gate_annotations(&GateView::new(&report, None));
    assert!(lines.starts_with("::notice title=PASS%3A this checkout"), "{lines}");
    assert_eq!(lines.lines().count(), 1, "{lines}");
}

#[test]
fn a_pass_is_short() {
    let report = judged(&whole(&["a", "b"], 1, calm(|_, _| 0.0)));
    insta::assert_snapshot!(gate_terminal(&GateView::new(&report, None)));
}

#[test]
fn an_undecided_verdict_gives_advice() {
    let model = |at: common::gate::At| {
        let biased = at.workload == "a" && at.side == simple_records::Side::Null;
        at.normal(0.005) + if biased { 0.1 } else { 0.0 }
    };
    let report = judged(&whole(&["a", "b"], 1, model));
    let text = gate_terminal(&GateView::new(&report, None));
    assert!(text.starts_with("INCONCLUSIVE: this checkout"), "{text}");
    assert!(text.contains("On a quiet machine, compare again: just gate fedcba987654 a\n"));
    let markdown = gate_markdown(&GateView::new(&report, None));
    assert!(markdown.contains("### Undecided") && markdown.contains("just gate fedcba987654 a"));
}

#[test]
fn a_pass_that_leaves_something_open_says_how_to_decide_it() {
    let names: Vec<String> = (0..20).map(|n| format!("w/{n}")).collect();
    let noisy = |at: common::gate::At| at.normal(if at.workload == "w/3" { 0.3 } else { 0.005 });
    let report = judged(&whole(&names, 2, noisy));
    let text = gate_terminal(&GateView::new(&report, None));
    assert!(text.starts_with("PASS") && text.contains("1 stayed open"), "{text}");
    assert!(text.contains("compare it alone: just gate fedcba987654 w/3\n"), "{text}");
}

#[test]
fn names_do_nothing_to_terminal_or_markdown() {
    let evil = "a\u{1b}[2J|`<script>\n# b";
    let mut gate = begun(&[evil]);
    common::gate::counted(&mut gate, evil, &[[100, 200], [100, 200]]);
    let report = judged(&common::gate::read_back(&gate));
    let (terminal, markdown) = (
        gate_terminal(&GateView::new(&report, None)),
        gate_markdown(&GateView::new(&report, None)),
    );
    for text in [&terminal, &markdown] {
        assert!(!text.contains('\u{1b}') && !text.contains("\n# b"), "{text}");
    }
    let outside_of_code = markdown.split("``").step_by(2);
    assert!(outside_of_code.into_iter().all(|text| !text.contains("<script>")), "{markdown}");
}

#[test]
fn markdown_fits_into_a_comment_however_much_got_slower() {
    let slower = |count: usize, name: &dyn Fn(usize) -> String| {
        let names: Vec<String> = (0..count).map(name).collect();
        let mut gate = begun(&names);
        for name in &names {
            common::gate::counted(&mut gate, name, &[[100, 200], [100, 200]]);
        }
        gate_markdown(&GateView::new(&judged(&gate), None))
    };
    let text = slower(1500, &|n| format!("family/of/many/workloads/{n}"));
    assert!(text.len() <= 65_536, "{}", text.len());
    assert!(text.contains(" more: all are in the HTML report"), "{text}");
    // The advice is still at the end.
    assert!(text.contains("### What to do"));
    // Names of any length leave no room for that; what is cut is whole lines.
    let text = slower(12, &|n| format!("{n}/{}", "long".repeat(3000)));
    assert!(text.len() <= 65_536 && text.contains("**Cut here**"), "{}", text.len());
    assert!(slower(3, &|n| n.to_string()).len() < 5000);
}

/// In a repository of anybody's there are neither recipes nor workloads of ours.
#[test]
fn a_suite_speaks_of_itself_alone() {
    let mut gate = begun(&["command/sort", "command/parse"]);
    let suite = GateSuite { file: "bench/lab.toml".to_owned(), build: Some("make".to_owned()) };
    gate.start.suite = Some(suite);
    let slower = |workload: &str, side| match (workload, side) {
        ("command/sort", Side::Head) => 0.5,
        _ => 0.0,
    };
    common::gate::run_to_end(&mut gate, 1, &calm(slower));
    let report = judged(&gate);
    let (terminal, markdown) = (
        gate_terminal(&GateView::new(&report, None)),
        gate_markdown(&GateView::new(&report, None)),
    );
    for text in [terminal, markdown] {
        assert!(text.contains("lab gate fedcba987654 command/sort"), "{text}");
        assert!(
            text.contains("bench/lab.toml, 2 workloads") && text.contains("gate.toml"),
            "{text}"
        );
        for ours in ["just ", "profile-diff", "calibrat", "quick"] {
            assert!(!text.contains(ours), "{ours}: {text}");
        }
    }
    gate.end = None;
    let text = gate_terminal(&GateView::new(&judged(&gate), None));
    assert!(text.contains("resume it: lab gate --resume"), "{text}");
}

/// A comparison of one command, in which nothing is measured yet.
fn of_one_command() -> simple_records::Gate {
    let mut gate = begun(&["command/sort"]);
    gate.start.suite = Some(GateSuite { file: "lab.toml".to_owned(), build: None });
    gate
}

#[test]
fn a_faster_workload_takes_no_more_time() {
    let mut gate = of_one_command();
    let faster = |_: &str, side| if side == Side::Head { -2.0 } else { 0.0 };
    common::gate::run_to_end(&mut gate, 1, &calm(faster));
    let text = gate_terminal(&GateView::new(&judged(&gate), None));
    assert!(text.starts_with("PASS"), "{text}");
    let said =
        "1 of 1 workload neither takes 5.0% more time nor exceeds its limit of instructions.";
    assert!(text.contains(said), "{text}");
}

#[test]
fn one_workload_that_varies_is_one() {
    let gate = whole(&["w/3"], 2, |at: common::gate::At| at.normal(0.3));
    let text = gate_terminal(&GateView::new(&judged(&gate), None));
    assert!(text.contains("1 workload varies too much"), "{text}");
}

#[test]
fn where_nothing_was_measured_nothing_is_said_of_instructions() {
    let trust = |gate: &mut simple_records::Gate| {
        common::gate::run_to_end(gate, 1, &calm(|_, _| 0.0));
        gate_terminal(&GateView::new(&judged(gate), None))
    };
    let mut same = of_one_command();
    same.candidates.clear();
    same.start.same_program = Some(SameProgram::Sources);
    let text = trust(&mut same);
    assert!(text.contains("Nothing had to be measured: both builds are one program."), "{text}");
    assert!(!text.contains("Only instructions"), "{text}");
    let mut hung = of_one_command();
    common::gate::retired(&mut hung, "command/sort", Witness::Time, None, "it hung");
    let text = trust(&mut hung);
    assert!(text.contains("Nothing was measured, so nothing is known"), "{text}");
    assert!(text.contains("exclude a slow-down: 1 workload ("), "{text}");
    assert!(text.contains("Correct what \"Not measured\" names"), "{text}");
    let mut counted = of_one_command();
    common::gate::retired(&mut counted, "command/sort", Witness::Time, None, "it hung");
    common::gate::counted(&mut counted, "command/sort", &[[100, 100]]);
    assert!(trust(&mut counted).contains("Only instructions were compared"));
}

#[test]
fn an_interrupted_comparison_is_resumed_if_it_can_be() {
    let mut gate = whole(&["a", "b"], 1, calm(|_, _| 0.0));
    gate.end = None;
    gate.blocks.truncate(5);
    let shown = |gate: &simple_records::Gate| gate_terminal(&GateView::new(&judged(gate), None));
    let again = "just gate fedcba987654";
    gate.start.candidates = 3;
    let begun = shown(&gate);
    assert!(begun.contains("cannot be resumed") && begun.contains(again), "{begun}");
    gate.start.candidates = 2;
    let shown = shown(&gate);
    assert_eq!(shown.matches("just gate --resume").count(), 2, "{shown}");
    assert!(!shown.contains(again), "{shown}");
}
