//! Wall-clock instrument.
fn main() {}
