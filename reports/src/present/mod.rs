//! Figures and verdicts as text, the same in every format.

mod calls;
mod change;
mod choice;
mod command;
mod digest;
mod markdown;
mod notes;
mod number;
mod places;
mod sentence;
mod summary;
mod tail;
mod terminal;
mod versus;

pub use change::{
    change, change_headline, change_method, change_of, changes_markdown, changes_terminal,
    count_change, rate, verdict,
};
pub use command::{reproduce_run, reproduce_workload};
pub use digest::{Digest, digest};
pub use markdown::markdown;
pub use notes::{conditions, notes};
pub use number::{
    bytes_per_s, count, exactly, item_rate, noise_sentence, noise_word, percent, rate_per_s, shift,
    time_ns, time_with_interval, times, utc,
};
pub use sentence::{OnDefault, Sentence, choices, no_difference, ratio};
pub use terminal::terminal;
pub use versus::versus;
