//! The SDN dump: its exact form, its determinism, and that a strict reader gets back what was
//! counted, whatever bytes a file name has.

use proptest::prelude::*;
use simple_runtime::coverage::{self, FileName, Site};
use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char};
use std::sync::{Mutex, MutexGuard, PoisonError};

unsafe extern "C" {
    safe fn rt_coverage_dump_sdn() -> *mut c_char;
    fn rt_coverage_free_sdn(text: *mut c_char);
}

fn from_nothing() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    coverage::clear();
    guard
}

fn dump() -> String {
    let text = rt_coverage_dump_sdn();
    assert!(!text.is_null());
    // SAFETY: a new NUL-terminated text, freed once, after the copy.
    unsafe {
        let copy = CStr::from_ptr(text).to_str().unwrap().to_owned();
        rt_coverage_free_sdn(text);
        copy
    }
}

#[test]
fn nothing_covered() {
    let _one = from_nothing();
    assert_eq!(
        dump(),
        "# Coverage Report\nversion: 1.0\n\nsummary:\n    total_decisions: 0\n    \
         covered_decisions: 0\n    total_conditions: 0\n    covered_conditions: 0\n    \
         total_paths: 0\n    covered_paths: 0\n    decision_percent: 100.0\n    \
         condition_percent: 100.0\n    path_percent: 100.0\n"
    );
}

#[test]
fn every_table() {
    let _one = from_nothing();
    let site = |line| Site::new(c"src/math.spl", line, 5);
    coverage::decision(10, true, site(1));
    coverage::decision(9, true, site(15));
    coverage::decision(9, false, site(15));
    for value in [true, false] {
        coverage::condition(1, 0, value, site(20));
        coverage::decision(1, value, site(20));
    }
    for blocks in [&[0, 1, 10][..], &[0, 1, 2], &[0, 1, 10]] {
        blocks.iter().for_each(|block| coverage::path_block(1, *block));
        coverage::path_finalize(1);
    }
    let expected = "\
# Coverage Report
version: 1.0

decisions |id, file, line, column, true_count, false_count|
    1, src/math.spl, 20, 5, 1, 1
    9, src/math.spl, 15, 5, 1, 1
    10, src/math.spl, 1, 5, 1, 0

conditions |decision_id, condition_id, file, line, column, true_count, false_count|
    1, 0, src/math.spl, 20, 5, 1, 1

paths |path_id, blocks, hit_count|
    1, [0, 1, 2], 1
    1, [0, 1, 10], 2

summary:
    total_decisions: 3
    covered_decisions: 2
    total_conditions: 1
    covered_conditions: 1
    total_paths: 2
    covered_paths: 2
    decision_percent: 66.7
    condition_percent: 100.0
    path_percent: 100.0

mcdc |decision_id, file, line, column, conditions, unique_cause_covered, masking_covered, vectors|
    1, src/math.spl, 20, 5, 1, 1, 1, 2
";
    assert_eq!(dump(), expected);
    assert_eq!(dump(), expected);
}

#[test]
fn a_hundred_per_cent_means_all() {
    let _one = from_nothing();
    for id in 0..3000 {
        coverage::decision(id, true, Site::new(c"f", 1, 1));
        if id > 0 {
            coverage::decision(id, false, Site::new(c"f", 1, 1));
        }
    }
    assert!(dump().contains("    decision_percent: 99.9\n"));
}

