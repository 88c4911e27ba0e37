//! No memory for a deeper stack: the await that needs it is rejected, and nothing else.
//! Alone in its process, whose memory it limits.

#[path = "common/address_space.rs"]
mod address_space;
#[path = "common/tasks.rs"]
mod tasks;

use simple_runtime::future::FutureState;
use simple_runtime::{RuntimeValue, Value};
use tasks::{alone, error_of, wait};

const LINKS: usize = 500_000;
/// Room for some pieces of stack, and far from enough for all.
const SPARE_BYTES: u64 = 24 << 20;

/// Awaits its context and adds one; what is rejected counts as nothing.
extern "C-unwind" fn one_more(context: RuntimeValue) -> Value {
    // SAFETY: the runtime keeps the context alive during the call.
    let inner = unsafe { Value::borrow(&context) };
    Value::int(wait(inner).unwrap_or(0) + 1)
}

#[test]
fn the_await_that_finds_no_stack_is_rejected_and_its_awaiter_goes_on() {
    let _alone = alone();
    let mut links = vec![Value::resolved(Value::int(0))];
    for i in 0..LINKS {
        links.push(Value::future(Some(one_more), links[i].clone()));
    }
    let result = address_space::with_little_left(SPARE_BYTES, || wait(&links[LINKS]));

    let states: Vec<_> = links.iter().map(|link| link.as_future().unwrap().state()).collect();
    let place = states.iter().position(|state| *state == FutureState::Rejected).unwrap();
    assert!(error_of(&links[place]).contains("no memory"), "{}", error_of(&links[place]));
    assert_eq!(wait(&links[place]), None, "it has ended, so nobody waits for it in vain");
    assert!(states[1..place].iter().all(|state| *state == FutureState::Pending));
    assert!(states[place + 1..].iter().all(|state| *state == FutureState::Fulfilled));
    assert_eq!(result, Some((LINKS - place) as i64));

    // With memory again, the rest can still be awaited.
    assert_eq!(wait(&links[place - 1]), Some(place as i64 - 1));
}
