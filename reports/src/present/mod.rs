//! Figures and verdicts as text, the same in every format.

mod change;
mod command;
mod markdown;
mod number;
mod sentence;
mod summary;
mod terminal;

pub use change::{
    change, change_headline, change_method, change_of, changes_markdown, changes_terminal,
    count_change, rate, verdict,
};
pub use command::{reproduce_run, reproduce_workload};
pub use markdown::markdown;
pub use number::{
    bytes_per_s, count, exactly, item_rate, noise_sentence, noise_word, percent, rate_per_s, shift,
    time_ns, time_with_interval, times, utc,
};
pub use sentence::{Sentence, choices, no_difference, ratio, versus};
pub use terminal::terminal;
