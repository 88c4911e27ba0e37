//! Tests of the variable's syntax, and of the steps that each site takes: steps are counted,
//! nothing is timed.

#[path = "../../tests/common/child.rs"]
mod child;

use super::Site;
use super::injected::{NAMES, START, STEPS, VARIABLE, injected_slowdown, parse};
use crate::file::{Mapping, Prefault};
use crate::registry::{Registry, Slab};
use crate::sync::atomic::Ordering;
use crate::{RuntimeValue, Value, aop, coverage, file};
use std::cell::Cell;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

thread_local! {
    /// Steps that this thread has taken, by site.
    static TAKEN: [Cell<u64>; NAMES.len()] = const { [const { Cell::new(0) }; NAMES.len()] };
}

pub(super) fn taken(site: Site, steps: u32) {
    TAKEN.with(|taken| taken[site as usize].update(|before| before + u64::from(steps)));
}

/// Returns the number of steps that this thread takes at `site` during `code`.
fn steps_during(site: Site, code: impl FnOnce()) -> u64 {
    let so_far = || TAKEN.with(|taken| taken[site as usize].get());
    let before = so_far();
    code();
    so_far() - before
}

/// Returns the number of times that this thread comes to the site called `name` during `code`.
#[track_caller]
fn visits(site: Site, name: &str, code: impl FnOnce()) -> u64 {
    const STEPS_EACH: u32 = 3;
    let named = NAMES.iter().position(|&known| known == name).unwrap();
    assert_eq!(named, site as usize);
    STEPS[named].store(STEPS_EACH, Ordering::Relaxed);
    let steps = steps_during(site, code);
    assert!(steps.is_multiple_of(u64::from(STEPS_EACH)));
    steps / u64::from(STEPS_EACH)
}

fn parsed(text: &str) -> Result<[u32; NAMES.len()], String> {
    parse(OsStr::new(text))
}

#[test]
fn sites_that_are_named_get_their_steps_and_others_none() {
    let mut expected = [0; NAMES.len()];
    expected[Site::RegistryGet as usize] = 12;
    expected[Site::FileLoad as usize] = 2000;
    assert_eq!(parsed("registry-get=12,file-load=2000"), Ok(expected));
    for (place, name) in NAMES.iter().enumerate() {
        let mut expected = [0; NAMES.len()];
        expected[place] = u32::MAX - 1;
        assert_eq!(parsed(&format!("{name}=4294967294")), Ok(expected));
    }
}

#[test]
fn an_empty_variable_asks_for_nothing() {
    assert_eq!(parsed(""), Ok([0; NAMES.len()]));
    assert_eq!(parsed("channel-send=0"), Ok([0; NAMES.len()]));
}

#[test]
fn what_is_not_understood_is_refused_with_a_reason() {
    let refused = |text: &str, reason: &str| {
        let error = parsed(text).unwrap_err();
        assert!(error.contains(reason) && !error.contains('\n'), "{text:?}: {error}");
    };
    refused("registry-got=1", "no site \"registry-got\"; there are future-run, future-new, ");
    refused(" registry-get=1", "no site");
    refused("=1", "no site");
    for number in ["", "x", "-1", "1.5", " 1", "1 ", "4294967295", "99999999999999999999"] {
        refused(&format!("registry-get={number}"), "does not say a number of steps");
    }
    for text in ["registry-get", "registry-get=1,", ",registry-get=1", "a,b", " "] {
        refused(text, "is not SITE=STEPS");
    }
    refused("aop-call=1,aop-call=1", "aop-call is there twice");
    let error = parse(OsStr::from_bytes(b"aop-call=\xff")).unwrap_err();
    assert!(error.contains("UTF-8"), "{error}");
}

#[test]
fn a_step_is_one_multiplication() {
    let mut expected = vec![START];
    for steps in 0..60 {
        assert_eq!(injected_slowdown(steps), expected[steps as usize], "{steps} steps");
        let square = expected[steps as usize].wrapping_mul(expected[steps as usize]);
        assert!(!expected.contains(&square), "{steps} and one step more would look the same");
        expected.push(square);
    }
}

#[test]
fn futures_are_counted_where_they_are_made_and_where_they_run() {
    let mut futures = Vec::new();
    let made = visits(Site::FutureNew, "future-new", || {
        futures = (0..4).map(|i| Value::future_of(move || Value::int(i))).collect();
        futures.push(Value::resolved(Value::int(4)));
        futures.push(Value::rejected(Value::nil()));
    });
    assert_eq!(made, 6);
    let ran = visits(Site::FutureRun, "future-run", || {
        let [first, second, third, ..] = &*futures else { unreachable!() };
        let wait = |value: &Value| value.as_future().unwrap().wait().is_some();
        assert!(wait(first) && wait(first) && wait(second) && wait(&futures[4]));
        assert!(!wait(&futures[5]));
        assert!(third.as_future().unwrap().cancel() && !wait(third));
    });
    assert_eq!(ran, 2);
}

