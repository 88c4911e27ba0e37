//! Futures: made and awaited at once, awaited together, nested.

mod await_all;
mod new_await;
mod tree;

use super::Family;
use simple_records::{Axes, AxisValue};

pub(super) fn families() -> Vec<Family> {
    vec![new_await::family(), await_all::family(), tree::family()]
}

/// What users get who choose nothing.
fn defaults() -> Axes {
    Axes::default().with("workers", AxisValue::Count(super::executor::default_workers()))
}

fn axes(how: &str, workers: u64) -> Axes {
    Axes::default().with("how", how).with("workers", AxisValue::Count(workers))
}

/// Answers 1.
struct One;

impl crate::peers::Task for One {
    #[inline]
    fn run(_: u64) -> u64 {
        1
    }
}
