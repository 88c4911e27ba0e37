//! The LCOV tracefile: its records, its totals, and names that could break its lines.

use simple_runtime::coverage::{self, FileName, Site};
use std::ffi::{CStr, CString, c_char};
use std::sync::{Mutex, MutexGuard, PoisonError};

unsafe extern "C" {
    safe fn rt_coverage_dump_lcov() -> *mut c_char;
    fn rt_coverage_free_sdn(text: *mut c_char);
}

fn from_nothing() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    coverage::clear();
    guard
}

fn dump() -> String {
    let text = rt_coverage_dump_lcov();
    assert!(!text.is_null());
    // SAFETY: a new NUL-terminated text, freed once, after the copy.
    unsafe {
        let copy = CStr::from_ptr(text).to_str().unwrap().to_owned();
        rt_coverage_free_sdn(text);
        copy
    }
}

fn decide(id: u32, outcome: bool, file: &CStr, line: u32) {
    coverage::decision(id, outcome, Site::new(file, line, 4));
}

#[test]
fn all_records_of_two_files() {
    let _one = from_nothing();
    let both = |a: bool, b: bool| {
        let site = Site::new(c"src/b.spl", 7, 4);
        coverage::condition(1, 0, a, Site::new(c"src/b.spl", 7, 4));
        if a {
            coverage::condition(1, 1, b, Site::new(c"src/b.spl", 8, 9));
        }
        coverage::decision(1, a && b, site);
    };
    both(true, true);
    both(true, false);
    decide(5, true, c"src/a.spl", 3);
    decide(6, false, c"src/a.spl", 3);
    decide(6, false, c"src/a.spl", 3);
    decide(7, true, c"src/a.spl", 20);
    assert_eq!(
        dump(),
        "TN:\nSF:src/a.spl\n\
         BRDA:3,10244,0,1\nBRDA:3,10244,1,0\nBRDA:3,12292,0,0\nBRDA:3,12292,1,2\n\
         BRDA:20,14340,0,1\nBRDA:20,14340,1,0\n\
         BRF:6\nBRH:3\nDA:3,2\nDA:20,1\nLF:2\nLH:2\nend_of_record\n\
         TN:\nSF:src/b.spl\n\
         BRDA:7,2052,0,1\nBRDA:7,2052,1,1\nBRF:2\nBRH:2\n\
         MCDC:7,2,t,0,0,decision 1 column 4 condition 0\n\
         MCDC:7,2,f,0,0,decision 1 column 4 condition 0\n\
         MCDC:7,2,t,1,1,decision 1 column 4 condition 1\n\
         MCDC:7,2,f,1,1,decision 1 column 4 condition 1\n\
         MCF:4\nMCH:2\nDA:7,2\nDA:8,2\nLF:2\nLH:2\nend_of_record\n"
    );
    assert_eq!(dump(), dump());
}

/// The fields of the records with this tag.
fn records<const N: usize>(text: &str, tag: &str) -> Vec<[String; N]> {
    let lines = text.lines().filter_map(|line| line.strip_prefix(tag)?.strip_prefix(':'));
    let fields = lines.map(|line| line.splitn(N, ',').map(str::to_owned).collect::<Vec<_>>());
    fields.map(|fields| fields.try_into().unwrap()).collect()
}

/// lcov knows the groups of a line by their size and wants indices without gaps.
#[test]
fn each_size_of_a_line_is_one_group() {
    let _one = from_nothing();
    // Decisions of 1, 1, 2 and 3 conditions, from number 3 on.
    for (id, conditions) in [(1, 1), (2, 1), (3, 2), (4, 3)] {
        for value in [true, false] {
            for condition in (3..3 + conditions).filter(|c| value || *c == 3) {
                coverage::condition(id, condition, value, Site::new(c"m.spl", 9, id));
            }
            coverage::decision(id, value, Site::new(c"m.spl", 9, id));
        }
    }
    let mut groups = std::collections::BTreeMap::<_, Vec<_>>::new();
    for [line, size, sense, _, index, expression] in records::<6>(&dump(), "MCDC") {
        assert_eq!(line, "9");
        groups.entry(size).or_default().push((index, sense, expression));
    }
    let sizes: Vec<_> = groups.keys().cloned().collect();
    // The two of one condition make a group of two, which the one of two conditions joins.
    assert_eq!(sizes, ["3", "4"]);
    for (size, rows) in groups {
        let size: usize = size.parse().unwrap();
        let expected: Vec<_> =
            (0..size).flat_map(|i| ["t", "f"].map(|sense| (i.to_string(), sense))).collect();
        let found: Vec<_> = rows.iter().map(|(i, sense, _)| (i.clone(), &**sense)).collect();
        assert_eq!(found, expected);
        let mut expressions: Vec<_> = rows.iter().map(|(_, _, expression)| expression).collect();
        expressions.dedup();
        assert_eq!(expressions.len(), size);
    }
}

