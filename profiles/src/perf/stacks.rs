//! The functions of a stack, from what perf knows of it.

use super::script::Frame;
use crate::folded::UNKNOWN;
use crate::names::{is_start, last_name, start_length};
use crate::symbols::Symbolizer;
use std::sync::Arc;

/// Stands for outer callers that were not found.
pub(crate) const TRUNCATED: &str = "[truncated]";

/// What is cut off from stacks at their outer ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cut {
    /// The function inside of which the measured part runs, by its whole path or its last name.
    /// It stays. If a stack has several, it is the outermost one.
    pub marker: Option<String>,
}

impl Cut {
    /// Stacks begin with this function, where they have it.
    pub fn at(marker: impl Into<String>) -> Self {
        Self { marker: Some(marker.into()) }
    }

    fn is_marker(&self, function: &str) -> bool {
        let marker = self.marker.as_deref();
        marker.is_some_and(|marker| function == marker || last_name(function) == marker)
    }
}

/// The functions of one stack, outermost first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Stack {
    /// Those of the program. If the stack was cut off by the unwinder, the first one says so.
    pub(crate) user: Vec<Arc<str>>,
    /// Those of the kernel.
    pub(crate) kernel: Vec<Arc<str>>,
    pub(crate) is_truncated: bool,
}

impl Stack {
    /// All of it, with the kernel's functions marked as such.
    pub(crate) fn functions(self) -> Vec<Arc<str>> {
        let kernel = self.kernel.into_iter().map(|name| Arc::from(format!("{name}_[k]")));
        collapsed(self.user.into_iter().chain(kernel))
    }
}

/// Makes stacks of frames, which come innermost first.
pub(crate) fn stack(frames: &[Frame], symbolizer: &mut impl Symbolizer, cut: &Cut) -> Stack {
    let mut stack = Stack::default();
    let name = |frame: &Frame| frame.symbol.clone().unwrap_or_else(|| UNKNOWN.into());
    let (kernel, user) = frames.split_at(frames.iter().take_while(|it| it.is_kernel()).count());
    stack.kernel.extend(kernel.iter().rev().map(name));
    // Where the unwinder fails, it can end with addresses that are none of the program's.
    let is_nowhere = |frame: &&Frame| frame.is_kernel() || frame.dso.is_none();
    for frame in user.iter().rev().skip_while(is_nowhere) {
        stack.user.extend(symbolizer.functions(frame).iter().rev().cloned());
    }
    if let Some(marker) = stack.user.iter().position(|function| cut.is_marker(function)) {
        stack.user.drain(..marker);
    } else if is_whole(&stack, user) {
        let length = start_length(stack.user.iter().map(AsRef::as_ref));
        stack.user.drain(..length);
    } else {
        stack.is_truncated = true;
        stack.user.insert(0, TRUNCATED.into());
    }
    stack.user = collapsed(stack.user);
    stack
}

/// A stack that is nowhere in the program is not one whose callers were lost: a thread that
/// begins or ends has none.
fn is_whole(stack: &Stack, user: &[Frame]) -> bool {
    let is_outside = user.is_empty() && !stack.kernel.is_empty();
    is_outside || stack.user.first().is_some_and(|outermost| is_start(outermost))
}

/// Functions that call themselves directly become one.
fn collapsed(functions: impl IntoIterator<Item = Arc<str>>) -> Vec<Arc<str>> {
    let mut functions: Vec<_> = functions.into_iter().collect();
    functions.dedup();
    functions
}
