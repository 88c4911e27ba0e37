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
         BRDA:3,0,0,1\nBRDA:3,0,1,0\nBRDA:3,1,0,0\nBRDA:3,1,1,2\nBRDA:20,0,0,1\nBRDA:20,0,1,0\n\
         BRF:6\nBRH:3\nDA:3,2\nDA:20,1\nLF:2\nLH:2\nend_of_record\n\
         TN:\nSF:src/b.spl\n\
         BRDA:7,0,0,1\nBRDA:7,0,1,1\nBRF:2\nBRH:2\n\
         MCDC:7,2,t,0,0,decision 1 column 4 condition 0\n\
         MCDC:7,2,f,0,0,decision 1 column 4 condition 0\n\
         MCDC:7,2,t,1,1,decision 1 column 4 condition 1\n\
         MCDC:7,2,f,1,1,decision 1 column 4 condition 1\n\
         MCF:4\nMCH:2\nDA:7,2\nDA:8,2\nLF:2\nLH:2\nend_of_record\n"
    );
    assert_eq!(dump(), dump());
}

/// lcov keeps the groups of a line by their size and wants indices without gaps.
#[test]
fn decisions_of_one_line_form_one_group() {
    let _one = from_nothing();
    for id in [1, 2] {
        for value in [true, false] {
            coverage::condition(id, 3, value, Site::new(c"m.spl", 9, id));
            coverage::decision(id, value, Site::new(c"m.spl", 9, id));
        }
    }
    let text = dump();
    let groups: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("MCDC:"))
        .map(|line| line.splitn(6, ',').collect::<Vec<_>>())
        .map(|f| {
            (f[0].to_owned(), f[1].to_owned(), f[2].to_owned(), f[3].to_owned(), f[4].to_owned())
        })
        .collect();
    let expected = [("t", "0"), ("f", "0"), ("t", "1"), ("f", "1")]
        .map(|(sense, index)| ("9".into(), "2".into(), sense.into(), "1".into(), index.into()));
    assert_eq!(groups, expected);
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
