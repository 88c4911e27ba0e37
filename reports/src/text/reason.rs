//! Reasons of a verdict, in sentences.

use crate::judge::Reason;

/// A sentence about a reason, with what to do next.
pub(crate) fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Slower(names) => format!("slower: {}", names.join(", ")),
        Reason::Broken(names) => {
            format!("cannot be run any more by the judged build: {}", names.join(", "))
        }
        Reason::NullDiffers(names) => format!(
            "the same build measured twice differs ({}): something else changed on the \
             machine meanwhile, so times prove nothing; run the gate again",
            names.join(", ")
        ),
        Reason::Undecided(names) => format!(
            "perhaps slower, but not certainly enough for one of so many: {}; compare these \
             alone",
            names.join(", ")
        ),
        Reason::TooNoisy(names) => format!(
            "the machine is too noisy: {} workloads vary so much that a slow-down could hide \
             (the first is {}); run the gate again with nothing else running",
            names.len(),
            names.first().map_or("", String::as_str)
        ),
        Reason::Interrupted => {
            "the comparison was interrupted: go on with `just gate REV --resume`".to_owned()
        }
        Reason::LeftOut(names) => format!(
            "too much could not be measured to say that nothing got slower: {} workloads (the \
             first is {}); see why in the list of what was left out",
            names.len(),
            names.first().map_or("", String::as_str)
        ),
        Reason::NothingMeasured => {
            "nothing was measured: see why in the list of what was left out".to_owned()
        }
    }
}
