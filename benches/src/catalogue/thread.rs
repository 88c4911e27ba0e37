//! Isolated threads, and the deep copies they get.

use super::Family;
use crate::{Effort, Prepared};
use anyhow::Result;
use simple_records::Scale;
use simple_runtime::{RuntimeValue, Value, thread};

/// Threads of one iteration, one after the other.
const THREADS: u64 = 20;

pub(super) fn families() -> Vec<Family> {
    vec![spawn_join(), deep_copy()]
}

extern "C-unwind" fn seven(_: RuntimeValue) -> Value {
    Value::int(7)
}

fn isolated() -> u64 {
    let join = |handle| {
        let result = thread::join(handle).ok().and_then(|result| result.as_int());
        thread::free(handle);
        result.unwrap_or(0) as u64
    };
    (0..THREADS).map(|_| thread::spawn_isolated(seven, &Value::nil()).map_or(0, join)).sum()
}

fn plain() -> u64 {
    (0..THREADS).map(|_| std::thread::spawn(|| 7_u64).join().unwrap_or(0)).sum()
}

fn spawn_join() -> Family {
    let mut family = Family::question("thread/spawn-join", "What does an isolated thread cost?")
        .explain(format!(
            "{THREADS} times in turn: start a thread that returns a number, and join it. Most of \
             it is the operating system's."
        ))
        .series("how")
        .along("data", Scale::Category)
        .item("thread");
    let prepared = |run: fn() -> u64| Ok(Prepared::new(THREADS, THREADS * 7, run).starts_threads());
    let reason = "the runtime: a handle that may be stale, a copy, a caught panic";
    family.add(("isolated", "none"), reason, move |_| prepared(isolated));
    let reason = "the floor: no handle, no copy";
    family.add(("std::thread", "none"), reason, move |_| prepared(plain)).peer();
    family
}

/// The shape of what is copied.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Numbers,
    Strings,
    Nested,
}

impl Shape {
    const ALL: [Self; 3] = [Self::Numbers, Self::Strings, Self::Nested];

    fn name(self) -> &'static str {
        match self {
            Self::Numbers => "array of integers",
            Self::Strings => "array of strings",
            Self::Nested => "arrays in each other",
        }
    }

    fn build(self, items: u64) -> Value {
        match self {
            Self::Numbers => Value::array((0..items as i64).map(Value::int).collect()),
            Self::Strings => {
                Value::array((0..items).map(|i| Value::string(&format!("item {i}"))).collect())
            }
            Self::Nested => (0..items).fold(Value::nil(), |inner, _| Value::array(vec![inner])),
        }
    }
}

fn copy(shape: Shape, items: u64) -> Result<Prepared> {
    let original = shape.build(items);
    let len = |value: &Value| value.as_array().map_or(0, |array| array.len() as u64);
    let expected = len(&original);
    Ok(Prepared::new(items, expected, move || len(&original.deep_copy())))
}

fn deep_copy() -> Family {
    let mut family = Family::question("value/deep-copy", "What does a deep copy cost?")
        .explain(
            "Copy a value as an isolated thread gets it, and drop the copy. Cycles and sharing are \
             kept, so every object is looked up in a table.",
        )
        .series("shape")
        .along("items", Scale::Log)
        .item("item");
    let reason = "what is paid for each thread that gets data";
    for items in [10, 1000, 100_000] {
        for shape in Shape::ALL {
            family
                .add((shape.name(), items), reason, move |_| copy(shape, items))
                .effort(if items == 1000 { Effort::Quick } else { Effort::Standard });
        }
    }
    family
}
