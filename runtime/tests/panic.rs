//! A panic in a body rejects its future and goes no further; what is printed of it is in
//! `panic_output.rs`.

#[path = "common/tasks.rs"]
mod tasks;

use simple_runtime::ffi::thread::{rt_thread_free, rt_thread_join, rt_thread_spawn_isolated};
use simple_runtime::{RuntimeValue, Value, executor, future};
use std::panic::panic_any;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use tasks::{address, alone, alone_by_hand, alone_with, error_of, identity, message, wait};

fn panics(payload: impl std::any::Any + Send) -> Value {
    Value::future_of(move || panic_any(payload))
}

/// Runs it on a worker, or on this thread.
fn finish(future: &Value, on_a_worker: bool) {
    if on_a_worker {
        assert!(future.as_future().unwrap().wait_timeout(Duration::MAX));
    }
    assert_eq!(wait(future), None);
}

/// A payload like any other, but for its end.
struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("and once more");
    }
}

#[test]
fn a_panic_rejects_with_its_message() {
    let _alone = alone_with(1);
    for on_a_worker in [false, true] {
        let text = panics("a text");
        finish(&text, on_a_worker);
        assert_eq!(error_of(&text), "a text");
        let string = panics(String::from("a string"));
        finish(&string, on_a_worker);
        assert_eq!(error_of(&string), "a string");
        let formatted = Value::future_of(|| panic!("{} and {}", 1, 2));
        finish(&formatted, on_a_worker);
        assert_eq!(error_of(&formatted), "1 and 2");
        let index = Value::future_of(|| Value::int([1, 2, 3][std::hint::black_box(3)]));
        finish(&index, on_a_worker);
        assert!(error_of(&index).contains("out of bounds"), "{}", error_of(&index));
    }
}

#[test]
fn any_payload_rejects_also_one_whose_destructor_panics() {
    let _alone = alone_with(1);
    for on_a_worker in [false, true] {
        let number = panics(5_u64);
        finish(&number, on_a_worker);
        assert!(error_of(&number).contains("no text"), "{}", error_of(&number));
        let dropped = panics(PanicsWhenDropped);
        finish(&dropped, on_a_worker);
        assert!(error_of(&dropped).contains("no text"), "{}", error_of(&dropped));
    }
}

#[test]
fn a_panic_is_an_answer_and_leaves_no_message() {
    let _alone = alone();
    finish(&panics("on purpose"), false);
    assert_eq!(simple_runtime::error::last_error(), None);
}

#[test]
fn the_worker_lives() {
    let _alone = alone_with(1);
    let (tell, told) = mpsc::channel();
    let who = |tell: mpsc::Sender<_>| move || tell.send(thread::current().id()).unwrap();
    executor::submit_closure(who(tell.clone()));
    for _ in 0..50 {
        finish(&panics("on purpose"), true);
        executor::submit_closure(|| panic!("on purpose"));
    }
    executor::submit_closure(who(tell));
    assert_eq!(told.recv(), told.recv());
}

#[test]
fn a_panic_in_a_submitted_function_is_counted_and_no_more() {
    extern "C-unwind" fn panics(_context: RuntimeValue) -> Value {
        panic!("on purpose")
    }
    let _alone = alone_with(2);
    let before = executor::stats();
    let (context, watch) = tasks::watched_value();
    // SAFETY: a body and a live value; the call keeps what it needs.
    let id = unsafe {
        simple_runtime::ffi::executor::rt_executor_submit(address(panics), context.raw())
    };
    assert!(id > 0);
    drop(context);
    executor::submit_closure(|| panic_any(PanicsWhenDropped));
    executor::shutdown().unwrap();
    assert!(!watch.is_kept());
    let after = executor::stats();
    assert_eq!((after.panics - before.panics, after.completed - before.completed), (2, 2));
}

#[test]
fn every_panic_is_counted_wherever_it_happens() {
    let _alone = alone_with(1);
    let before = executor::stats().panics;
    finish(&panics("here"), false);
    finish(&panics("on a worker"), true);
    assert_eq!(executor::stats().panics - before, 2);
    finish(&Value::future_of(Value::nil), false);
    assert_eq!(executor::stats().panics - before, 2);
}

