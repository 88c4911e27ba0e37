//! The first screen of the page, and what it says of a run of blocks.

mod common;

use common::blocks::blocks;
use common::tags::{assert_harmless, tags, values};
use simple_records::{Noise, Record};
use simple_reports::html::page;

/// The part of a page between two texts.
fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = page.split_once(from).unwrap_or_else(|| panic!("{from}"));
    rest.split_once(to).unwrap_or_else(|| panic!("{to}")).0
}

fn of_blocks() -> String {
    page(&common::report(&blocks())).unwrap()
}

/// Text without tags.
fn text(html: &str) -> String {
    let parts = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    parts.collect()
}

#[test]
fn it_says_first_how_much_is_answered_then_where_a_peer_is_ahead() {
    let page = of_blocks();
    assert_harmless(&page);
    assert_eq!(text(between(&page, "<h1 id=\"title\">", "</h1>")), "3 of 4 questions answered");
    let behind = text(between(&page, "<h2 id=\"behind\">A peer is ahead</h2>", "</ul>"));
    assert!(behind.contains("file/load: At cache warm: auto is"), "{behind}");
    let depends = text(between(&page, "<h2 id=\"depends\">Depends on the machine</h2>", "</ul>"));
    assert!(depends.contains("slab is 2.0x faster where moving a cache line takes 14.0 ns"));
    assert!(depends.contains("dashmap is 2.0x faster where moving a cache line takes 170 ns"));
    let order = ["id=\"title\"", "id=\"behind\"", "id=\"depends\"", "id=\"peers\"", "id=\"c-"];
    assert!(order.map(|what| page.find(what).unwrap()).is_sorted());
}

#[test]
fn open_questions_are_folded_with_the_reason_and_the_command() {
    let page = of_blocks();
    let open = between(&page, "<details id=\"open\"", "</details>");
    assert!(text(open).contains("at threads 4: slab or dashmap: "), "{open}");
    assert!(text(open).contains(" could hide."), "{open}");
    assert!(open.contains("<code>just bench registry/lookup --instruments wall</code>"));
    let whole = page_of_rounds();
    assert!(text(between(&whole, "<h1 id=\"title\">", "</h1>")).contains(" questions answered"));
}

#[test]
fn the_terminal_answers_on_one_screen() {
    let report = common::report(&blocks());
    let brief = simple_reports::text::brief(&report);
    for expected in [
        "3 of 4 questions answered\n",
        "\nA peer is ahead:\n  file/load: At cache warm: auto is",
        "\nDepends on the machine:\n  registry/lookup: at threads 2",
        "\nOpen:\n  registry/lookup: at threads 4: slab or dashmap: ",
        "  To settle the first: just bench registry/lookup --instruments wall\n",
    ] {
        assert!(brief.contains(expected), "{expected}\n{brief}");
    }
    assert!(brief.lines().count() <= 40, "{brief}");
    let whole = simple_reports::text::terminal(&report);
    assert!(whole.contains("Open: registry/lookup: "), "{whole}");
    let row = whole.lines().find(|line| line.trim_start().starts_with("auto  ")).unwrap();
    assert!(row.ends_with("0.200 ns or 9.09 ns"), "no median between two states: {row}");
}

/// The command adds to the record: it asks for what the record was asked for, with its options.
#[test]
fn the_command_that_settles_a_question_fits_the_record() {
    let mut records = blocks();
    let Record::Run(start) = &mut records[0] else { panic!() };
    start.filters = Some(vec!["registry".to_owned(), "mix=get only".to_owned()]);
    start.effort = simple_records::Effort::Standard.into();
    start.settings.insert("pinned_to_cpus".to_owned(), "0,1".to_owned());
    let brief = simple_reports::text::brief(&common::report(&records));
    let command =
        "just bench registry 'mix=get only' --effort standard --instruments wall --pin 0,1\n";
    assert!(brief.contains(command), "{brief}");
    let Record::Run(start) = &mut records[0] else { panic!() };
    start.filters = Some(Vec::new());
    start.effort = simple_records::Effort::Quick.into();
    start.settings.clear();
    start.rounds = simple_records::Instrument::ALL.map(|one| (one, 10)).into();
    let brief = simple_reports::text::brief(&common::report(&records));
    assert!(brief.contains("first: just bench registry/lookup\n"), "{brief}");
}

fn page_of_rounds() -> String {
    page(&common::report(&common::whole_run(5))).unwrap()
}

