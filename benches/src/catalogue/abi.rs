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
use crate::{Data, Effort, Instrument, Prepared, Workload};
use anyhow::{Result, ensure};
use simple_records::{Display, Scale};
use simple_runtime::ffi::value::rt_value_release;
use simple_runtime::{RuntimeValue, Value};
use std::ffi::c_char;
use std::hint::black_box;

/// Calls in one iteration, where the workload does not say otherwise.
const CALLS: u64 = 100;

type Call0<R> = unsafe extern "C" fn() -> R;
type Call1<A, R> = unsafe extern "C" fn(A) -> R;
type Call2<A, B, R> = unsafe extern "C" fn(A, B) -> R;

/// A call of the C interface, and what is special about it.
#[derive(Clone, Copy)]
struct Call {
    function: &'static str,
    case: Option<&'static str>,
}

impl From<&'static str> for Call {
    /// The plain call.
    fn from(function: &'static str) -> Self {
        Self { function, case: None }
    }
}

impl From<(&'static str, &'static str)> for Call {
    /// A call in a special case: `("rt_future_await", "ready")`.
    fn from((function, case): (&'static str, &'static str)) -> Self {
        Self { function, case: Some(case) }
    }
}

/// The workloads, as the families add them.
struct List {
    family: Family,
    /// The functions that have a workload.
    counted: Vec<&'static str>,
}

impl List {
    /// Adds one call of the C interface. It needs standard effort unless it is made `quick`: quick
    /// effort counts the calls that compiled code makes most, and one of each family.
    fn add(
        &mut self,
        family: &str,
        call: impl Into<Call>,
        why: &'static str,
        prepare: impl Fn(&Data) -> Result<Prepared> + 'static,
    ) -> &mut Workload {
        let Call { function, case } = call.into();
        self.counted.push(function);
        let name = case.map_or(function.to_owned(), |case| format!("{function}, {case}"));
        self.add_text(family, &name, why, prepare).effort(Effort::Standard)
    }

    /// Adds something that is not one call: a path through several, or a floor.
    fn add_text(
        &mut self,
        family: &str,
        text: &str,
        why: &'static str,
        prepare: impl Fn(&Data) -> Result<Prepared> + 'static,
    ) -> &mut Workload {
        self.family.add((family, text), why, prepare).instruments(&[Instrument::Instructions])
    }
}

fn list() -> List {
    let title = "How many instructions, and how much heap, does each call of the C interface take?";
    let family = Family::question("abi/calls", title)
        .explain(format!(
            "{CALLS} times the same call (in a path: as many as it says), through a pointer, on \
             one thread. A call that makes something is counted together with the call that \
             gives it back. Counted under valgrind with the C library's plain SSE2 routines, so \
             the figures repeat exactly; they leave out the kernel, and say nothing of caches. \
             The family floor is what the loop and the C library's allocator take by themselves."
        ))
        .series("family")
        .along("call", Scale::Category)
        .item("call")
        .display(Display::Instructions);
    let mut list = List { family, counted: Vec::new() };
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
    list
}

pub(super) fn families() -> Vec<Family> {
    vec![list().family]
}

/// Calls `call` `times` times per iteration; the results must sum to `times * answer`.
fn repeated(times: u64, answer: u64, mut call: impl FnMut() -> u64 + 'static) -> Result<Prepared> {
    let run = move || (0..times).fold(0, |sum: u64, _| sum.wrapping_add(call()));
    Ok(Prepared::new(times, times.wrapping_mul(answer), run))
}

/// [`CALLS`] times `call`.
fn calls(answer: u64, call: impl FnMut() -> u64 + 'static) -> Result<Prepared> {
    repeated(CALLS, answer, call)
}

/// The result of a call, as a number that can be compared.
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

/// [`CALLS`] times a call that makes something from a value, and its release. Each result is
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

    /// Releases, and returns 1.
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
        let counted: BTreeSet<_> = list().counted.into_iter().map(str::to_owned).collect();
        let left_out = LEFT_OUT.map(|(name, _)| name.to_owned());
        assert!(left_out.iter().all(|name| !counted.contains(name)));
        let accounted: BTreeSet<_> = counted.into_iter().chain(left_out).collect();
        assert_eq!(exported, accounted);
    }
}