#[test]
fn an_inner_panic_is_nil_to_the_outer_body() {
    let _alone = alone();
    let outer = Value::future_of(|| {
        let inner = panics("inside");
        Value::bool(inner.as_future().unwrap().wait().is_none() && error_of(&inner) == "inside")
    });
    assert_eq!(outer.as_future().unwrap().wait().unwrap().as_bool(), Some(true));
}

#[test]
fn an_outer_panic_does_not_touch_the_inner_result() {
    let _alone = alone();
    let inner = Value::future(Some(identity), Value::int(5));
    let known = inner.clone();
    let outer = Value::future_of(move || panic!("after {}", wait(&known).unwrap()));
    finish(&outer, false);
    assert_eq!(error_of(&outer), "after 5");
    assert_eq!(wait(&inner), Some(5));
}

/// Bodies that are run in the course of another's unwinding, by a destructor.
#[test]
fn a_body_may_be_awaited_while_another_unwinds() {
    struct Awaits(Value);
    impl Drop for Awaits {
        fn drop(&mut self) {
            assert!(thread::panicking());
            wait(&self.0);
        }
    }
    let _alone = alone_with(1);
    let (good, bad) = (Value::future(Some(identity), Value::int(5)), panics("inside"));
    let (known_good, known_bad) = (good.clone(), bad.clone());
    let outer = Value::future_of(move || {
        let _awaits = (Awaits(known_good), Awaits(known_bad));
        panic!("outside")
    });
    finish(&outer, false);
    assert_eq!(error_of(&outer), "outside");
    assert_eq!((wait(&good), error_of(&bad)), (Some(5), "inside".to_owned()));
}

#[test]
fn a_poll_survives_counts_the_task_and_ends() {
    let _alone = alone_by_hand();
    let future = panics("on purpose");
    assert!(future.as_future().unwrap().start());
    executor::submit_closure(|| panic!("on purpose"));
    assert_eq!(executor::poll_all(), 2);
    assert_eq!(error_of(&future), "on purpose");
    // The thread is outside of polls again: an await does not run anything.
    let later = Value::future(Some(identity), Value::nil());
    assert_eq!(wait(&later), None);
    assert_eq!((executor::pending_count(), executor::shutdown()), (1, Ok(())));
}

/// Captured values may panic when they are released; the future may never have run.
#[test]
fn a_context_whose_destructor_panics_harms_nobody() {
    let _alone = alone_with(1);
    let captures = || {
        let captured = PanicsWhenDropped;
        Value::future_of(move || {
            let _captured = &captured;
            Value::nil()
        })
    };
    drop(captures());
    assert!(captures().as_future().unwrap().cancel());
    // The closure's end is part of the body.
    let ran = captures();
    finish(&ran, true);
    assert_eq!(error_of(&ran), "and once more");
    let handed_over = Value::future(Some(identity), captures());
    assert!(handed_over.as_future().unwrap().wait().is_some());
}

#[test]
fn join_of_an_isolated_thread_that_panics_is_nil_with_the_message() {
    extern "C-unwind" fn panics(_data: RuntimeValue) -> Value {
        panic!("on purpose")
    }
    let _alone = alone();
    // SAFETY: a body and a live value.
    let handle = unsafe { rt_thread_spawn_isolated(address(panics), Value::nil().raw()) };
    assert!(rt_thread_join(handle).is_nil());
    assert!(message().contains("on purpose"), "{}", message());
    rt_thread_free(handle);
}

#[test]
fn all_and_race_survive_panics() {
    let _alone = alone_with(2);
    for _ in 0..100 {
        let results = future::all(&[panics("one"), Value::int(2), panics("three")]);
        assert_eq!(results.iter().map(Value::as_int).collect::<Vec<_>>(), [None, Some(2), None]);
        assert!(future::race(&[panics("one"), panics("two")]).is_nil());
    }
}
