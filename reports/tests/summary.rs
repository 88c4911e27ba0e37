//! The text of terminal and Markdown, word by word.

mod common;

use simple_reports::text;

#[test]
fn terminal() {
    insta::assert_snapshot!(text::terminal(&common::report(&common::whole_run(5))));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(text::markdown(&common::report(&common::whole_run(5))));
}

#[test]
fn three_rounds_decide_nothing() {
    let text = text::terminal(&common::report(&common::whole_run(3)));
    assert!(text.contains("slab was the fastest, but 3 rounds cannot decide."), "{text}");
    assert!(!text.contains("faster than"), "{text}");
    assert!(!text.contains("* 5"), "{text}");
}

#[test]
fn an_interrupted_run_says_so_and_shows_what_there_is() {
    let records = common::whole_run(5);
    let text = text::terminal(&common::report(&records[..40]));
    assert!(text.contains("27 of at least 27 workloads measured"), "{text}");
    assert!(text.contains("warning: the run was interrupted"), "{text}");
    assert!(text.contains("(2 of 5 rounds)"), "{text}");
}

#[test]
fn a_run_without_figures_is_a_report_too() {
    let records = common::whole_run(5);
    let text = text::terminal(&common::report(&records[..3]));
    assert!(text.contains("0 of at least 0 workloads"), "{text}");
    let page = simple_reports::html::page(&common::report(&records[..3])).unwrap();
    assert!(page.contains("Nothing was measured"));
}