#[test]
fn registries_are_counted_where_handles_are_looked_up_and_made() {
    let slab = Slab::new();
    let mut handle = None;
    let inserted = visits(Site::RegistryInsert, "registry-insert", || {
        handle = slab.insert(7);
        slab.insert(8);
    });
    assert_eq!(inserted, 2);
    let handle = handle.unwrap();
    let looked_up = visits(Site::RegistryGet, "registry-get", || {
        assert_eq!(slab.get(handle).as_deref(), Some(&7));
        assert_eq!(slab.state(handle), Some(0));
        assert!(slab.remove(handle));
        assert!(slab.get(handle).is_none());
    });
    assert_eq!(looked_up, 3);
}

#[test]
fn probes_are_counted() {
    let site = || coverage::Site { file: c"slowdown".into(), line: 1, column: 1 };
    let probed = visits(Site::CoverageProbe, "coverage-probe", || {
        for outcome in [true, false] {
            coverage::condition(77, 0, outcome, site());
            coverage::decision(77, outcome, site());
        }
        coverage::path_begin(77);
        coverage::path_finalize(77);
    });
    assert_eq!(probed, 4);
}

#[test]
fn a_load_is_counted_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, "text").unwrap();
    let loaded = visits(Site::FileLoad, "file-load", || {
        let handle = file::create(&path, 0, Prefault::Auto).unwrap();
        assert_eq!(file::wait(handle).unwrap().len_bytes, 4);
        assert_eq!(file::wait(handle).unwrap().len_bytes, 4);
        file::close(handle).unwrap();
        assert_eq!(Mapping::load(&path, 0, Prefault::Copy).unwrap().len(), 4);
    });
    assert_eq!(loaded, 2);
}

#[test]
fn copied_objects_are_counted_once_each_and_shared_ones_not() {
    let text = Value::string("text");
    let items = vec![text.clone(), text, Value::channel(), Value::int(1)];
    let value = Value::array(vec![Value::array(items)]);
    let copied = visits(Site::DeepCopy, "deep-copy", || {
        drop(value.deep_copy());
        drop(Value::int(1).deep_copy());
    });
    assert_eq!(copied, 3, "two arrays and a text");
}

extern "C-unwind" fn target(_: u64, _: *const RuntimeValue) -> Value {
    Value::nil()
}

extern "C-unwind" fn advice(context: *mut aop::Context, _: u64, _: *const RuntimeValue) -> Value {
    aop::proceed(context).unwrap()
}

#[test]
fn a_call_is_counted_once_whatever_stands_around_it() {
    let called = visits(Site::AopCall, "aop-call", || {
        let advices: [Option<aop::Advice>; 2] = [Some(advice), Some(advice)];
        // SAFETY: the functions read no argument.
        unsafe { aop::invoke_around(Some(target), &advices, &[]) }.unwrap();
    });
    assert_eq!(called, 1);
}

#[test]
fn sends_are_counted() {
    let channel = Value::channel();
    let channel = channel.as_channel().unwrap();
    let sent = visits(Site::ChannelSend, "channel-send", || {
        channel.send(Value::int(1)).unwrap();
        channel.send(Value::int(2)).unwrap();
        channel.recv().unwrap();
    });
    assert_eq!(sent, 2);
}

/// Runs the test called `name` as a child, which only does a lookup, with `variable` set to `text`.
fn child_that_looks_up(name: &str, text: Option<&str>) -> std::process::Output {
    let mut command = child::command(name);
    command.env_remove(VARIABLE);
    if let Some(text) = text {
        command.env(VARIABLE, text);
    }
    command.output().unwrap()
}

fn look_up() {
    let slab = Slab::new();
    let handle = slab.insert(7).unwrap();
    let steps = steps_during(Site::RegistryGet, || assert!(slab.get(handle).is_some()));
    println!("{steps} steps");
}

#[test]
fn the_environment_decides() {
    const NAME: &str = "slowdown::tests::the_environment_decides";
    if child::is_child(NAME) {
        return look_up();
    }
    let steps = [(None, 0), (Some(""), 0), (Some("registry-get=12"), 12), (Some("aop-call=1"), 0)];
    for (text, steps) in steps {
        let output = child_that_looks_up(NAME, text);
        let out = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && out.contains(&format!(" {steps} steps\n")), "{out}");
    }
}

#[test]
fn a_variable_that_is_not_understood_ends_the_process() {
    const NAME: &str = "slowdown::tests::a_variable_that_is_not_understood_ends_the_process";
    if child::is_child(NAME) {
        return look_up();
    }
    let output = child_that_looks_up(NAME, Some("registry-get=12,nonsense=1"));
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(err.starts_with("simple-runtime: SIMPLE_RT_SLOWDOWN: there is no site \"nonsense\";"));
    assert_eq!(err.lines().count(), 1, "{err}");
}
