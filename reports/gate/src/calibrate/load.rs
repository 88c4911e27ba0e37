//! Another program that keeps a processor busy.

use std::process::{Child, Command, Stdio};

/// Looks now and then whether whoever started it is still there.
const LOOP: &str = "while kill -0 $PPID 2>/dev/null; do \
                    i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; done";

/// A busy loop in a process of its own, ended when this is dropped.
#[derive(Debug)]
pub struct Load(Option<Child>);

impl Load {
    /// Starts it. If that fails the machine stays quiet, which is said.
    pub fn start() -> Self {
        let child = Command::new("sh")
            .args(["-c", LOOP])
            .stdin(Stdio::null())
            .spawn()
            .inspect_err(|error| eprintln!("there is no load: cannot start sh: {error}"));
        Self(child.ok())
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            // It has no end of its own; if it is gone already, so much the better.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
