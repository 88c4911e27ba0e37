//! Every call of the C interface by itself, and a few paths through several of them, on one
//! thread: what the instrument `instructions` counts.
//!
//! Each call is made through a pointer that the compiler cannot see through, as compiled code
//! makes it into a library: nothing is inlined, no argument is known. What a call makes is
//! given back in the same iteration, also through the C interface.
//!
//! Counts must not vary from run to run. So nothing here depends on the time, hashes with
//! random keys, or starts a thread; where a future needs an executor, it is one in Manual mode.

mod aop;
mod array;
mod channel;
mod coverage;
mod error;
mod executor;
mod file;
mod floor;
mod future;
mod lookup;
mod path;
mod string;
mod thread;
mod value;

use super::Family;
use crate::{Data, Instrument, Prepared, Profile, Workload};
use anyhow::{Result, ensure};
use simple_records::{Axes, Comparison, Display, Scale};
use simple_runtime::ffi::value::rt_value_release;
use simple_runtime::{RuntimeValue, Value};
use std::ffi::c_char;
use std::hint::black_box;

/// Calls in one iteration, where the workload does not say otherwise.
const CALLS: u64 = 100;

/// What the profile quick counts, beside all of the families `path` and `floor`: the calls that
/// compiled code makes most, and one of each family at least.
const TELLING: [&str; 22] = [
    "rt_value_int",
    "rt_value_as_int",
    "rt_value_retain",
    "rt_string_new",
    "rt_array_push",
    "rt_array_get",
    "rt_future_new",
    "rt_future_await, ready",
    "rt_future_start",
    "rt_future_all",
    "rt_executor_submit",
    "rt_executor_poll",
    "rt_channel_send",
    "rt_channel_recv",
    "native_async_file_is_ready",
    "native_async_file_close, mapped",
    "rt_thread_id",
    "rt_coverage_decision_probe, next",
    "rt_coverage_decision_probe, first",
    "rt_coverage_condition_probe",
    "rt_aop_proceed, one advice",
    "rt_array_get, out of range",
];

type Call0<R> = unsafe extern "C" fn() -> R;
type Call1<A, R> = unsafe extern "C" fn(A) -> R;
type Call2<A, B, R> = unsafe extern "C" fn(A, B) -> R;

/// The workloads, as the families add them.
struct List {
    comparison: Comparison,
    workloads: Vec<Workload>,
}

impl List {
    /// Adds a workload. `call` is the name of the C function, which what is special about the
    /// call may follow after a comma, or, in the families `path` and `floor`, any text.
    fn add(
        &mut self,
        family: &str,
        call: &str,
        why: &'static str,
        prepare: impl Fn(&Data) -> Result<Prepared> + 'static,
    ) {
        let axes = Axes::default().with("family", family).with("call", call);
        let is_telling = ["path", "floor"].contains(&family) || TELLING.contains(&call);
        let profile = if is_telling { Profile::Quick } else { Profile::Standard };
        let workload = Workload::new(&self.comparison, axes, why, prepare);
        let workload = workload.in_profile(profile).instruments(&[Instrument::Instructions]);
        self.workloads.push(workload);
    }
}

pub(super) fn families() -> Vec<Family> {
    let comparison = Comparison {
        id: "abi/calls".to_owned(),
        title: "How many instructions, and how much heap, does each call of the C interface take?"
            .to_owned(),
        explanation: format!(
            "{CALLS} times the same call (in a path: as many as it says), through a pointer, on \
             one thread. A call that makes something is counted together with the call that \
             gives it back. Counted under valgrind with the C library's plain SSE2 routines, so \
             the figures repeat exactly; they leave out the kernel, and say nothing of caches. \
             The family floor is what the loop and the C library's allocator take by themselves."
        ),
        x_axis: "call".to_owned(),
        x_scale: Scale::Category,
        series_axis: "family".to_owned(),
        facet_axis: None,
        defaults: Axes::default(),
        item: "call".to_owned(),
        display: Display::Instructions,
    };
    let mut list = List { comparison, workloads: Vec::new() };
    floor::add(&mut list);
    path::add(&mut list);
    lookup::add(&mut list);
    value::add(&mut list);
    string::add(&mut list);
    array::add(&mut list);
    future::add(&mut list);
    executor::add(&mut list);
    channel::add(&mut list);
    file::add(&mut list);
    thread::add(&mut list);
    coverage::add(&mut list);
    aop::add(&mut list);
    error::add(&mut list);
    let List { comparison, workloads } = list;
    vec![Family { comparison, workloads }]
}

/// `call` so often in one iteration, whose answers add up to as many times `answer`.
fn repeated(times: u64, answer: u64, mut call: impl FnMut() -> u64 + 'static) -> Result<Prepared> {
    let run = move || (0..times).fold(0, |sum: u64, _| sum.wrapping_add(call()));
    Ok(Prepared::new(times, times.wrapping_mul(answer), run))
}

