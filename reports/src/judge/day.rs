//! Days, as waivers name them.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;
use thiserror::Error;

/// A day in UTC, written as `2027-01-31`. Earlier days are smaller.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(String);

/// A text that names no day.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("'{0}' is no day such as 2027-01-31")]
pub struct NoDay(String);

impl Day {
    /// The day of a moment.
    pub fn of(moment: SystemTime) -> Self {
        let moment = humantime::format_rfc3339_seconds(moment).to_string();
        Self(moment.chars().take_while(|c| *c != 'T').collect())
    }
}

impl FromStr for Day {
    type Err = NoDay;

    fn from_str(text: &str) -> Result<Self, NoDay> {
        // Days of this length sort as texts.
        let is_day = text.len() == "2027-01-31".len()
            && humantime::parse_rfc3339(&format!("{text}T00:00:00Z")).is_ok();
        if is_day { Ok(Self(text.to_owned())) } else { Err(NoDay(text.to_owned())) }
    }
}

impl TryFrom<String> for Day {
    type Error = NoDay;

    fn try_from(text: String) -> Result<Self, NoDay> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.0
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn only_days_are_days_and_they_have_an_order() {
        let day = |text: &str| text.parse::<Day>();
        for text in ["", "2027-13-31", "2027-1-31", "2027-01-31T00", "soon"] {
            assert_eq!(day(text), Err(NoDay(text.to_owned())));
        }
        assert!(day("2027-01-31").unwrap() < day("2027-02-01").unwrap());
        assert_eq!(day("1970-01-03").unwrap(), Day::of(UNIX_EPOCH + Duration::from_secs(180_000)));
    }
}