#[test]
fn one_picture_has_a_row_for_each_question_that_names_a_peer() {
    let page = of_blocks();
    for class in ["plot wide", "plot narrow"] {
        let picture = between(&page, &format!("<svg class=\"{class} trend\""), "</figure>");
        let picture = picture.split_once("</svg>").unwrap().0;
        for row in ["threads 1: slab vs dashmap", "threads 2: ", "threads 4: ", "cache warm: auto"]
        {
            assert!(picture.contains(row), "{row}");
        }
        for (standing, rows) in [("better", 1), ("worse", 1), ("depends", 1), ("open", 1)] {
            let found = picture.matches(&format!("class=\"standing {standing}\"")).count();
            assert_eq!(found, rows, "{standing}");
        }
        assert!(picture.contains(">1x</text>") && picture.contains("runtime faster"));
        let depends = between(picture, "class=\"standing depends\"", "</g>");
        assert_eq!(depends.matches("<polygon").count(), 2, "a mark for each condition");
    }
    // Its comparisons are links.
    assert!(
        values(&tags(&page), "href").iter().filter(|href| **href == "#c-file-load").count() > 2
    );
}

#[test]
fn states_are_shown_apart_and_never_the_time_between() {
    let page = of_blocks();
    let card = between(&page, "id=\"w-file-load-auto-warm\"", "</article>");
    assert!(
        text(card).contains("0.200 ns in 12 blocks or 9.09 ns in 12 blocks per byte"),
        "{card}"
    );
    assert_eq!(card.matches("class=\"centre\"").count(), 2);
    assert!(!card.contains("class=\"band\""), "an interval of the median says nothing");
    let table = between(&page, "id=\"t-c-file-load\"", "</table>");
    assert!(text(table).contains("0.200 ns or 9.09 ns"), "{table}");
    assert!(page.contains("Two marks of one alternative: its states"));
    assert!(!page_of_rounds().contains("Two marks of one alternative"));
}

#[test]
fn answers_under_each_condition_are_in_the_details_of_a_section() {
    let page = of_blocks();
    let section = between(&page, "id=\"c-registry-lookup\"", "</section>");
    let table = between(section, "<summary>Under each condition</summary>", "</table>");
    let rows: Vec<String> = table.split("<tr>").map(text).collect();
    for ns in common::blocks::LINE_MOVE_NS {
        let condition = format!("moving a cache line takes {}", simple_reports::text::time_ns(ns));
        let row = rows.iter().find(|row| row.contains(&condition)).unwrap();
        assert!(row.contains("12"), "blocks: {row}");
    }
    assert!(!page_of_rounds().contains("Under each condition"));
}

#[test]
fn warnings_are_one_line_and_rounds_are_listed_with_the_method() {
    let mut records = common::whole_run(5);
    let noise = |round| Noise {
        round,
        comparison: "file/load".to_owned(),
        line_move_ns: Some([60.0, 280.0]),
        ..Noise::default()
    };
    records.extend([1, 3].map(|round| Record::Noise(noise(round))));
    let page = page(&common::report(&records)).unwrap();
    let (first, method) = page.split_once("<section id=\"method\"").unwrap();
    let warnings = between(first, "<details class=\"warnings\">", "</details>");
    assert!(warnings.contains("<summary>1 warning</summary>"), "{warnings}");
    assert!(!warnings.contains("rounds 2, 4") && method.contains("file/load (rounds 2, 4)"));
}

#[test]
fn long_lists_are_folded_after_their_first_sentences() {
    let mut records = vec![Record::Run(common::start(5).into())];
    for family in 0..10 {
        let mut comparison = common::files();
        comparison.id = format!("family-{family}/load");
        records.push(Record::Comparison(comparison.clone()));
        for round in 0..5 {
            for (strategy, time_ns) in [("auto", 2.0), ("std::fs::read", 1.0)] {
                let axes = simple_records::Axes::default()
                    .with("strategy", strategy)
                    .with("cache", "warm");
                let mut samples = common::samples(&comparison, axes, round, time_ns);
                samples.subject.peer = strategy == "std::fs::read";
                records.push(Record::Samples(samples));
            }
        }
    }
    let page = page(&common::report(&records)).unwrap();
    let shown = between(&page, "<h2 id=\"behind\">", "</ul>");
    assert_eq!(shown.matches("<li>").count(), 6);
    let folded = between(&page, "<summary>and 4 more</summary>", "</details>");
    assert_eq!(folded.matches("<li>").count(), 4);
}

