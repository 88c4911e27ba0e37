//! Figures and verdicts as text, the same in every format.

mod against;
mod agreement;
mod bench_trust;
mod brief;
mod calls;
mod change;
mod choice;
mod command;
mod digest;
mod gate;
mod markdown;
mod notes;
mod number;
mod phrase;
mod places;
mod question;
mod run;
mod sentence;
mod shortened;
mod side_by_side;
mod states;
mod summary;
mod table;
mod tail;
mod terminal;
mod versus;

pub use against::{doubted, null_control, verdicts};
pub use agreement::agreement;
pub(crate) use bench_trust::bench_table;
pub use bench_trust::bench_terminal;
pub use brief::brief;
pub use change::{
    change, change_headline, change_method, change_of, change_of_time, changes_markdown,
    changes_terminal, count_change, rate, verdict,
};
pub use choice::Finding;
pub(crate) use command::amount;
pub use command::{command_of, profile_workload, reproduce_run, reproduce_workload};
pub use digest::Digest;
pub use gate::{GateView, curve_terminal, gate_annotations, gate_markdown, gate_terminal, trust};
pub(crate) use gate::{Grown, RowText, TimeText, Tone, calibrated, dose_table, share};
pub use markdown::markdown;
pub use notes::{conditions, notes};
pub use number::{
    bytes, bytes_per_s, count, duration, exactly, item_rate, noise_sentence, noise_word, number_of,
    percent, plural, probability, rate_per_s, shift, time_ns, time_with_interval, times, utc,
};
pub use phrase::{no_difference, ratio};
pub use question::{OpenQuestion, Questions};
pub(crate) use question::{answer, between, condition, place};
pub(crate) use run::{ComparisonText, RunText};
pub use run::{choices, digest};
pub use sentence::{Sentence, Span};
pub use shortened::shortened;
pub use side_by_side::{number_of_blocks, side_by_side};
pub use states::{by_state, times_of};
pub use terminal::terminal;
pub use versus::versus;