/// [`CALLS`] times `call`.
fn calls(answer: u64, call: impl FnMut() -> u64 + 'static) -> Result<Prepared> {
    repeated(CALLS, answer, call)
}

/// What a call answers, as a number that can be compared.
trait Answer: Copy {
    fn number(self) -> u64;
}

impl Answer for bool {
    fn number(self) -> u64 {
        self.into()
    }
}

impl Answer for i32 {
    fn number(self) -> u64 {
        self as u64
    }
}

impl Answer for u32 {
    fn number(self) -> u64 {
        self.into()
    }
}

impl Answer for i64 {
    fn number(self) -> u64 {
        self as u64
    }
}

impl Answer for f64 {
    fn number(self) -> u64 {
        self.to_bits()
    }
}

impl Answer for *const c_char {
    fn number(self) -> u64 {
        self as u64
    }
}

/// [`CALLS`] times a call that asks for nothing.
fn asked<R: Answer + 'static>(call: Call0<R>, answer: R) -> Result<Prepared> {
    let call = black_box(call);
    // SAFETY: a call of the C interface without arguments asks nothing of its caller.
    calls(answer.number(), move || unsafe { call() }.number())
}

/// [`CALLS`] times a call that looks at a value.
fn asked_of<R: Answer + 'static>(
    value: Value,
    call: Call1<RuntimeValue, R>,
    answer: R,
) -> Result<Prepared> {
    let call = black_box(call);
    // SAFETY: the closure keeps the value, and with it whatever object it names, alive.
    calls(answer.number(), move || unsafe { call(value.raw()) }.number())
}

/// [`CALLS`] times a call that makes something from a value, and its release. Each answer is
/// judged by `is_right`.
fn made_from(
    value: Value,
    call: Call1<RuntimeValue, Value>,
    is_right: impl Fn(&Value) -> bool,
) -> Result<Prepared> {
    let (call, release) = (black_box(call), Release::new());
    // SAFETY: the closures keep the value, and with it whatever object it names, alive.
    ensure!(is_right(&unsafe { call(value.raw()) }), "the call makes something else");
    calls(1, move || {
        // SAFETY: as above.
        release.give_back(unsafe { call(value.raw()) })
    })
}

/// Gives references back as compiled code does.
#[derive(Clone, Copy)]
struct Release(Call1<RuntimeValue, ()>);

impl Release {
    fn new() -> Self {
        Self(black_box(rt_value_release))
    }

    /// Releases, and answers 1.
    #[inline]
    fn give_back(self, value: Value) -> u64 {
        // SAFETY: the value's reference goes with its word.
        unsafe { (self.0)(value.into_raw()) };
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    /// Exported functions that are not counted, and why.
    const LEFT_OUT: [(&str, &str); 2] = [
        ("rt_thread_spawn_isolated", "starts a thread: what is counted is up to its timing"),
        ("rt_thread_spawn_isolated2", "starts a thread: what is counted is up to its timing"),
    ];

    /// The names of the functions that the runtime exports, from its sources.
    fn exported() -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/src/ffi");
        let mut names = BTreeSet::new();
        for entry in fs::read_dir(folder).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            for part in text.split("#[unsafe(no_mangle)]").skip(1) {
                let (_, rest) = part.split_once("fn ").unwrap();
                names.insert(rest.split_once('(').unwrap().0.to_owned());
            }
        }
        names
    }

    #[test]
    fn every_exported_function_is_counted_or_left_out_for_a_reason() {
        let exported = exported();
        assert!(exported.len() > 80, "the sources are read wrongly: {exported:?}");
        let workloads = families().pop().unwrap().workloads;
        let family = |workload: &Workload| workload.axes.get("family").unwrap().to_string();
        let counted: BTreeSet<_> = workloads
            .iter()
            .filter(|workload| !["path", "floor"].contains(&family(workload).as_str()))
            .map(|workload| workload.axes.get("call").unwrap().to_string())
            .map(|call| call.split(',').next().unwrap().to_owned())
            .collect();
        let left_out = LEFT_OUT.map(|(name, _)| name.to_owned());
        assert!(left_out.iter().all(|name| !counted.contains(name)));
        let accounted: BTreeSet<_> = counted.into_iter().chain(left_out).collect();
        assert_eq!(exported, accounted);
    }

    #[test]
    fn the_telling_calls_exist() {
        let workloads = families().pop().unwrap().workloads;
        for call in TELLING {
            let calls = workloads.iter().map(|workload| workload.axes.get("call").unwrap());
            assert_eq!(calls.filter(|found| found.to_string() == call).count(), 1, "{call}");
        }
    }
}
