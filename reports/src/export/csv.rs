//! Comma-separated values (RFC 4180), but with plain line feeds, which all programs read.

use crate::analysis::Report;

const HEADER: [&str; 18] = [
    "workload",
    "comparison",
    "alternative",
    "x_axis",
    "x",
    "facet",
    "peer",
    "rounds",
    "items_per_iteration",
    "bytes_per_iteration",
    "time_per_item_ns",
    "time_per_item_ns_low",
    "time_per_item_ns_high",
    "interval_coverage",
    "relative_mad",
    "items_per_s",
    "bytes_per_s",
    "reason",
];

/// One line per workload; an absent figure is an empty field.
pub(super) fn csv(report: &Report) -> String {
    let mut text = line(&HEADER.map(str::to_owned));
    for compared in &report.comparisons {
        for workload in &compared.workloads {
            let interval = workload.interval_ns;
            let facet = compared.facets.iter().find(|facet| {
                facet
                    .axes
                    .iter()
                    .all(|(name, value)| workload.subject.axes.get(name) == Some(value))
            });
            text += &line(&[
                workload.subject.workload.clone(),
                workload.subject.comparison.clone(),
                compared.series_name(workload),
                compared.comparison.x_axis.clone(),
                compared.x_of(workload).to_string(),
                facet.map(|facet| facet.label()).unwrap_or_default(),
                workload.subject.peer.to_string(),
                workload.rounds.len().to_string(),
                workload.work.items.to_string(),
                workload.work.bytes.map(|bytes| bytes.to_string()).unwrap_or_default(),
                workload.time_ns.to_string(),
                number(interval.map(|interval| interval.low)),
                number(interval.map(|interval| interval.high)),
                number(interval.map(|interval| interval.coverage)),
                number(workload.relative_mad),
                workload.items_per_s().to_string(),
                number(workload.bytes_per_s()),
                workload.subject.reason.clone(),
            ]);
        }
    }
    text
}

fn number(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn line(fields: &[String]) -> String {
    let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
    fields.join(",") + "\n"
}

/// A field, in quotes if the format needs them. A text that a spreadsheet would take for a formula
/// gets an apostrophe before it (OWASP, CSV injection); numbers are never negative here.
fn quoted(field: &str) -> String {
    let field = match field.chars().next() {
        Some('=' | '+' | '-' | '@') => format!("'{field}"),
        _ => field.to_owned(),
    };
    if field.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", field.replace('"', "\"\""));
    }
    field
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn fields_are_quoted_as_the_rfc_says() {
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(quoted("=HYPERLINK(1)"), "'=HYPERLINK(1)");
    }
}
