use super::*;

/// Puts a header before costs, and totals behind.
fn part(body: &str, total: u64) -> String {
    format!("version: 1\ncreator: test\npositions: line\nevents: Ir\n{body}totals: {total}\n")
}

fn own(text: &str) -> Vec<(String, u64)> {
    let file = read(text).unwrap();
    file.names.into_iter().zip(file.own).collect()
}

fn named(costs: &[(&str, u64)]) -> Vec<(String, u64)> {
    costs.iter().map(|(name, cost)| ((*name).to_owned(), *cost)).collect()
}

#[test]
fn costs_of_a_function_add_up() {
    let text = part("fl=f.c\nfn=f\n15 90\n16 20\nfn=g\n1 5\nfn=f\n2 1\n", 116);
    assert_eq!(own(&text), named(&[("f", 111), ("g", 5)]));
    assert_eq!(read(&text).unwrap().total, 116);
}

#[test]
fn the_cost_of_a_call_is_not_the_callers_own() {
    let file = read(&part("fn=f\n16 20\ncfi=g.c\ncfn=g\ncalls=3 50\n16 400\nfn=g\n20 400\n", 420));
    let file = file.unwrap();
    assert_eq!(file.own, [20, 400]);
    assert_eq!(file.calls, [Call { caller: 0, callee: 1, count: 3, inclusive: 400 }]);
}

#[test]
fn names_may_be_numbers_that_were_given_before() {
    let text = part("fl=(1) f.c\nfn=(1) f\n1 2\ncfn=(2) g\ncalls=1 1\n1 3\n\nfn=(2)\n1 3\n", 5);
    assert_eq!(own(&text), named(&[("f", 2), ("g", 3)]));
    let text = part("fn=(1) f\nfn=(2) g\nfn=(1)\n1 2\nfn=(2)\n1 3\n", 5);
    assert_eq!(own(&text), named(&[("f", 2), ("g", 3)]));
}

#[test]
fn a_name_in_parentheses_is_no_number() {
    assert_eq!(own(&part("fn=(below main)\n1 2\n", 2)), named(&[("(below main)", 2)]));
    assert_eq!(own(&part("fn=(3) (below main)\n1 2\n", 2)), named(&[("(below main)", 2)]));
}

#[test]
fn objects_and_files_change_no_function() {
    let body = "ob=(1) a.so\nfl=(1) f.c\nfn=(1) f\n1 2\nfi=(2) g.h\n1 3\nfe=(1)\n1 4\n\
        cob=(2) b.so\ncfl=(2)\ncfn=(2) g\ncalls=1 1\n1 3\n";
    assert_eq!(own(&part(body, 9)), named(&[("f", 9), ("g", 0)]));
}

#[test]
fn positions_may_be_relative_the_same_and_hexadecimal() {
    let text = "positions: instr line\nevents: Ir\nfn=f\n0x80001234 90 1\n+3 * 5\n+0x1 -1 6\n\
        cfn=g\ncalls=1 0x9000 7\n* * 4\ntotals: 12\n";
    assert_eq!(own(text), named(&[("f", 12), ("g", 0)]));
}

#[test]
fn the_line_is_the_position_if_the_header_does_not_say() {
    assert_eq!(own("events: Ir\nfn=f\n7 1\ntotals: 1\n"), named(&[("f", 1)]));
}

#[test]
fn of_several_events_instructions_count_and_missing_ones_are_zero() {
    let text = "events: Dr Ir Dw\nfn=f\n1 90 14 2\n2 20 12\n3 5\ntotals: 115 26 2\n";
    assert_eq!(own(text), named(&[("f", 26)]));
}

#[test]
fn a_description_of_an_event_is_no_list_of_events() {
    let text = "cmd: a=b c:d\nevent: Ir : Instruction Fetches\nevent: Sum = Ir + Dr\n\
        events: Ir Dr\nsummary: 9 9\nfn=f\n1 2 3\ntotals: 2 3\n";
    assert_eq!(own(text), named(&[("f", 2)]));
}

