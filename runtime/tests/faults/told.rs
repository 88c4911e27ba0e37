//! Calls that may fail, if they say so.

use crate::allocator::inside;
use crate::c::*;
use simple_runtime::Value;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set while no fault is injected: nothing may fail.
static IS_STRICT: AtomicBool = AtomicBool::new(false);

pub fn nothing_may_fail(is_strict: bool) {
    IS_STRICT.store(is_strict, Ordering::Relaxed);
}

/// Fails the test if nothing may fail.
#[track_caller]
pub fn may_fail(what: &str) {
    assert!(!IS_STRICT.load(Ordering::Relaxed), "without a fault: {what}");
}

/// The result of `call`, unless it is an error: then there must be a message, which begins with
/// the name of the call and has a reason.
#[track_caller]
pub fn told<T>(name: &str, is_error: impl Fn(&T) -> bool, call: impl FnOnce() -> T) -> Option<T> {
    let (result, message) = with_message(|| inside(call));
    if !is_error(&result) {
        return Some(result);
    }
    let message = message.unwrap_or_else(|| panic!("{name} failed and left no message"));
    let reason = message.strip_prefix(name).and_then(|rest| rest.strip_prefix(": "));
    assert!(reason.is_some_and(|reason| !reason.is_empty()), "{name} left {message:?}");
    may_fail(&message);
    None
}

/// As [`told`], for a call that gives nil if it fails.
#[track_caller]
pub fn value(name: &str, call: impl FnOnce() -> Value) -> Option<Value> {
    told(name, rt_value_is_nil, call)
}

/// As [`told`], for a call that gives 1 if it succeeds and 0 if it fails.
#[track_caller]
pub fn done(name: &str, call: impl FnOnce() -> i64) -> Option<i64> {
    told(name, |done| *done == 0, call)
}

/// A call that gives nothing, whose message, if there is one, begins with its name.
#[track_caller]
pub fn nothing(name: &str, call: impl FnOnce()) -> Option<()> {
    let ((), message) = with_message(|| inside(call));
    let Some(message) = message else { return Some(()) };
    assert!(message.starts_with(&format!("{name}: ")), "{name} left {message:?}");
    may_fail(&message);
    None
}
