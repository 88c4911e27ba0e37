//! One program under several settings of the runtime: which is the fastest for it?
//!
//! The program is not changed. Variables of the environment replace the runtime's defaults, and the
//! counters that the runtime writes say whether a setting reached it. The settings are the
//! alternatives of a [comparison](crate::compare), one axis at a time.
//!
//! | file | idea |
//! |---|---|
//! | `cli` | the verb `tune` |
//! | `settings` | the axes, their values, and which of them can matter to a program |

mod cli;
mod settings;

pub use cli::Tune;