/// Decisions of one line in all combinations: whichever of them ran, each has the same number,
/// and no two have one.
#[test]
fn a_block_is_known_by_its_decision_alone() {
    let _one = from_nothing();
    let places = [(0, 0), (1, 4), (1, 20), (2, 4), (7, 2046), (7, 2047), (8, 0), (u32::MAX, 2047)];
    let mut blocks = std::collections::BTreeMap::new();
    for combination in 1..1_u32 << places.len() {
        coverage::clear();
        let ran: Vec<_> = (0..).zip(places).filter(|(at, _)| combination >> at & 1 == 1).collect();
        for &(_, (id, column)) in &ran {
            coverage::decision(id, true, Site::new(c"l.spl", 7, column));
        }
        let found = records::<4>(&dump(), "BRDA");
        for (branches, (at, place)) in found.chunks(2).zip(ran) {
            let [[_, block, zero, taken], [_, same, one, not]] = branches else { panic!() };
            assert_eq!([zero, taken, one, not], ["0", "1", "1", "0"]);
            assert_eq!(block, same);
            assert_eq!(*blocks.entry(block.clone()).or_insert(at), at, "{place:?} and {block}");
        }
    }
    assert_eq!(blocks.len(), places.len());
}

/// lcov itself adds up two runs that came to different decisions of a line.
#[test]
fn lcov_merges_two_runs() {
    let _one = from_nothing();
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, id: u32, outcome: bool| {
        coverage::clear();
        coverage::condition(id, 0, outcome, Site::new(c"/one.spl", 7, 10 * id));
        coverage::decision(id, outcome, Site::new(c"/one.spl", 7, 4 + 10 * id));
        let path = folder.path().join(name);
        std::fs::write(&path, dump()).unwrap();
        path
    };
    let (first, second) = (run("first", 1, true), run("second", 2, false));
    let merged = folder.path().join("merged");
    let mut lcov = std::process::Command::new("lcov");
    lcov.args(["--quiet", "--rc", "lcov_branch_coverage=1", "--add-tracefile"]).arg(first);
    lcov.arg("--add-tracefile").arg(second).arg("--output-file").arg(&merged);
    let Ok(output) = lcov.output() else {
        use std::io::Write;
        // Not by a macro: the test harness would swallow it.
        std::io::stderr().write_all(b"lcov is missing: merging of runs unchecked\n").unwrap();
        return;
    };
    assert!(output.status.success(), "{output:?}");
    let merged = std::fs::read_to_string(merged).unwrap();
    let lines: Vec<_> = merged.lines().filter(|line| line.starts_with("BR")).collect();
    assert_eq!(
        lines,
        [
            "BRDA:7,2062,0,1",
            "BRDA:7,2062,1,0",
            "BRDA:7,4120,0,0",
            "BRDA:7,4120,1,1",
            "BRF:4",
            "BRH:2"
        ]
    );
}

#[test]
fn line_breaks_in_names_stay_inside_of_the_record() {
    let _one = from_nothing();
    decide(1, true, c"a\nend_of_record\r\nDA:1,1", 1);
    let hostile = CString::new(b"x\xff\xfe\ny".to_vec()).unwrap();
    decide(1, true, &hostile, 1);
    let text = dump();
    assert_eq!(text.lines().filter(|line| *line == "end_of_record").count(), 2);
    let names: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("SF:")).collect();
    assert_eq!(names, ["a%0Aend_of_record%0D%0ADA:1,1", "x\u{fffd}\u{fffd}%0Ay"]);
    for line in text.lines() {
        let tag = line.split(':').next().unwrap();
        let known = ["TN", "SF", "BRDA", "BRF", "BRH", "DA", "LF", "LH", "end_of_record"];
        assert!(known.contains(&tag), "{line:?}");
    }
}

#[test]
fn what_has_no_place_is_left_out() {
    let _one = from_nothing();
    coverage::decision(1, true, Site { file: FileName::UNKNOWN, line: 3, column: 1 });
    decide(2, true, c"f.spl", 0);
    coverage::path_block(1, 1);
    coverage::path_finalize(1);
    assert_eq!(dump(), "");
}
