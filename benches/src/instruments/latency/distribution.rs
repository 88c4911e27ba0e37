//! The latencies of a run: the whole distribution, and the percentiles that it supports.

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};
use std::collections::BTreeMap;

/// Latencies are right to this many digits: a tenth of a percent.
const DIGITS: u8 = 3;
/// 60 s; the histogram grows if it must.
const HIGHEST_NS: u64 = 60_000_000_000;

/// Percentiles by name, each with the quantile and the operations it takes to say it: at
/// least one beyond.
const PERCENTILES: [(&str, f64, u64); 5] = [
    ("p50", 0.5, 2),
    ("p90", 0.9, 10),
    ("p99", 0.99, 100),
    ("p99.9", 0.999, 1000),
    ("p99.99", 0.9999, 10_000),
];

/// Latencies, in an HdrHistogram of nanoseconds (<http://hdrhistogram.org>).
#[derive(Debug, Clone)]
pub(super) struct Distribution(Histogram<u64>);

impl Distribution {
    pub(super) fn new() -> Self {
        let bounded = Histogram::new_with_bounds(1, HIGHEST_NS, DIGITS);
        let mut histogram = bounded.expect("the bounds are constants");
        histogram.auto(true);
        Self(histogram)
    }

    pub(super) fn record(&mut self, latency_ns: u64) {
        self.0.record(latency_ns).expect("it grows as it must");
    }

    /// Number of latencies.
    pub(super) fn count(&self) -> u64 {
        self.0.len()
    }

    /// Percentiles by name, without those that need more operations; and the maximum.
    pub(super) fn percentiles_ns(&self) -> BTreeMap<String, u64> {
        let enough = |&&(_, _, least): &&(_, _, u64)| self.count() >= least;
        let value = |&(name, quantile, _): &(&str, f64, u64)| {
            (name.to_owned(), self.0.value_at_quantile(quantile))
        };
        let mut percentiles: BTreeMap<_, _> =
            PERCENTILES.iter().filter(enough).map(value).collect();
        if self.count() > 0 {
            percentiles.insert("max".to_owned(), self.0.max());
        }
        percentiles
    }

    /// The whole histogram as records keep it: V2, compressed, base64.
    pub(super) fn encode(&self) -> Result<String> {
        let mut bytes = Vec::new();
        V2DeflateSerializer::new()
            .serialize(&self.0, &mut bytes)
            .context("cannot write a histogram")?;
        Ok(BASE64_STANDARD.encode(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::serialization::Deserializer;

    fn of(latencies_ns: impl IntoIterator<Item = u64>) -> Distribution {
        let mut distribution = Distribution::new();
        latencies_ns.into_iter().for_each(|latency_ns| distribution.record(latency_ns));
        distribution
    }

    fn decode(text: &str) -> Distribution {
        let bytes = BASE64_STANDARD.decode(text).unwrap();
        Distribution(Deserializer::new().deserialize(&mut bytes.as_slice()).unwrap())
    }

    #[test]
    fn what_was_encoded_has_the_same_percentiles() {
        let mut random = fastrand::Rng::with_seed(7);
        let latencies_ns = (0..20_000).map(|_| 10_u64.pow(random.u32(0..9)) + random.u64(0..1000));
        let before = of(latencies_ns.chain([0, 1, HIGHEST_NS, 500 * HIGHEST_NS]));
        let after = decode(&before.encode().unwrap());
        assert_eq!(after.count(), 20_004);
        assert_eq!(after.percentiles_ns(), before.percentiles_ns());
        assert_eq!(after.percentiles_ns().len(), 6);
    }

    #[test]
    fn percentiles_that_too_few_operations_cannot_tell_are_absent() {
        for (count, highest) in
            [(1, "max"), (2, "p50"), (10, "p90"), (999, "p99"), (1000, "p99.9"), (9999, "p99.9")]
        {
            let names = of(0..count).percentiles_ns();
            let highest_told = names.keys().rfind(|name| *name != "max");
            assert_eq!(highest_told.map_or("max", String::as_str), highest, "{count}");
        }
        assert!(of(0..10_000).percentiles_ns().contains_key("p99.99"));
        assert!(of([]).percentiles_ns().is_empty());
    }

    #[test]
    fn percentiles_are_right_to_a_tenth_of_a_percent() {
        let found = of((1..=100_000).map(|i| i * 1000)).percentiles_ns();
        for (name, quantile, _) in PERCENTILES {
            let right = 100_000_000.0 * quantile;
            assert!((found[name] as f64 - right).abs() <= right / 1000.0, "{name}: {found:?}");
        }
    }
}
