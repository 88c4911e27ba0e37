//! The C interface: functions that check their arguments, call the safe API and map the answer.

pub mod coverage;