#[test]
fn names_are_quoted_only_where_they_must_be() {
    let _one = from_nothing();
    let cases: [(&CStr, &str); 17] = [
        (c"src/a_b-c.d.spl", "src/a_b-c.d.spl"),
        (c"_", "_"),
        (c"tables", "tables"),
        (c"", r#""""#),
        (c"/abs/path.spl", r#""/abs/path.spl""#),
        (c"./rel.spl", r#""./rel.spl""#),
        (c"9.spl", r#""9.spl""#),
        (c"a b", r#""a b""#),
        (c"a,b", r#""a,b""#),
        (c"true", r#""true""#),
        (c"nil", r#""nil""#),
        (c"table", r#""table""#),
        (c"null", r#""null""#),
        (c"false", r#""false""#),
        (c"C:\\x\"y", r#""C:\\x\"y""#),
        (c"a\n\r\tb", r#""a\n\r\tb""#),
        (c"gr\xc3\xbc\xff", "\"gr\u{fc}\u{fffd}\""),
    ];
    for (id, (name, _)) in cases.iter().enumerate() {
        coverage::decision(id as u32, true, Site::new(*name, 1, 1));
    }
    let text = dump();
    for (id, (_, written)) in cases.iter().enumerate() {
        let row = format!("\n    {id}, {written}, 1, 1, 1, 0\n");
        assert!(text.contains(&row), "{row:?} not in {text}");
    }
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Cell {
    Number(u64),
    Text(String),
    Numbers(Vec<u64>),
}

/// Reads a row that is nothing but cells with ", " between them; `None` at the first doubt.
fn parse_row(mut rest: &str) -> Option<Vec<Cell>> {
    let mut cells = Vec::new();
    loop {
        let cell;
        (cell, rest) = parse_cell(rest)?;
        cells.push(cell);
        if rest.is_empty() {
            return Some(cells);
        }
        rest = rest.strip_prefix(", ")?;
    }
}

fn parse_cell(text: &str) -> Option<(Cell, &str)> {
    if let Some(rest) = text.strip_prefix('"') {
        return parse_quoted(rest);
    }
    if let Some(rest) = text.strip_prefix('[') {
        let (inside, rest) = rest.split_once(']')?;
        let numbers = inside.split(", ").filter(|_| !inside.is_empty()).map(parse_number);
        return Some((Cell::Numbers(numbers.collect::<Option<_>>()?), rest));
    }
    let (word, rest) = text.split_at(text.find(',').unwrap_or(text.len()));
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        return Some((Cell::Number(parse_number(word)?), rest));
    }
    let bare = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "_./-".contains(c))
        && !["true", "false", "null", "nil", "table"].contains(&word);
    bare.then(|| (Cell::Text(word.into()), rest))
}

fn parse_number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

fn parse_quoted(text: &str) -> Option<(Cell, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((Cell::Text(value), &text[at + 1..])),
            '\n' => return None,
            '\\' => value.push(match chars.next()?.1 {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                same @ ('"' | '\\') => same,
                _ => return None,
            }),
            other => value.push(other),
        }
    }
    None
}

type Tables = BTreeMap<String, Vec<Vec<Cell>>>;

/// The tables of a dump by name, each row as long as its header; panics on anything else.
fn parse_tables(text: &str) -> Tables {
    let mut tables = Tables::new();
    let mut lines = text.split('\n');
    assert_eq!((lines.next(), lines.next()), (Some("# Coverage Report"), Some("version: 1.0")));
    let mut current: Option<(String, usize)> = None;
    for line in lines {
        if let Some(row) = line.strip_prefix("    ") {
            let Some((name, columns)) = &current else { continue };
            let cells = parse_row(row).unwrap_or_else(|| panic!("row {row:?}"));
            assert_eq!(cells.len(), *columns, "{row:?}");
            tables.get_mut(name).unwrap().push(cells);
        } else if let Some((name, columns)) = line.split_once(" |") {
            let columns = columns.strip_suffix('|').unwrap().split(", ").count();
            assert!(tables.insert(name.into(), Vec::new()).is_none(), "{name} twice");
            current = Some((name.into(), columns));
        } else {
            assert!(line.is_empty() || line == "summary:", "{line:?}");
            current = None;
        }
    }
    tables
}

/// A probe: condition of the decision or the decision itself, value, file, line.
type Probe = (u32, Option<u32>, bool, Option<CString>, u32);

fn names() -> impl Strategy<Value = Option<CString>> {
    let bytes = prop::collection::vec(
        prop_oneof![
            3 => 1..=255_u8,
            2 => prop::sample::select(b"\",\\\n\r\t[] |:#ntr".to_vec()),
            2 => prop::sample::select(b"abz019_./-".to_vec()),
        ],
        0..12,
    );
    prop_oneof![
        1 => Just(None),
        1 => prop::sample::select(vec!["true", "nil", "table", "a.spl", "b/c.spl"])
            .prop_map(|word| Some(CString::new(word).unwrap())),
        6 => bytes.prop_map(|bytes| Some(CString::new(bytes).unwrap())),
    ]
}

fn probes() -> impl Strategy<Value = Vec<Probe>> {
    let number = || prop_oneof![0..4_u32, any::<u32>()];
    let probe = (number(), prop::option::of(number()), any::<bool>(), names(), number());
    prop::collection::vec(probe, 0..40).prop_flat_map(|probes| {
        // Each probe some times over, in any order.
        let len = probes.len();
        prop::collection::vec(0..len.max(1), 0..80)
            .prop_map(move |order| order.iter().filter_map(|i| probes.get(*i).cloned()).collect())
    })
}

/// The decision, the condition, the file's bytes and the line.
type Key = (u32, Option<u32>, Vec<u8>, u32);

/// The rows that the dump must have, from raw bytes to cells.
fn expected_rows(probes: &[Probe], conditions: bool) -> Vec<Vec<Cell>> {
    let mut counts = BTreeMap::<Key, [u64; 2]>::new();
    for (id, condition, value, file, line) in probes {
        if condition.is_some() == conditions {
            let file = file.as_ref().map(|f| f.as_bytes().to_vec()).unwrap_or_default();
            counts.entry((*id, *condition, file, *line)).or_default()[usize::from(*value)] += 1;
        }
    }
    let mut rows: Vec<Vec<Cell>> = counts
        .into_iter()
        .map(|((id, condition, file, line), [falses, trues])| {
            let numbers = [Some(id), condition].into_iter().flatten();
            let mut row: Vec<_> = numbers.map(|n| Cell::Number(n.into())).collect();
            row.push(Cell::Text(String::from_utf8_lossy(&file).into_owned()));
            row.extend([line.into(), 3, trues, falses].map(Cell::Number));
            row
        })
        .collect();
    rows.sort();
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_strict_reader_gets_back_what_was_counted(probes in probes()) {
        let _one = from_nothing();
        for (id, condition, value, file, line) in &probes {
            let file = file.as_deref().map_or(FileName::UNKNOWN, FileName::from);
            let site = Site { file, line: *line, column: 3 };
            match condition {
                Some(condition) => coverage::condition(*id, *condition, *value, site),
                None => coverage::decision(*id, *value, site),
            }
        }
        let text = dump();
        prop_assert_eq!(&text, &dump());
        let tables = parse_tables(&text);
        for (name, conditions) in [("decisions", false), ("conditions", true)] {
            let expected = expected_rows(&probes, conditions);
            prop_assert_eq!(tables.contains_key(name), !expected.is_empty());
            prop_assert_eq!(tables.get(name).cloned().unwrap_or_default(), expected);
        }
    }
}
