use super::*;

const WAIT: &str = "rt::wait::<impl rt::object::Future>::wait";

fn folded(text: &str) -> Folded {
    Folded::parse(text).unwrap()
}

fn options() -> Options {
    Options {
        title: "future/await <1>".to_owned(),
        subtitle: Some("one iteration".to_owned()),
        unit: "instructions".to_owned(),
    }
}

fn picture(text: &str) -> String {
    render(&folded(text), &options()).unwrap()
}

fn difference(before: &str, after: &str, compare: Compare) -> String {
    render_difference(&folded(before), &folded(after), compare, &options()).unwrap()
}

/// Titles and fill colours of frames.
fn frames(svg: &str) -> Vec<(&str, &str)> {
    let frame = |text: &'_ str| -> Option<(usize, usize, usize, usize)> {
        let end = text.find("</title>")?;
        let fill = text.find("fill=\"")? + 6;
        Some((0, end, fill, fill + text[fill..].find('"')?))
    };
    let found = svg.split("<title>").skip(1).filter_map(|text| {
        frame(text).map(|(start, end, from, to)| (&text[start..end], &text[from..to]))
    });
    found.collect()
}

fn fill<'a>(svg: &'a str, title: &str) -> &'a str {
    let found = frames(svg).into_iter().find(|(found, _)| found.starts_with(title));
    found.unwrap_or_else(|| panic!("{title}: {:?}", frames(svg))).1
}

#[test]
fn frames_have_the_whole_name_and_show_the_short_one() {
    let svg = picture(&format!("main;{WAIT} 3\nmain 1\n"));
    let title = "rt::wait::&lt;impl rt::object::Future&gt;::wait (3 instructions, 75.00%)";
    assert!(svg.contains(&format!("<g fg:label=\"Future::wait\"><title>{title}</title>")), "{svg}");
    assert!(svg.contains(">Future::wait</text>"), "{svg}");
    assert!(svg.contains("<g fg:label=\"all\"><title>all (4 instructions, 100%)"), "{svg}");
    assert!(!svg.contains('\u{E000}'), "{svg}");
}

/// The script is inferno's: another version may write it in another way.
#[test]
fn the_script_shows_the_short_name() {
    let svg = picture("main 1\n");
    assert_eq!(svg.matches("var txt = e.getAttribute(\"fg:label\");").count(), 2);
    assert!(svg.contains("function zoom(") && svg.contains("function search("));
}

#[test]
fn the_button_for_searches_can_be_seen() {
    assert!(picture("main 1\n").contains("#search { text-anchor:end; opacity:0.7;"));
}

#[test]
fn a_function_has_the_same_colour_in_every_picture() {
    let (one, other) = (picture("main;a;f 1\n"), picture("f 2\ng 1\n"));
    assert_eq!(fill(&one, "f ("), fill(&other, "f ("));
    assert_ne!(fill(&one, "f ("), fill(&other, "g ("));
}

#[test]
fn a_picture_refers_to_nothing_outside() {
    let svg = picture("main 1\n");
    let addresses: Vec<_> = svg.split('"').filter(|text| text.contains("://")).collect();
    assert_eq!(addresses, ["http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"]);
    assert!(!svg.contains("DOCTYPE") && !svg.contains("github"));
}

#[test]
fn title_and_subtitle_are_written() {
    let svg = picture("main 1\n");
    assert!(svg.contains("future/await &lt;1&gt;") && svg.contains("one iteration"));
}

#[test]
fn the_same_stacks_give_the_same_picture() {
    let text = "main;f 1\nmain;g 2\n";
    assert_eq!(picture(text), picture(text));
}

/// As text, `f0;x` is between `f` and `f;x`.
#[test]
fn a_function_is_one_frame_whatever_its_neighbours_are_called() {
    let svg = picture("f 1\nf;x 1\nf0;x 1\nf 0;x 1\n");
    let titles: Vec<_> = frames(&svg).into_iter().map(|(title, _)| title).collect();
    assert_eq!(titles.iter().filter(|title| title.starts_with("f (2")).count(), 1, "{titles:?}");
}

#[test]
fn functions_that_grew_are_red_and_those_that_shrank_are_blue() {
    let svg = difference("m;f 10\nm;g 10\nm;h 5\n", "m;f 20\nm;g 4\nm;h 5\n", Compare::Counts);
    assert_eq!(fill(&svg, "f (20"), "rgb(255,100,100)");
    assert_eq!(fill(&svg, "g (4"), "rgb(160,160,255)");
    assert_eq!(fill(&svg, "h (5"), "rgb(250,250,250)");
    assert_eq!(fill(&svg, "m (29"), "rgb(250,250,250)");
}

#[test]
fn shares_show_no_difference_where_only_the_total_differs() {
    let (before, after) = ("m;f 10\nm;g 20\n", "m;f 30\nm;g 60\n");
    let shares = difference(before, after, Compare::Shares);
    assert!(frames(&shares).iter().skip(1).all(|(_, fill)| *fill == "rgb(250,250,250)"));
    let counts = difference(before, after, Compare::Counts);
    assert_eq!(fill(&counts, "g (60"), "rgb(255,100,100)");
}

#[test]
fn a_new_function_is_red_and_the_first_profile_may_be_empty() {
    for compare in [Compare::Counts, Compare::Shares] {
        assert_eq!(fill(&difference("", "m;f 3\n", compare), "f (3"), "rgb(255,100,100)");
    }
}

#[test]
fn nothing_cannot_be_drawn() {
    assert!(matches!(render(&Folded::default(), &options()), Err(Error::Empty)));
    let nothing = Folded::default();
    let result = render_difference(&folded("f 1\n"), &nothing, Compare::Counts, &options());
    assert!(matches!(result, Err(Error::Empty)));
}

/// Names of threads and functions of other programs may contain anything.
#[test]
fn any_name_makes_a_picture_that_is_well_formed() {
    let folded = folded(
        "main;draw\u{1b}[31mred\u{1b}[0m;leaf 5\nmain;bell\u{7};\u{FFFE}\u{E000}1 2\nmain;a\u{c}b&<\u{1}> 1\n",
    );
    let options =
        Options { title: "a\u{1b}b".to_owned(), subtitle: Some("\0".to_owned()), ..options() };
    let svg = render(&folded, &options).unwrap();
    let is_control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    assert!(!svg.contains(|c| is_control(c) || c == '\u{FFFE}'), "{svg}");
    assert!(svg.contains("draw\u{FFFD}[31mred\u{FFFD}[0m (5 instructions"), "{svg}");
    assert!(svg.contains("a\u{FFFD}b&amp;&lt;\u{FFFD}&gt; (1 instructions"), "{svg}");
    assert_eq!(svg.matches("<title>").count(), svg.matches("</title>").count());
}
