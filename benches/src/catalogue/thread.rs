//! Isolated threads, and the deep copies they get.

use super::Family;
use crate::{Prepared, Profile, Workload};
use anyhow::Result;
use simple_records::{Axes, AxisValue, Comparison, Display, Scale};
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
    let comparison = Comparison {
        id: "thread/spawn-join".to_owned(),
        title: "What does an isolated thread cost?".to_owned(),
        explanation: format!(
            "{THREADS} times in turn: start a thread that answers a number, and join it. Most of \
             it is the operating system's."
        ),
        x_axis: "data".to_owned(),
        x_scale: Scale::Category,
        series_axis: "how".to_owned(),
        facet_axis: None,
        defaults: Axes::default(),
        item: "thread".to_owned(),
        display: Display::TimePerItem,
    };
    type Run = fn() -> u64;
    let ways: [(&str, &'static str, bool, Run); 2] = [
        (
            "isolated",
            "the runtime: a handle that may be stale, a copy, a caught panic",
            false,
            isolated,
        ),
        ("std::thread", "the floor: no handle, no copy", true, plain),
    ];
    let workloads = ways
        .into_iter()
        .map(|(how, reason, peer, run)| {
            let axes = Axes::default().with("how", how).with("data", "none");
            Workload::new(&comparison, axes, reason, move |_| {
                Ok(Prepared::new(THREADS, THREADS * 7, run))
            })
            .peer_if(peer)
        })
        .collect();
    Family { comparison, workloads }
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
    let comparison = Comparison {
        id: "value/deep-copy".to_owned(),
        title: "What does a deep copy cost?".to_owned(),
        explanation: "Copy a value as an isolated thread gets it, and drop the copy. Cycles and \
                      sharing are kept, so every object is looked up in a table."
            .to_owned(),
        x_axis: "items".to_owned(),
        x_scale: Scale::Log,
        series_axis: "shape".to_owned(),
        facet_axis: None,
        defaults: Axes::default(),
        item: "item".to_owned(),
        display: Display::TimePerItem,
    };
    let mut workloads = Vec::new();
    for items in [10, 1000, 100_000] {
        for shape in Shape::ALL {
            let axes =
                Axes::default().with("shape", shape.name()).with("items", AxisValue::Count(items));
            let reason = "what is paid for each thread that gets data";
            let workload = Workload::new(&comparison, axes, reason, move |_| copy(shape, items));
            workloads.push(workload.in_profile(if items == 1000 {
                Profile::Quick
            } else {
                Profile::Standard
            }));
        }
    }
    Family { comparison, workloads }
}
