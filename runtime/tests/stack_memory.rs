//! Stacks that the runtime made are used again, and their memory goes back. Alone in its process,
//! whose memory it measures.

#[path = "common/tasks.rs"]
mod tasks;

use simple_runtime::{RuntimeValue, Value};
use std::{fs, thread};
use tasks::{alone_with, identity, wait};

/// Less than a body may use: it runs on a stack of the runtime's.
const LITTLE_STACK: usize = 128 << 10;

/// Pages that the process has mapped, and those of them in memory.
fn pages() -> (i64, i64) {
    let text = fs::read_to_string("/proc/self/statm").unwrap();
    let mut numbers = text.split(' ').map(|number| number.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

fn mib(pages: i64) -> i64 {
    // SAFETY: no memory is involved.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    (pages * page) >> 20
}

/// Awaits its context and adds one.
extern "C-unwind" fn one_more(context: RuntimeValue) -> Value {
    // SAFETY: the runtime keeps the context alive during the call.
    let inner = unsafe { Value::borrow(&context) };
    Value::int(wait(inner).unwrap() + 1)
}

fn on_threads_with_little_stack(threads: usize) {
    for _ in 0..threads {
        let awaits = || wait(&Value::future(Some(identity), Value::int(1)));
        let thread = thread::Builder::new().stack_size(LITTLE_STACK).spawn(awaits).unwrap();
        assert_eq!(thread.join().unwrap(), Some(1));
    }
}

#[test]
fn threads_give_their_stacks_back_and_deep_calls_their_memory() {
    let _alone = alone_with(1);
    // Another arena of the C library would map 64 MiB more.
    // SAFETY: no memory is involved.
    assert_eq!(unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) }, 1);
    on_threads_with_little_stack(8);
    let (before, _) = pages();
    on_threads_with_little_stack(200);
    // A piece for each thread would be hundreds.
    let grown = mib(pages().0 - before);
    assert!(grown < 64, "{grown} MiB more are mapped after 200 threads, one after the other");

    const DEEP: i64 = 500_000;
    let (before, _) = pages();
    let chain = (0..DEEP)
        .fold(Value::resolved(Value::int(0)), |inner, _| Value::future(Some(one_more), inner));
    let in_memory = pages().1;
    assert_eq!(wait(&chain), Some(DEEP));
    let kept = mib(pages().1 - in_memory);
    drop(chain);
    assert!(kept < 32, "{kept} MiB more are in memory after {DEEP} nested awaits");
    let grown = mib(pages().0 - before);
    assert!(grown < 512, "{grown} MiB more are mapped after {DEEP} nested awaits");
}
