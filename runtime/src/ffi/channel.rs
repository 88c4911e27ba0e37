//! The `extern "C"` functions of channels, over [`crate::channel`].

use super::value::wrong_type;
use super::{failed, milliseconds, no_memory};
use crate::channel::Channel;
use crate::{RuntimeValue, Value};

/// Runs `f` on a channel. For any other value, leaves a message and returns `error`.
///
/// # Safety
///
/// A heap word names a live object.
unsafe fn with_channel<R>(
    call: &str,
    channel: &RuntimeValue,
    error: R,
    f: impl FnOnce(Channel<'_>) -> R,
) -> R {
    // SAFETY: by the caller's promise.
    let channel = unsafe { Value::borrow(channel) };
    match channel.as_channel() {
        Some(channel) => f(channel),
        None => failed(error, wrong_type(call, "channel", channel)),
    }
}

/// Creates an open, unbounded channel for any number of senders and receivers.
///
/// Thread safety: any thread. Ownership: the result is new. Error value: nil without memory,
/// with a message in rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn rt_channel_new() -> Value {
    Value::try_channel().unwrap_or_else(|| no_memory("rt_channel_new", Value::nil()))
}

/// Sends a value; never blocks.
///
/// Thread safety: any thread. Ownership: `channel` is borrowed, `value` is borrowed and kept:
/// the channel takes a reference of its own, which the receiver gets. Returns 1. Error value: 0
/// for a value that is not a channel, for a closed channel and without memory, with a message in
/// rt_last_error.
///
/// # Safety
///
/// Heap words name live objects.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_channel_send(channel: RuntimeValue, value: RuntimeValue) -> i64 {
    // SAFETY: the caller's promise, see above.
    let value = unsafe { Value::borrow(&value) };
    let send = |channel: Channel<'_>| match channel.send(value.clone()) {
        Ok(()) => 1,
        Err(error) => failed(0, format_args!("rt_channel_send: {error}")),
    };
    // SAFETY: the caller's promise, see above.
    unsafe { with_channel("rt_channel_send", &channel, 0, send) }
}

/// Receives the oldest value; blocks until there is one or the channel is closed. After closing,
/// the values already sent can still be received; after those, the result is nil.
///
/// Thread safety: any thread; each value is received once. Ownership: `channel` is borrowed, the
/// result is new. Error value: nil for a value that is not a channel, with a message in
/// rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_channel_recv(channel: RuntimeValue) -> Value {
    let receive = |channel: Channel<'_>| channel.recv().unwrap_or_default();
    // SAFETY: the caller's promise, see above.
    unsafe { with_channel("rt_channel_recv", &channel, Value::nil(), receive) }
}

/// Receives the oldest value if there is one; otherwise returns nil at once.
///
/// Thread safety: any thread; each value is received once. Ownership: `channel` is borrowed, the
/// result is new. Error value: nil for a value that is not a channel, with a message in
/// rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_channel_try_recv(channel: RuntimeValue) -> Value {
    let receive = |channel: Channel<'_>| channel.try_recv().unwrap_or_default();
    // SAFETY: the caller's promise, see above.
    unsafe { with_channel("rt_channel_try_recv", &channel, Value::nil(), receive) }
}

/// Receives the oldest value; blocks for at most `ms` milliseconds (0 and less: not at all),
/// then returns nil. Also returns nil when the channel is closed and empty.
///
/// Thread safety: any thread; each value is received once. Ownership: `channel` is borrowed, the
/// result is new. Error value: nil for a value that is not a channel, with a message in
/// rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_channel_recv_timeout(channel: RuntimeValue, ms: i64) -> Value {
    let receive = |channel: Channel<'_>| channel.recv_timeout(milliseconds(ms)).unwrap_or_default();
    // SAFETY: the caller's promise, see above.
    unsafe { with_channel("rt_channel_recv_timeout", &channel, Value::nil(), receive) }
}

/// Closes a channel: nothing can be sent any more, and waiting receivers are woken.
///
/// Thread safety: any thread. Ownership: `channel` is borrowed. Returns 1 if this call closed
/// the channel, 0 if it was closed before. Error value: 0 for a value that is not a channel,
/// with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_channel_close(channel: RuntimeValue) -> i64 {
    // SAFETY: the caller's promise, see above.
    unsafe { with_channel("rt_channel_close", &channel, 0, |channel| channel.close().into()) }
}

/// Returns 1 if a channel is closed, otherwise 0.
///
/// Thread safety: any thread. Ownership: `channel` is borrowed. Error value: 1 for a value that
/// is not a channel (nothing can be sent to it), with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_channel_is_closed(channel: RuntimeValue) -> i64 {
    let closed = |channel: Channel<'_>| channel.is_closed().into();
    // SAFETY: the caller's promise, see above.
    unsafe { with_channel("rt_channel_is_closed", &channel, 1, closed) }
}

/// Returns a number greater than 0 that no other channel of the process has or had.
///
/// Thread safety: any thread. Ownership: `channel` is borrowed. Error value: 0 for a value that
/// is not a channel, with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_channel_id(channel: RuntimeValue) -> i64 {
    // SAFETY: the caller's promise, see above.
    unsafe { with_channel("rt_channel_id", &channel, 0, |channel| channel.id()) }
}

/// Closes a channel and gives back the caller's reference to it. Other holders of references can
/// still receive the values already sent.
///
/// Thread safety: any thread. Ownership: the caller's reference is taken. Returns 1. Error
/// value: 0 for a value that is not a channel, whose reference is not taken, with a message in
/// rt_last_error.
///
/// # Safety
///
/// A heap word names a live object, and the caller owns a reference to it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_channel_free(channel: RuntimeValue) -> i64 {
    let close = |channel: Channel<'_>| {
        channel.close();
        1
    };
    // SAFETY: the caller's promise, see above.
    let freed = unsafe { with_channel("rt_channel_free", &channel, 0, close) };
    if freed == 1 {
        // SAFETY: the caller's promise, see above.
        drop(unsafe { Value::from_raw(channel) });
    }
    freed
}
