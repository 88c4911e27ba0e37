//! Channels, by number of senders and receivers.

use super::Family;
use crate::team::Team;
use crate::{Effort, Prepared};
use simple_records::Scale;
use simple_runtime::Value;
use std::sync::Arc;
use std::sync::mpsc;

/// Messages of an iteration: a multiple of all numbers of threads.
const MESSAGES: u64 = 20_000;
/// Senders and as many receivers; none: one thread does both in turn.
const PAIRS: [u64; 4] = [0, 1, 2, 4];

/// An unbounded channel that threads share.
trait Channel: Send + Sync + 'static {
    fn send(&self, message: u64);
    fn receive(&self) -> u64;
}

struct Runtime(Value);

impl Channel for Runtime {
    fn send(&self, message: u64) {
        if let Some(channel) = self.0.as_channel() {
            // An open channel refuses nothing.
            let _sent = channel.send(Value::int(message as i64));
        }
    }

    fn receive(&self) -> u64 {
        let received = self.0.as_channel().and_then(simple_runtime::channel::Channel::recv);
        received.and_then(|message| message.as_int()).unwrap_or(0) as u64
    }
}

struct Crossbeam(crossbeam_channel::Sender<u64>, crossbeam_channel::Receiver<u64>);

impl Channel for Crossbeam {
    fn send(&self, message: u64) {
        self.0.send(message).expect("the receiver is here");
    }

    fn receive(&self) -> u64 {
        self.1.recv().unwrap_or(0)
    }
}

/// std's channel has one receiver; several share it behind a lock.
struct Std(mpsc::Sender<u64>, std::sync::Mutex<mpsc::Receiver<u64>>);

impl Channel for Std {
    fn send(&self, message: u64) {
        self.0.send(message).expect("the receiver is here");
    }

    fn receive(&self) -> u64 {
        self.1.lock().expect("nobody panics here").recv().unwrap_or(0)
    }
}

fn alone(channel: impl Channel) -> Prepared {
    let expected = (0..MESSAGES).sum();
    Prepared::new(MESSAGES, expected, move || {
        (0..MESSAGES)
            .map(|message| {
                channel.send(message);
                channel.receive()
            })
            .sum()
    })
}

fn pairs(channel: impl Channel, pairs: u64) -> Prepared {
    let channel = Arc::new(channel);
    let share = MESSAGES / pairs;
    let team = Team::new(pairs * 2, |member| {
        let channel = channel.clone();
        move || {
            if member < pairs {
                (0..share).for_each(|message| channel.send(message));
                0
            } else {
                (0..share).map(|_| channel.receive()).sum()
            }
        }
    });
    Prepared::team(MESSAGES, (0..share).sum::<u64>() * pairs, team)
}

fn prepared(channel: impl Channel, threads: u64) -> Prepared {
    if threads == 0 { alone(channel) } else { pairs(channel, threads) }
}

fn runtime(threads: u64) -> Prepared {
    prepared(Runtime(Value::channel()), threads)
}

fn crossbeam(threads: u64) -> Prepared {
    let (send, receive) = crossbeam_channel::unbounded();
    prepared(Crossbeam(send, receive), threads)
}

fn std_mpsc(threads: u64) -> Prepared {
    let (send, receive) = mpsc::channel();
    prepared(Std(send, receive.into()), threads)
}

pub(super) fn families() -> Vec<Family> {
    let title = "What does a message through a channel cost?";
    let mut family = Family::question("channel/throughput", title)
        .explain(format!(
            "{MESSAGES} integers an iteration through one unbounded channel, by as many senders as \
             receivers; with none, one thread sends and receives in turn. A value of the runtime \
             may live on the heap, so it passes through the channel with its reference."
        ))
        .series("channel")
        .along("pairs", Scale::Category)
        .item("message");
    for threads in PAIRS {
        let effort = if threads < 2 { Effort::Quick } else { Effort::Standard };
        let reason = "what isolated threads talk through";
        family.add(("runtime", threads), reason, move |_| Ok(runtime(threads))).effort(effort);
        let reason = "the fastest of the usual channels";
        family
            .add(("crossbeam-channel", threads), reason, move |_| Ok(crossbeam(threads)))
            .peer()
            .effort(effort);
        let reason = "what a Rust program has at hand";
        family
            .add(("std::sync::mpsc", threads), reason, move |_| Ok(std_mpsc(threads)))
            .peer()
            .effort(effort);
    }
    vec![family]
}
