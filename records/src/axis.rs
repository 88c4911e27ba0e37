//! Axes: what distinguishes the workloads of one comparison, as data.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A place on an axis. In JSON: `{"text": "slab"}`, `{"count": 4}`, `{"bytes": 65536}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AxisValue {
    /// A number of things: threads, workers.
    Count(u64),
    /// A size.
    Bytes(u64),
    /// One of several alternatives.
    Text(String),
}

/// Value of an axis whose files were thrown out of the page cache.
pub const COLD: &str = "cold";

/// [`COLD`] in a virtual machine: its host may still have had the files in memory.
pub const GUEST_COLD: &str = "guest-cold";

impl AxisValue {
    /// The number behind it, where there is one.
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Count(n) | Self::Bytes(n) => Some(*n),
            Self::Text(_) => None,
        }
    }
}

impl From<&str> for AxisValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for AxisValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for AxisValue {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl fmt::Display for AxisValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u32, &str); 3] = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
        match self {
            Self::Count(n) => write!(f, "{n}"),
            Self::Text(text) => f.write_str(text),
            Self::Bytes(bytes) => {
                let unit = UNITS
                    .iter()
                    .find(|(shift, _)| *bytes >> shift > 0 && bytes.trailing_zeros() >= *shift);
                match unit {
                    Some((shift, name)) => write!(f, "{}{name}", bytes >> shift),
                    None => write!(f, "{bytes}B"),
                }
            }
        }
    }
}

/// The axes of one workload, in the order in which its name has them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Axes(Vec<(String, AxisValue)>);

impl Axes {
    /// Adds an axis.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<AxisValue>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// The value on an axis.
    pub fn get(&self, name: &str) -> Option<&AxisValue> {
        self.0.iter().find(|(axis, _)| axis == name).map(|(_, value)| value)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same as measured in a virtual machine: with [`GUEST_COLD`] for [`COLD`].
    #[must_use]
    pub fn in_virtual_machine(mut self) -> Self {
        for (_, value) in &mut self.0 {
            if *value == AxisValue::from(COLD) {
                *value = AxisValue::from(GUEST_COLD);
            }
        }
        self
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &AxisValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well() {
        let shown = |bytes| AxisValue::Bytes(bytes).to_string();
        assert_eq!(shown(0), "0B");
        assert_eq!(shown(1000), "1000B");
        assert_eq!(shown(4096), "4KiB");
        assert_eq!(shown(1 << 20), "1MiB");
        assert_eq!(shown((1 << 20) + 1024), "1025KiB");
        assert_eq!(shown(3 << 30), "3GiB");
    }
}
