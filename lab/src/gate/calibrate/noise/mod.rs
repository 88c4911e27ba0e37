//! Loads of the machine during a trial, with all random choices by a seed.
//!
//! A load is a process of this program, with the hidden verb `noise`, which is killed when it is dropped, and
//! by the kernel when this program ends. Its threads belong to it, so nothing stays behind.

mod generator;
mod schedule;

pub use generator::Generator;

use crate::owned::{self, Child};
use crate::{programs, say};
use simple_records::{InjectedNoise, NoiseKind};

/// A load, ended when this is dropped.
#[derive(Debug)]
pub struct Load(#[expect(dead_code, reason = "it is dropped")] Option<Child>);

impl Load {
    /// Starts it. If that fails, the machine stays quiet and a message says so.
    pub fn start(kind: NoiseKind, seed: u64) -> Self {
        let child = std::env::current_exe().and_then(|this| {
            let mut command = programs::measured(&this);
            owned::spawn(command.args(["noise", kind.name(), "--seed", &seed.to_string()]))
        });
        let child = child.inspect_err(|error| say!("there is no load: {error}"));
        Self(child.ok())
    }
}

/// A load as the record describes it.
pub fn described(kind: NoiseKind, seed: u64) -> InjectedNoise {
    InjectedNoise { kind: kind.into(), seed }
}
