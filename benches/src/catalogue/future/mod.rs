//! Futures: made and awaited at once, awaited together, nested.

mod await_all;
mod new_await;
mod tree;

use super::Family;
use super::executor::default_workers;
use simple_records::Scale;

pub(super) fn families() -> Vec<Family> {
    vec![new_await::family(), await_all::family(), tree::family()]
}

/// A question about ways to await by number of workers, whose default is known.
fn question(id: &str, title: &str, scale: Scale) -> Family {
    Family::question(id, title)
        .series("how")
        .along("workers", scale)
        .default_at("workers", default_workers())
}

/// Returns 1.
struct One;

impl crate::peers::Task for One {
    #[inline]
    fn run(_: u64) -> u64 {
        1
    }
}
