//! Channels, both ends on one thread.

use super::{CALLS, Call1, Call2, List, Release, asked_of, calls};
use crate::Prepared;
use simple_runtime::ffi::channel::*;
use simple_runtime::{RuntimeValue, Value};
use std::hint::black_box;

const FAMILY: &str = "channel";

pub(super) type Send = Call2<RuntimeValue, RuntimeValue, i64>;
pub(super) type Receive = Call1<RuntimeValue, Value>;

pub(super) fn add(list: &mut List) {
    lifetimes(list);
    transfers(list);
}

fn lifetimes(list: &mut List) {
    let new = || black_box(rt_channel_new as extern "C" fn() -> Value);
    list.add(FAMILY, "rt_channel_new", "one for each conversation; released unused", move |_| {
        let (new, release) = (new(), Release::new());
        calls(1, move || release.give_back(new()))
    });
    list.add(FAMILY, "rt_channel_free", "made, and freed: closed and released", move |_| {
        let (new, free) = (new(), black_box(rt_channel_free as Call1<RuntimeValue, i64>));
        // SAFETY: the channel's reference goes with its word.
        calls(1, move || unsafe { free(new().into_raw()) } as u64)
    });
    list.add(FAMILY, "rt_channel_close", "made, closed and released", move |_| {
        let (new, close) = (new(), black_box(rt_channel_close as Call1<RuntimeValue, i64>));
        let release = Release::new();
        calls(1, move || {
            let channel = new();
            // SAFETY: the channel is alive until it is given back.
            let closed = unsafe { close(channel.raw()) };
            release.give_back(channel);
            closed as u64
        })
    });
    list.add(FAMILY, "rt_channel_is_closed", "a sender's loop asks this", |_| {
        asked_of(Value::channel(), rt_channel_is_closed, 0_i64)
    });
    list.add(FAMILY, "rt_channel_id", "a map of channels asks this", |_| {
        let channel = Value::channel();
        let id = channel.as_channel().map_or(0, |channel| channel.id());
        asked_of(channel, rt_channel_id, id)
    });
}

fn transfers(list: &mut List) {
    let send = || black_box(rt_channel_send as Send);
    let why = "a burst of a hundred that are all received afterwards: the queue is long";
    list.add(FAMILY, "rt_channel_send", why, move |_| {
        let (send, receive) = (send(), black_box(rt_channel_try_recv as Receive));
        let channel = Value::channel();
        Ok(Prepared::new(CALLS, 2 * CALLS, move || {
            let channel = channel.raw();
            let mut sum = 0;
            for _ in 0..CALLS {
                // SAFETY: the closure keeps the channel alive, the value is an integer.
                sum += unsafe { send(channel, Value::int(1).raw()) } as u64;
            }
            for _ in 0..CALLS {
                // SAFETY: as above.
                sum += unsafe { receive(channel) }.into_raw().small_int().unwrap_or(0) as u64;
            }
            sum
        }))
    })
    .quick();
    let why = "each value is received at once: the shortest queue, no sleep";
    list.add(FAMILY, "rt_channel_recv", why, move |_| {
        let (send, receive) = (send(), black_box(rt_channel_recv as Receive));
        let channel = Value::channel();
        // SAFETY: the closure keeps the channel alive, the value is an integer.
        calls(Value::int(7).raw().to_bits(), move || unsafe {
            send(channel.raw(), Value::int(7).raw());
            receive(channel.raw()).into_raw().to_bits()
        })
    })
    .quick();
    let why = "an empty channel is checked: a program that polls many does this most";
    list.add(FAMILY, ("rt_channel_try_recv", "empty"), why, |_| {
        let receive = black_box(rt_channel_try_recv as Receive);
        let channel = Value::channel();
        // SAFETY: the closure keeps the channel alive.
        calls(RuntimeValue::NIL.to_bits(), move || unsafe {
            receive(channel.raw()).into_raw().to_bits()
        })
    });
    // The call reads the clock, which costs the same whatever it shows; without a time to
    // add to it, what follows does not depend on it either.
    let why = "the same with a limit: the value is there, the clock is read once";
    list.add(FAMILY, "rt_channel_recv_timeout", why, move |_| {
        let send = send();
        let receive = black_box(rt_channel_recv_timeout as Call2<RuntimeValue, i64, Value>);
        let channel = Value::channel();
        // SAFETY: the closure keeps the channel alive, the value is an integer.
        calls(Value::int(7).raw().to_bits(), move || unsafe {
            send(channel.raw(), Value::int(7).raw());
            receive(channel.raw(), 0).into_raw().to_bits()
        })
    });
}
