//! A judged comparison of two builds in words.
//!
//! [`GateView`] is built once; each format only arranges it.

mod annotations;
mod curve;
mod grown;
mod list;
mod markdown;
mod power;
mod reason;
mod row;
mod steps;
mod terminal;
mod trust;
mod view;

pub use annotations::gate_annotations;
pub use curve::curve_terminal;
pub(crate) use curve::dose_table;
pub(crate) use grown::Grown;
pub use markdown::gate_markdown;
pub(crate) use power::calibrated;
pub(crate) use row::{RowText, TimeText, Tone};
pub use terminal::gate_terminal;
pub(crate) use trust::share;
pub use trust::trust;
pub use view::GateView;
