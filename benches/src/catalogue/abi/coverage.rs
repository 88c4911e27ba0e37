//! Coverage probes and reports.

use super::{Call1, List, asked, calls};
use crate::Prepared;
use anyhow::{Result, ensure};
use simple_runtime::ffi::CBool;
use simple_runtime::ffi::coverage::*;
use std::ffi::{CStr, c_char};
use std::hint::black_box;

const FAMILY: &str = "coverage";
const FILE: &CStr = c"bench.spl";
/// Decisions in a report.
const REPORTED: u32 = 20;

pub(super) type Decision = unsafe extern "C" fn(u32, CBool, *const c_char, u32, u32);
type Condition = unsafe extern "C" fn(u32, u32, CBool, *const c_char, u32, u32);
type Dump = extern "C" fn() -> *mut c_char;

/// A call that returns nothing, [`CALLS`](super::CALLS) times.
fn done(mut call: impl FnMut() + 'static) -> Result<Prepared> {
    calls(1, move || {
        call();
        1
    })
}

pub(super) fn add(list: &mut List) {
    switches(list);
    probes(list);
    paths(list);
    reports(list);
}

fn switches(list: &mut List) {
    list.add(FAMILY, "rt_coverage_enabled", "code that builds names for probes asks this", |_| {
        asked(rt_coverage_enabled, true)
    });
    list.add(FAMILY, "rt_coverage_set_enabled", "around what is not to be counted", |_| {
        let set_enabled = black_box(rt_coverage_set_enabled as extern "C" fn(CBool));
        done(move || set_enabled(true.into()))
    });
    let why = "switched off: what a build with probes costs in production";
    list.add(FAMILY, ("rt_coverage_decision_probe", "off"), why, |_| {
        let decision = black_box(rt_coverage_decision_probe as Decision);
        rt_coverage_set_enabled(false.into());
        // SAFETY: the file is a constant.
        done(move || unsafe { decision(1, true.into(), FILE.as_ptr(), 1, 1) })
    });
}

fn probes(list: &mut List) {
    let why = "at every decision of compiled code: the hottest call there is";
    list.add(FAMILY, ("rt_coverage_decision_probe", "next"), why, |_| {
        let decision = black_box(rt_coverage_decision_probe as Decision);
        // SAFETY: the file is a constant.
        done(move || unsafe { decision(1, true.into(), FILE.as_ptr(), 1, 1) })
    })
    .quick();
    let why = "each decision once: what a program pays when it reaches new code";
    list.add(FAMILY, ("rt_coverage_decision_probe", "first"), why, |_| {
        let decision = black_box(rt_coverage_decision_probe as Decision);
        let mut id = 0;
        done(move || {
            id += 1;
            // SAFETY: the file is a constant.
            unsafe { decision(id, true.into(), FILE.as_ptr(), id, 1) };
        })
    })
    .quick();
    let why = "a text that may change, as in code that is loaded and unloaded: compared each time";
    list.add(FAMILY, ("rt_coverage_decision_probe", "text on the heap"), why, |_| {
        let decision = black_box(rt_coverage_decision_probe as Decision);
        let file = FILE.to_owned();
        // SAFETY: the closure keeps the file's name.
        done(move || unsafe { decision(1, true.into(), file.as_ptr(), 1, 1) })
    });
    let why = "a decision of two conditions: a test vector is built and found to be known";
    list.add(FAMILY, "rt_coverage_condition_probe", why, |_| {
        let decision = black_box(rt_coverage_decision_probe as Decision);
        let condition = black_box(rt_coverage_condition_probe as Condition);
        // SAFETY: the file is a constant.
        done(move || unsafe {
            condition(1, 0, true.into(), FILE.as_ptr(), 1, 5);
            condition(1, 1, true.into(), FILE.as_ptr(), 1, 9);
            decision(1, true.into(), FILE.as_ptr(), 1, 1);
        })
    })
    .quick();
}

fn paths(list: &mut List) {
    let begin = || black_box(rt_coverage_path_begin as extern "C" fn(u32));
    let block = || black_box(rt_coverage_path_probe as extern "C" fn(u32, u32));
    let finalize = || black_box(rt_coverage_path_finalize as extern "C" fn(u32));
    let why = "a path of three blocks that has been walked before";
    list.add(FAMILY, "rt_coverage_path_probe", why, move |_| {
        let (block, finalize) = (block(), finalize());
        done(move || {
            (0..3).for_each(|id| block(1, id));
            finalize(1);
        })
    });
    let why = "the same, begun explicitly as recursive functions do";
    list.add(FAMILY, "rt_coverage_path_begin", why, move |_| {
        let (begin, block, finalize) = (begin(), block(), finalize());
        done(move || {
            begin(1);
            (0..3).for_each(|id| block(1, id));
            finalize(1);
        })
    });
    let why = "without a trace: nothing happens";
    list.add(FAMILY, ("rt_coverage_path_finalize", "no trace"), why, move |_| {
        let finalize = finalize();
        done(move || finalize(1))
    });
}

fn reports(list: &mut List) {
    let why = "the report of twenty decisions, in the language's own form";
    list.add(FAMILY, "rt_coverage_dump_sdn", why, |_| dumped(rt_coverage_dump_sdn, "decisions"));
    let why = "the same for genhtml and Codecov";
    list.add(FAMILY, "rt_coverage_dump_lcov", why, |_| dumped(rt_coverage_dump_lcov, "BRDA"));
    list.add(FAMILY, ("rt_coverage_free_sdn", "NULL"), "nothing to free", |_| {
        let free = black_box(rt_coverage_free_sdn as Call1<*mut c_char, ()>);
        // SAFETY: NULL is allowed.
        done(move || unsafe { free(std::ptr::null_mut()) })
    });
    list.add(FAMILY, "rt_coverage_clear", "between two test cases; one decision was hit", |_| {
        let clear = black_box(rt_coverage_clear as extern "C" fn());
        let decision = black_box(rt_coverage_decision_probe as Decision);
        // SAFETY: the file is a constant.
        done(move || unsafe {
            decision(1, true.into(), FILE.as_ptr(), 1, 1);
            clear();
        })
    });
}

fn dumped(dump: Dump, word: &str) -> Result<Prepared> {
    const DUMPS: u64 = 5;
    for id in 1..=REPORTED {
        // SAFETY: the file is a constant.
        unsafe { rt_coverage_decision_probe(id, true.into(), FILE.as_ptr(), id, 1) };
    }
    let dump = black_box(dump);
    let free = black_box(rt_coverage_free_sdn as Call1<*mut c_char, ()>);
    let text = dump();
    // SAFETY: the text is what the call gave out, and is freed after it was looked at.
    let is_right = unsafe { CStr::from_ptr(text) }.to_string_lossy().contains(word);
    // SAFETY: as above.
    unsafe { free(text) };
    ensure!(is_right, "the report is another");
    super::repeated(DUMPS, 1, move || {
        let text = dump();
        // SAFETY: the text is what the call gave out, and is not used any more.
        unsafe { free(text) };
        u64::from(!text.is_null())
    })
}
