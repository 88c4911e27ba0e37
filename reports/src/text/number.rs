//! Numbers for people: three significant digits, with units.

use crate::analysis::Repeats;
use crate::analysis::{Noise, NoiseLevel, Report};
use crate::stats::Interval;
use std::time::{Duration, UNIX_EPOCH};

/// Three significant digits, never with an exponent: `1.23`, `12.3`, `123`, `1230`.
fn three_digits(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    // Where rounding adds a digit, the digit counts: 9.996 is 10.0.
    let decimals = match size {
        _ if size == 0.0 => 0,
        _ if size < 0.000_5 => 6,
        _ if size < 0.009_995 => 5,
        _ if size < 0.099_95 => 4,
        _ if size < 0.999_5 => 3,
        _ if size < 9.995 => 2,
        _ if size < 99.95 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}")
}

/// Factor and name of the largest step that `value` reaches, or of the smallest step.
fn step(value: f64, steps: &[(f64, &'static str)]) -> (f64, &'static str) {
    // 999.6 reads as 1000, so the step is reached a little before.
    let reached = steps.iter().rev().find(|(factor, _)| value.abs() >= factor * 0.999_5);
    *reached.unwrap_or(&steps[0])
}

const TIMES: [(f64, &str); 4] = [(1.0, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s")];
const COUNTS: [(f64, &str); 5] = [(1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T")];

/// `12.3 ns`, `1.20 ms`.
pub fn time_ns(ns: f64) -> String {
    let (factor, unit) = step(ns, &TIMES);
    format!("{} {unit}", three_digits(ns / factor))
}

/// `12.3 ns [12.1, 12.9]`, in one unit; without brackets if there is no interval.
pub fn time_with_interval(ns: f64, interval_ns: Option<Interval>) -> String {
    time_with_ends(ns, interval_ns.map(|interval| [interval.low, interval.high]))
}

/// A time with any two ends.
pub(super) fn time_with_ends(ns: f64, ends_ns: Option<[f64; 2]>) -> String {
    let (factor, unit) = step(ns, &TIMES);
    let centre = format!("{} {unit}", three_digits(ns / factor));
    match ends_ns {
        None => centre,
        Some(ends) => {
            let ends = ends.map(|end| three_digits(end / factor));
            format!("{centre} [{}, {}]", ends[0], ends[1])
        }
    }
}

/// `12.3 M`: a number with a decimal prefix.
pub fn count(value: f64) -> String {
    let (factor, prefix) = step(value, &COUNTS);
    let separator = if prefix.is_empty() { "" } else { " " };
    format!("{}{separator}{prefix}", three_digits(value / factor))
}

/// `12.3 M/s`.
pub fn rate_per_s(per_s: f64) -> String {
    format!("{}/s", count(per_s))
}

/// `lookups`, `processes`: several of an item.
pub fn plural(item: &str) -> String {
    let ending = if item.ends_with('s') { "es" } else { "s" };
    format!("{item}{ending}")
}

/// `12.3 M lookups/s`.
pub fn item_rate(per_s: f64, item: &str) -> String {
    let (factor, prefix) = step(per_s, &COUNTS);
    let separator = if prefix.is_empty() { "" } else { " " };
    format!("{}{separator}{prefix} {}/s", three_digits(per_s / factor), plural(item))
}

/// `1.23 GB`; a gigabyte is 10⁹ bytes.
pub fn bytes(bytes: f64) -> String {
    let (factor, prefix) = step(bytes, &COUNTS);
    format!("{} {prefix}B", three_digits(bytes / factor))
}

/// `1.23 GB/s`; a gigabyte is 10⁹ bytes.
pub fn bytes_per_s(per_s: f64) -> String {
    let (factor, prefix) = step(per_s, &COUNTS);
    format!("{} {}B/s", three_digits(per_s / factor), if prefix == "k" { "k" } else { prefix })
}

/// A ratio: `1.05x`, `1.83x`, `3.4x`, `12x`.
pub fn times(ratio: f64) -> String {
    let decimals = match ratio {
        _ if ratio < 1.995 => 2,
        _ if ratio < 9.95 => 1,
        _ => 0,
    };
    format!("{ratio:.decimals$}x")
}

/// A share as percent: `0.4%`, `12%`.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent.abs() < 9.95 { format!("{percent:.1}%") } else { format!("{percent:.0}%") }
}

/// A change with its sign: `+4.2%`, `-0.3%`.
pub fn shift(share: f64) -> String {
    if share < 0.0 { format!("-{}", percent(-share)) } else { format!("+{}", percent(share)) }
}

/// Digits by three: `1,048,576`.
pub fn exactly(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `2026-01-31 12:00:00 UTC`; the plain number if it is no date.
pub fn utc(unix_s: u64) -> String {
    /// The last second of the year 9999.
    const LAST: u64 = 253_402_300_799;
    if unix_s > LAST {
        return format!("{unix_s} s after 1970");
    }
    let time = humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(unix_s));
    time.to_string().replace('T', " ").replace('Z', " UTC")
}

/// A duration, rounded to the nearest: `90 s`, `12 min`, `2.5 h`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds.round() as u64 {
        0..120 => format!("{seconds:.0} s"),
        120..7170 => format!("{:.0} min", seconds / 60.0),
        _ => format!("{:.1} h", seconds / 3600.0),
    }
}

/// A probability as percent, never more certain than it is: `99.8%`, `more than 99.9%`.
pub fn probability(share: f64) -> String {
    match share {
        _ if share >= 0.9995 => "more than 99.9%".to_owned(),
        _ if share >= 0.995 => format!("{:.1}%", share * 100.0),
        _ => percent(share),
    }
}

/// `1 pair`, `2 pairs`.
pub fn number_of(number: usize, item: &str) -> String {
    match number {
        1 => format!("1 {item}"),
        _ => format!("{number} {}", plural(item)),
    }
}

/// Agreement of a run's rounds or blocks, in a few words.
pub fn noise_word(report: &Report) -> String {
    let word = agreement(&report.noise, Repeats::of(&report.start));
    match report.workloads().filter(|workload| workload.states.len() > 1).count() {
        0 => word,
        1 => format!("{word}, but 1 workload has several states"),
        several => format!("{word}, but {several} workloads have several states"),
    }
}

fn agreement(noise: &Noise, repeats: Repeats) -> String {
    let many = repeats.many();
    match noise.level() {
        NoiseLevel::Calm => format!("{many} agree"),
        NoiseLevel::Restless => format!("{many} agree roughly"),
        NoiseLevel::Noisy => "noisy: only large differences mean anything".to_owned(),
        NoiseLevel::Unknown => "noise unknown".to_owned(),
    }
}

/// Agreement of rounds or blocks, in a sentence.
pub fn noise_sentence(noise: &Noise, repeats: Repeats) -> String {
    let (one, many) = (repeats.one(), repeats.many());
    let (Some(median), Some(p90)) = (noise.median, noise.p90) else {
        return format!("With one {one}, the agreement of {many} is unknown.");
    };
    format!(
        "{} typically differ by {} from a workload's median, for one workload in ten by {} or \
         more.",
        repeats.capitalised(),
        percent(median),
        percent(p90)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_a_fitting_unit() {
        let shown = [0.61, 9.996, 12.34, 999.4, 999.6, 1234.0, 5.678e6, 4.2e9, 9e12, 0.0123];
        assert_eq!(
            shown.map(time_ns),
            [
                "0.610 ns",
                "10.0 ns",
                "12.3 ns",
                "999 ns",
                "1.00 µs",
                "1.23 µs",
                "5.68 ms",
                "4.20 s",
                "9000 s",
                "0.0123 ns"
            ]
        );
    }

    #[test]
    fn an_interval_has_the_unit_of_its_centre() {
        let interval = Interval { low: 900.0, high: 1500.0, coverage: 0.9375 };
        assert_eq!(time_with_interval(1100.0, Some(interval)), "1.10 µs [0.900, 1.50]");
        assert_eq!(time_with_interval(5.0, None), "5.00 ns");
    }

    #[test]
    fn rates_ratios_and_counts() {
        assert_eq!(item_rate(83.2e6, "lookup"), "83.2 M lookups/s");
        assert_eq!(item_rate(5.0, "task"), "5.00 tasks/s");
        assert_eq!(item_rate(5.0, "process"), "5.00 processes/s");
        assert_eq!(bytes_per_s(1.234e10), "12.3 GB/s");
        assert_eq!(
            [1.0, 1.834, 1.999, 3.44, 9.96, 123.4].map(times),
            ["1.00x", "1.83x", "2.0x", "3.4x", "10x", "123x"]
        );
        assert_eq!([0.0042, 0.0996, 0.2].map(percent), ["0.4%", "10%", "20%"]);
        assert_eq!([0.0, 0.02, 1234.0].map(count), ["0", "0.0200", "1.23 k"]);
        assert_eq!(shift(-0.003), "-0.3%");
        assert_eq!([1, 1000, 1_048_576].map(exactly), ["1", "1,000", "1,048,576"]);
    }

    #[test]
    fn no_probability_is_certain_and_one_is_no_plural() {
        assert_eq!(
            [0.9375, 0.984, 0.998, 0.9996, 1.0].map(probability),
            ["94%", "98%", "99.8%", "more than 99.9%", "more than 99.9%"]
        );
        assert_eq!([1, 2].map(|n| number_of(n, "pair")), ["1 pair", "2 pairs"]);
    }

    #[test]
    fn durations_are_rounded_to_the_nearest() {
        let shown = [0.4, 119.4, 119.6, 239.0, 7169.0, 7171.0, 9000.0];
        assert_eq!(
            shown.map(|seconds| duration(Duration::from_secs_f64(seconds))),
            ["0 s", "119 s", "2 min", "4 min", "119 min", "2.0 h", "2.5 h"]
        );
    }

    #[test]
    fn moments_read_well_and_impossible_ones_do_not_panic() {
        assert_eq!(utc(1_769_860_800), "2026-01-31 12:00:00 UTC");
        assert!(utc(u64::MAX).contains("1970"));
    }
}
