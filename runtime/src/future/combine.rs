//! Awaiting several futures: all of them, or the first.

use super::object::Future;
use super::run::start_all;
use super::state;
use super::wait::{LOST, WAITERS, must_not_block};
use crate::error::set_last_error;
use crate::executor::local::{self, Local};
use crate::executor::{blocking, is_manual, racing};
use crate::sync::wait_table::{Waiter, Woken};
use crate::value::Value;

/// Starts all futures among `items`, waits for all, and returns their results in order: see
/// `all_in_place`.
pub fn all(items: &[Value]) -> Vec<Value> {
    let mut results = items.to_vec();
    all_in_place(&mut results);
    results
}

/// Starts all futures among `items`, waits for all, and puts each one's result in its place.
///
/// An item that is no future is its own result; a rejected one gives nil. The caller runs the
/// futures that no other thread has begun, first to last, and only then waits. So an item may wait
/// for what an earlier one does, and one that runs elsewhere for what any does. In Manual mode,
/// outside a poll, nothing is waited for: an item that is not ready gives nil.
pub(crate) fn all_in_place(items: &mut [Value]) {
    let futures = items.iter().filter_map(Value::as_future);
    if is_manual() && local::with(must_not_block) {
        start_all(futures);
        return items.iter_mut().for_each(finish);
    }
    if !is_manual() {
        // The caller runs the first one itself, so only the others are queued, starting from the
        // end: the caller takes back what it queued last, others take from the front, and they meet
        // in the middle.
        let first = items.iter().position(|item| item.as_future().is_some());
        let others = &items[first.map_or(items.len(), |first| first + 1)..];
        start_all(others.iter().rev().filter_map(Value::as_future));
    }
    let mut run_elsewhere = Vec::new();
    // The thread's state is looked up again for each, because a body may have come back on another
    // thread.
    let run_here = |future: Future<'_>| local::with_anew(|local| future.run_inline(local));
    for (i, item) in items.iter_mut().enumerate() {
        let Some(future) = item.as_future() else { continue };
        if future.is_ready() || run_here(future) {
            *item = future.result().unwrap_or_default();
        } else if run_elsewhere.try_reserve(1).is_ok() {
            run_elsewhere.push(i);
        } else {
            finish(item);
        }
    }
    for i in run_elsewhere {
        finish(&mut items[i]);
    }
}

/// Awaits an item of `all_in_place`.
fn finish(item: &mut Value) {
    if let Some(future) = item.as_future() {
        *item = future.wait().unwrap_or_default();
    }
}

/// Starts all futures among `items` and returns the result of the first that is finished; the
/// others go on. An item that is no future counts as finished. Returns nil if the first to finish
/// is rejected, and if there are no items.
///
/// If no other thread can make progress (all workers wait, or there are none), the caller runs
/// the first one that has not begun. In Manual mode, outside a poll, nothing is waited for.
pub fn race(items: &[Value]) -> Value {
    let outside = local::with(must_not_block);
    start_all(items.iter().filter_map(Value::as_future));
    let mut spin = local::with(Local::spin);
    loop {
        if let Some(result) = first_finished(items) {
            return result;
        }
        if items.is_empty() || outside {
            return Value::nil();
        }
        // Looked up again, because a body may have come back on another thread.
        let may_go_on = local::with_anew(|local| {
            if is_manual() {
                run_first(items, local) || wait_for_any(items, local, Others::Run)
            } else {
                spin.again() || wait_for_any(items, local, Others::MayAllBlock)
            }
        });
        if !may_go_on {
            return Value::nil();
        }
    }
}

fn first_finished(items: &[Value]) -> Option<Value> {
    items.iter().find_map(|item| match item.as_future() {
        Some(future) => future.is_ready().then(|| future.result().unwrap_or_default()),
        None => Some(item.clone()),
    })
}

/// Runs the first future that has not begun, if there is one.
fn run_first(items: &[Value], local: &Local) -> bool {
    items.iter().filter_map(Value::as_future).any(|future| future.run_inline(local))
}

/// Returns the items as a list; `None` without memory.
fn try_list<T>(items: impl Iterator<Item = T>) -> Option<Vec<T>> {
    let mut list = Vec::new();
    for item in items {
        list.try_reserve(1).ok()?;
        list.push(item);
    }
    Some(list)
}

/// The expected behaviour of other threads towards the futures of a race.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Others {
    /// They run them already.
    Run,
    /// They will begin them, unless all of them are blocked.
    MayAllBlock,
}

/// Sleeps until one of the futures may be finished, or begins one if no other thread would. False
/// if none of them will ever finish: they run beneath the caller, or in a parent that has forked
/// this process.
fn wait_for_any(items: &[Value], local: &Local, others: Others) -> bool {
    let futures = || items.iter().filter_map(Value::as_future);
    let beneath = || futures().filter(|future| future.runs_beneath(local));
    let others_run = futures().filter(|future| !future.runs_beneath(local) && !future.is_lost());
    let (Some(unfinished), Some(waiter)) = (try_list(others_run), Waiter::try_new()) else {
        set_last_error("race: not enough memory");
        return false;
    };
    if unfinished.is_empty() {
        if beneath().next().is_none() {
            set_last_error(format_args!("race: {LOST}"));
        }
        beneath().for_each(|future| future.reject_ring(local));
        return false;
    }
    let Some(keys) = try_list(unfinished.iter().map(|future| future.0.address())) else {
        set_last_error("race: not enough memory");
        return false;
    };
    let sleep = || {
        let announce = |i: usize| state::announce_waiter(&unfinished[i].0.header.word);
        WAITERS.get().wait(&waiter, &keys, None, announce)
    };
    if others == Others::Run {
        blocking(sleep);
        return true;
    }
    let woken: Option<Woken> = racing(&waiter, sleep);
    if woken.is_none() && !run_first(items, local) {
        // All of them have begun; only a thread that runs one can finish it.
        blocking(sleep);
    }
    true
}
