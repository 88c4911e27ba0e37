//! The words of command lines and of `lab.toml`. Help lists them, and a misspelt one is refused with the right
//! ones.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use simple_records::{Effort, Instrument, NoiseKind, View, Witness};
use std::str::FromStr;
use std::time::Duration;

/// One of the words `names`.
fn one_of<T>(names: Vec<&'static str>) -> impl TypedValueParser<Value = T>
where
    T: FromStr + Clone + Send + Sync + 'static,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    PossibleValuesParser::new(names).try_map(|word| word.parse::<T>())
}

/// An effort.
pub fn effort() -> impl TypedValueParser<Value = Effort> {
    one_of(Effort::ALL.map(Effort::name).to_vec())
}

/// An instrument.
pub fn instrument() -> impl TypedValueParser<Value = Instrument> {
    one_of(Instrument::ALL.map(Instrument::name).to_vec())
}

/// A kind of noise.
pub fn noise() -> impl TypedValueParser<Value = NoiseKind> {
    one_of(NoiseKind::ALL.map(NoiseKind::name).to_vec())
}

/// A witness of the gate.
pub fn witness() -> impl TypedValueParser<Value = Witness> {
    one_of(Witness::ALL.map(Witness::name).to_vec())
}

/// A view of a profile.
pub fn view() -> impl TypedValueParser<Value = View> {
    let word = |view: View| match view {
        View::Waiting => PossibleValue::new(view.name()).alias("waits"),
        _ => PossibleValue::new(view.name()),
    };
    PossibleValuesParser::new(View::ALL.map(word)).try_map(|word| match word.as_str() {
        "waits" => Ok(View::Waiting),
        word => word.parse(),
    })
}

/// A duration that is not zero.
///
/// # Errors
/// If the text is none; the message says how to write one.
pub(crate) fn some_time(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => {
            Err("nothing can be measured in no time: name more, as in 10s".into())
        }
        Ok(time) => Ok(time),
        Err(error) => Err(format!("{error}: name a time such as 10s, 500ms or 2m")),
    }
}
