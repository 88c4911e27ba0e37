//! Another program that keeps a processor busy.

use crate::owned::{self, Child};
use crate::{programs, say};

/// An endless loop.
const LOOP: &str = "while :; do :; done";

/// A busy loop in a process of its own, ended when this is dropped.
#[derive(Debug)]
pub struct Load(#[expect(dead_code, reason = "it is dropped")] Option<Child>);

impl Load {
    /// Starts it. If that fails, the machine stays quiet and a message says so.
    pub fn start() -> Self {
        let child = owned::spawn(&mut programs::sh(LOOP))
            .inspect_err(|error| say!("there is no load: cannot start sh: {error}"));
        Self(child.ok())
    }
}
