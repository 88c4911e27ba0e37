//! The functions of a stack, from its frames.

use super::{Cut, Frame, Place};
use crate::folded::UNKNOWN;
use crate::names::is_start;
use crate::symbols::Symbolizer;
use std::sync::Arc;

/// Takes the place of outer callers that were not found.
const TRUNCATED: &str = "[truncated]";

/// The functions of one stack, outermost first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Stack {
    /// Functions of the program. If the unwinder cut the stack off, the first one says so.
    pub(crate) user: Vec<Arc<str>>,
    /// Functions of the kernel.
    pub(crate) kernel: Vec<Arc<str>>,
    pub(crate) is_truncated: bool,
}

impl Stack {
    /// All functions, with the kernel's functions marked as such.
    pub(crate) fn functions(self) -> Vec<Arc<str>> {
        let kernel = self.kernel.into_iter().map(|name| Arc::from(format!("{name}_[k]")));
        collapsed(self.user.into_iter().chain(kernel))
    }
}

/// Makes a stack of frames, which come innermost first.
pub(crate) fn stack(frames: &[Frame], symbolizer: &mut impl Symbolizer, cut: &Cut) -> Stack {
    let mut stack = Stack::default();
    let name = |frame: &Frame| frame.function.clone().unwrap_or_else(|| UNKNOWN.into());
    let is_kernel = |frame: &&Frame| frame.place == Place::Kernel;
    let (kernel, user) = frames.split_at(frames.iter().take_while(is_kernel).count());
    stack.kernel.extend(kernel.iter().rev().map(name));
    // If the unwinder fails, the stack can end with addresses outside of the program.
    let is_outside = |frame: &&Frame| matches!(frame.place, Place::Kernel | Place::Unknown);
    for frame in user.iter().rev().skip_while(is_outside) {
        stack.user.extend(symbolizer.functions(frame).iter().rev().cloned());
    }
    if let Some(marker) = cut.marker(&stack.user) {
        stack.user.drain(..marker);
    } else if is_whole(&stack, user) {
        let length = cut.start(&stack.user);
        stack.user.drain(..length);
    } else {
        stack.is_truncated = true;
        stack.user.insert(0, TRUNCATED.into());
    }
    stack.user = collapsed(stack.user);
    stack
}

/// Returns whether a stack has all of its callers. One that is nowhere in the program has: a thread
/// that begins or ends has no callers.
fn is_whole(stack: &Stack, user: &[Frame]) -> bool {
    let is_outside = user.is_empty() && !stack.kernel.is_empty();
    is_outside || stack.user.first().is_some_and(|outermost| is_start(outermost))
}

/// Makes one of functions that call themselves directly.
fn collapsed(functions: impl IntoIterator<Item = Arc<str>>) -> Vec<Arc<str>> {
    let mut functions: Vec<_> = functions.into_iter().collect();
    functions.dedup();
    functions
}