#[test]
fn jumps_cost_nothing() {
    let text = part("fn=f\n1 2\njump=3 +4\n*\njcnd=1/2 +3\n* \n+1 3\n", 5);
    assert_eq!(own(&text), named(&[("f", 5)]));
}

#[test]
fn parts_are_added_and_may_number_names_again() {
    let text = part("fn=(1) f\n1 2\n", 2) + &part("fn=(1) g\n1 3\nfn=(2) f\n1 4\n", 7);
    assert_eq!(own(&text), named(&[("f", 6), ("g", 3)]));
    assert_eq!(read(&text).unwrap().total, 9);
}

#[test]
fn something_else_is_no_file_of_callgrind() {
    for text in ["", "\n\n", "{}", "main;f 12\n", "# a comment\n", "ms_events accounting: x\n"] {
        assert_eq!(read(text), Err(Error::NotCallgrind), "{text}");
    }
    let cycles = "# callgrind format\nevents: Cycles\nfn=f\n1 2\ntotals: 2\n";
    assert_eq!(read(cycles), Err(Error::NoInstructions));
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_an_error() {
    let text = format!("# callgrind format\n{}", part("fn=(1) f\n1 90\n+2 3\n", 93));
    assert!(read(text.trim_end()).is_ok());
    for end in 0..text.trim_end().len() {
        let error = read(&text[..end]).unwrap_err();
        let first = text.find('\n').unwrap();
        assert_eq!(error == Error::NotCallgrind, end < first, "{end}: {error}");
    }
    assert_eq!(read(&text[..text.find("totals").unwrap()]), Err(Error::CutOff));
    let two = part("fn=f\n1 2\n", 2).replace("totals: 2\n", "") + &part("fn=f\n1 2\n", 2);
    assert_eq!(read(&two), Err(Error::CutOff));
}

#[test]
fn costs_that_are_not_the_total_are_an_error() {
    assert_eq!(read(&part("fn=f\n1 2\n", 3)), Err(Error::Totals { totals: 3, sum: 2 }));
}

#[test]
fn a_line_that_is_wrong_is_named() {
    let reason = |body: &str| match read(&part(body, 0)).unwrap_err() {
        Error::Line { line: 5.., reason } => reason,
        error => panic!("{body}: {error}"),
    };
    assert!(reason("1 2\n").contains("no function"));
    assert!(reason("fn=(7)\n").contains("stands for no name"));
    assert!(reason("fn=f\n1 x\n").contains("whole number"));
    assert!(reason("fn=f\n+ 1\n").contains("whole number"));
    assert!(reason("fn=f\n1 2 3\n").contains("more costs"));
    assert!(reason("fn=f\ncalls=1 2\n1 2\n").contains("call of no function"));
    assert!(reason("fn=f\ncfn=g\ncalls=1 2\nfn=g\n").contains("cost of a call"));
    assert!(reason("fn=f\nwhat\n").contains("neither"));
    assert!(reason("fn=f\n1 18446744073709551615\n1 1\n").contains("too large"));
    assert!(read("# callgrind format\nversion: 2\n").unwrap_err().to_string().contains("version"));
    assert!(read("events: Ir\n").is_err() && read("events: Ir\ntotals: 0\n").is_ok());
}

/// As valgrind writes them with --collect-jumps=yes. A jump may be the first place with a name.
#[test]
fn jumps_are_read_and_cost_nothing() {
    let text = "# callgrind format\nversion: 1\npositions: line\nevents: Ir\n\n\
                fn=(1) first\n10 20\njfi=(2) /src/b.c\njfn=(2) second\njcnd=3/9 12\n10\n\
                jump=4 +2\n+1\n11 7\n\nfn=(2)\n12 30\n\ntotals: 57\n";
    let file = read(text).unwrap();
    assert_eq!(file.names, ["first", "second"]);
    assert_eq!((file.own, file.total), (vec![27, 30], 57));
}
