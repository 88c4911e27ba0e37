//! Tests of the variable's syntax, and of the steps that each site takes: steps are counted,
//! nothing is timed.

#[path = "../../tests/common/child.rs"]
mod child;

use super::Site;
use super::forms::{Form, START, injected_slowdown, spin};
use super::injected::{INJECTIONS, Injection, NAMES, VARIABLE, parse};
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
    INJECTIONS[named].store(spins(STEPS_EACH).packed(), Ordering::Relaxed);
    let steps = steps_during(site, code);
    assert!(steps.is_multiple_of(u64::from(STEPS_EACH)));
    steps / u64::from(STEPS_EACH)
}

/// Steps of the first form at every visit.
fn spins(steps: u32) -> Injection {
    Injection { form: Form::Spin, steps, every: 1 }
}

fn parsed(text: &str) -> Result<[Option<Injection>; NAMES.len()], String> {
    parse(OsStr::new(text))
}

#[test]
fn sites_that_are_named_get_their_steps_and_others_none() {
    let mut expected = [None; NAMES.len()];
    expected[Site::RegistryGet as usize] = Some(spins(12));
    expected[Site::FileLoad as usize] = Some(spins(2000));
    assert_eq!(parsed("registry-get=12,file-load=2000"), Ok(expected));
    for (place, name) in NAMES.iter().enumerate() {
        let mut expected = [None; NAMES.len()];
        expected[place] = Some(spins(u32::MAX - 1));
        assert_eq!(parsed(&format!("{name}=4294967294")), Ok(expected));
    }
}

#[test]
fn an_empty_variable_asks_for_nothing() {
    assert_eq!(parsed(""), Ok([None; NAMES.len()]));
    assert_eq!(parsed("channel-send=0"), Ok([None; NAMES.len()]));
}

#[test]
fn a_form_and_a_distance_of_visits_can_be_named() {
    for form in Form::ALL {
        for (steps, every) in [(0, 1), (12, 1), (12, 16), (u32::MAX - 1, (1 << 24) - 1)] {
            let injection = Injection { form, steps, every };
            let mut expected = [None; NAMES.len()];
            expected[Site::RegistryGet as usize] = Some(injection);
            let text = format!("registry-get={}:{steps}/{every}", form.name());
            assert_eq!(parsed(&text), Ok(expected), "{text}");
            assert!(![0, u64::MAX].contains(&injection.packed()), "{text}");
        }
    }
    let injection = |text: &str| parsed(text).unwrap()[Site::AopCall as usize];
    assert_eq!(injection("aop-call=fence:3"), injection("aop-call=fence:3/1"));
    assert_eq!(injection("aop-call=7/2"), Some(Injection { every: 2, ..spins(7) }));
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
    for every in ["", "x", "0", "-1", "16777216", "2/2"] {
        let reason = "does not say a number of visits from 1 to 16777215";
        refused(&format!("registry-get=fence:1/{every}"), reason);
    }
    refused("registry-get=fence:", "does not say a number of steps");
    refused("registry-get=mist:1", "no form \"mist\"; there are spin, fence, miss, lock, line");
    refused("registry-get=:1", "no form \"\"");
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
        assert_eq!(spin(steps), expected[steps as usize], "{steps} steps");
        let square = expected[steps as usize].wrapping_mul(expected[steps as usize]);
        assert!(!expected.contains(&square), "{steps} and one step more would look the same");
        expected.push(square);
    }
}

#[test]
fn one_visit_of_a_number_takes_steps() {
    let slab = Slab::new();
    let handle = slab.insert(7).unwrap();
    let injection = Injection { form: Form::Line, steps: 5, every: 4 };
    INJECTIONS[Site::RegistryGet as usize].store(injection.packed(), Ordering::Relaxed);
    let steps = steps_during(Site::RegistryGet, || {
        (0..12).for_each(|_| assert!(slab.get(handle).is_some()));
    });
    assert_eq!(steps, 15);
}

/// Instructions that a child which takes this many steps a hundred times executes, by callgrind's count.
/// Absent without valgrind.
fn instructions(name: &str, form: Form, steps: u32) -> Option<u64> {
    let child = child::command(name);
    let mut valgrind = std::process::Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(child.get_program()).args(child.get_args());
    valgrind.envs(child.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = valgrind.env(STEPS_OF_CHILD, format!("{} {steps}", form.name())).output().ok()?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let count = said.lines().find_map(|line| line.split_once("Collected : "))?.1;
    Some(count.trim().parse().unwrap())
}

const STEPS_OF_CHILD: &str = "SIMPLE_RUNTIME_TEST_STEPS";

#[test]
fn steps_execute_as_many_instructions_as_the_table_says() {
    const NAME: &str = "slowdown::tests::steps_execute_as_many_instructions_as_the_table_says";
    if child::is_child(NAME) {
        let asked = std::env::var(STEPS_OF_CHILD).unwrap();
        let (form, steps) = asked.split_once(' ').unwrap();
        let form = Form::ALL.into_iter().find(|known| known.name() == form).unwrap();
        return (0..100).for_each(|_| injected_slowdown(form, steps.parse().unwrap()));
    }
    // Tests are less optimised than what is measured, so there is some room.
    let most = [2.0, 2.0, 20.0, 20.0, 2.0];
    for (form, most) in Form::ALL.into_iter().zip(most) {
        let (few, many) = (instructions(NAME, form, 8), instructions(NAME, form, 1008));
        let (Some(few), Some(many)) = (few, many) else {
            let skipped = "valgrind is missing: instructions of slow-downs are unchecked\n";
            return drop(std::io::Write::write_all(&mut std::io::stderr(), skipped.as_bytes()));
        };
        let each = (many as f64 - few as f64) / 100_000.0;
        assert!(each <= most, "{} executes {each} instructions", form.name());
        println!("{} executes {each} instructions", form.name());
        assert!(each >= 1.0, "{} executes {each} instructions", form.name());
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
    let steps = [("", 0), ("registry-get=12", 12), ("aop-call=1", 0), ("registry-get=lock:9", 9)];
    let set = steps.map(|(text, steps)| (Some(text), steps));
    for (text, steps) in [(None, 0)].into_iter().chain(set) {
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
