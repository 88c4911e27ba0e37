//! A family to copy: it is in the catalogue only with `SIMPLE_BENCH_SELF_TEST` set, and is
//! checked like every other.

use super::Family;
use crate::Prepared;
use simple_records::Scale;
use simple_runtime::Value;

/// Makes `count` arrays of one number each. An iteration returns the sum of their lengths.
fn arrays(count: u64) -> Prepared {
    Prepared::new(count, count, move || {
        (0..count).map(|n| std::hint::black_box(array(n)).len() as u64).sum()
    })
}

fn array(n: u64) -> Vec<Value> {
    vec![Value::int(n as i64)]
}

pub(super) fn families() -> Vec<Family> {
    let mut family = Family::question("example/arrays", "How long does it take to make arrays?")
        .explain("Arrays of one number each are made and dropped.")
        .series("how")
        .along("count", Scale::Category)
        .item("array")
        .default_at("how", "vector");
    for count in [10, 1000] {
        let reason = "to be copied by whoever adds a workload";
        family.add(("vector", count), reason, move |_| Ok(arrays(count)));
    }
    vec![family]
}