/// Two alternatives that are the same: each takes 15 ns in an eighth of the blocks and 27 ns in the
/// others, by chance, whatever the other does.
fn alike_with_states() -> Vec<Record> {
    let mut records = blocks();
    records.truncate(1);
    let comparison = common::locks();
    records.push(Record::Comparison(comparison.clone()));
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for block in 0..400 {
        for lock in ["slab", "mutex"] {
            // xorshift64, Marsaglia 2003: the test repeats itself exactly.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let time_ns = if random >> 61 == 0 { 15.0 } else { 27.0 };
            let axes = simple_records::Axes::default().with("lock", lock).with("threads", 1_u64);
            let mut samples = common::samples(&comparison, axes, block, time_ns);
            samples.work.threads = Some(1);
            // Without the drift of the example, which would blur the states.
            samples
                .samples
                .fill(simple_records::Sample { iterations: 1, total_ns: time_ns * 100.0 });
            records.push(Record::Samples(samples));
        }
    }
    records
}

/// Blocks that are chosen by a fast time of one alternative favour it, though the two are the same.
#[test]
fn states_of_one_alternative_alone_answer_nothing() {
    let report = common::report(&alike_with_states());
    let questions = report.questions();
    let [question] = &questions[..] else { panic!("{questions:?}") };
    let simple_reports::analysis::Evidence::Pairs(pairs) = &question.evidence else { panic!() };
    let states = |at: usize| question.compared.workloads[at].states.len();
    assert_eq!((states(pairs[0].one), states(pairs[0].other)), (2, 2), "the states are found");
    assert!(!pairs[0].depends(), "{:?}", pairs[0].within);
}

/// Only the open question gets blocks, also when there is no time to settle it; the settled ones
/// get none.
#[test]
fn open_questions_alone_get_more_blocks() {
    let report = common::report(&blocks());
    for left_s in [1e9, 0.0] {
        let planned = simple_reports::analysis::plan::plan(&report, left_s, |_| Some(0.01));
        let [group] = &planned[..] else { panic!("{planned:?}") };
        assert_eq!(group.comparison, "registry/lookup");
        let names: Vec<_> = group.workloads.iter().map(String::as_str).collect();
        assert_eq!(names, ["registry/lookup/dashmap/4", "registry/lookup/slab/4"]);
        assert!(group.measured > 0 && group.blocks >= 1.0, "{group:?}");
    }
}

/// A run that adds to a record measures what it was asked for.
#[test]
fn questions_about_other_workloads_get_no_blocks() {
    let report = common::report(&blocks());
    let cost_s = |name: &str| (name != "registry/lookup/slab/4").then_some(0.01);
    assert!(simple_reports::analysis::plan::plan(&report, 1e9, cost_s).is_empty());
}

/// Workers 1, 2 and 4 of one alternative. Nothing is known of 4; 1 is faster than the default, 2.
fn a_place_of_few_blocks(default_ns: f64) -> Vec<Record> {
    let mut records = blocks();
    records.truncate(1);
    let mut comparison = common::locks();
    comparison.defaults = comparison.defaults.with("threads", 2_u64);
    records.push(Record::Comparison(comparison.clone()));
    for block in 0..24 {
        for (threads, time_ns) in [(1_u64, 10.0), (2, default_ns), (4, 10.2)] {
            if threads == 4 && block >= 3 {
                continue;
            }
            let axes =
                simple_records::Axes::default().with("lock", "slab").with("threads", threads);
            let mut samples = common::samples(&comparison, axes, block, time_ns);
            samples.work.threads = Some(1);
            records.push(Record::Samples(samples));
        }
    }
    records
}

#[test]
fn a_place_that_the_answer_does_not_depend_on_cannot_leave_it_undecided() {
    let report = common::report(&a_place_of_few_blocks(20.0));
    assert!(report.questions().iter().all(simple_reports::analysis::Question::is_answered));
    let whole = simple_reports::text::terminal(&report);
    assert!(!whole.contains("cannot decide"), "{whole}");
    assert!(whole.contains("choose 1 or 4; 1 is 2.0x"), "4 may be as fast: {whole}");
}

#[test]
fn what_is_open_is_no_reason_to_keep_the_default() {
    let report = common::report(&a_place_of_few_blocks(9.9));
    let questions = report.questions();
    assert!(questions.iter().any(|question| !question.is_answered()), "{questions:?}");
    let brief = simple_reports::text::brief(&report);
    assert!(!brief.contains("Keep the default"), "{brief}");
}
