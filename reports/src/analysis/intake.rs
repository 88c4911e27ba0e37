//! What comes from a file is made harmless to show, once and for all.
//!
//! Formats escape what is markup to them. No format can show control characters (a terminal
//! obeys them) or bidirectional overrides (they make text read as what it is not, see
//! CVE-2021-42574), so these are replaced before anything else looks at a run.

use simple_records::{Axes, AxisValue, Comparison, Run, RunStart, Subject, Word};
use std::collections::BTreeMap;

/// `text` with line breaks as spaces, and control characters, bidirectional formatting and what
/// is no character spelled out as `[U+202E]`.
pub fn clean_text(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => clean.push(' '),
            _ if c.is_control() || is_invisible_formatting(c) || is_no_character(c) => {
                clean.push_str(&format!("[U+{:04X}]", u32::from(c)));
            }
            _ => clean.push(c),
        }
    }
    clean
}

/// Bidirectional controls (Unicode Standard Annex 9, table 1), line and paragraph separators,
/// and what has no width.
fn is_invisible_formatting(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

/// What Unicode sets aside, and XML cannot hold: the last two of every plane.
fn is_no_character(c: char) -> bool {
    u32::from(c) & 0xFFFE == 0xFFFE
}

/// The run with all of its texts cleaned, and with `cold` called what it is.
pub(super) fn clean(mut run: Run) -> Run {
    start(&mut run.start);
    if run.start.fingerprint.virtual_machine == Some(true) {
        let samples = run.samples.iter_mut().map(|record| &mut record.subject.axes);
        let counts = run.counts.iter_mut().map(|record| &mut record.subject.axes);
        let latencies = run.latencies.iter_mut().map(|record| &mut record.subject.axes);
        let defaults = run.comparisons.iter_mut().map(|comparison| &mut comparison.defaults);
        samples
            .chain(counts)
            .chain(latencies)
            .chain(defaults)
            .for_each(|axes| *axes = std::mem::take(axes).in_virtual_machine());
    }
    run.comparisons.iter_mut().for_each(comparison);
    for samples in &mut run.samples {
        subject(&mut samples.subject);
    }
    for counts in &mut run.counts {
        subject(&mut counts.subject);
        counts.counts = keys(std::mem::take(&mut counts.counts));
    }
    for latency in &mut run.latencies {
        subject(&mut latency.subject);
        latency.percentiles_ns = keys(std::mem::take(&mut latency.percentiles_ns));
    }
    for noise in &mut run.noise {
        texts([&mut noise.comparison]);
        texts(&mut noise.warnings);
    }
    for skipped in &mut run.skipped {
        texts([&mut skipped.workload, &mut skipped.comparison, &mut skipped.why]);
    }
    texts(&mut run.warnings);
    run
}

fn texts<'a>(texts: impl IntoIterator<Item = &'a mut String>) {
    texts.into_iter().for_each(|text| *text = clean_text(text));
}

fn keys<V>(map: BTreeMap<String, V>) -> BTreeMap<String, V> {
    map.into_iter().map(|(key, value)| (clean_text(&key), value)).collect()
}

fn axes(axes: &Axes) -> Axes {
    axes.iter().fold(Axes::default(), |axes, (name, value)| {
        let value = match value {
            AxisValue::Text(text) => AxisValue::Text(clean_text(text)),
            number => number.clone(),
        };
        axes.with(&clean_text(name), value)
    })
}

fn start(start: &mut RunStart) {
    texts([&mut start.run, &mut start.tool]);
    if let Word::Unknown(effort) = &mut start.effort {
        texts([effort]);
    }
    let mut settings = keys(std::mem::take(&mut start.settings));
    texts(settings.values_mut());
    start.settings = settings;
    texts(start.filters.iter_mut().flatten());
    let machine = &mut start.fingerprint;
    let fields = [
        &mut machine.cpu_model,
        &mut machine.frequency_governor,
        &mut machine.kernel,
        &mut machine.arch,
        &mut machine.libc,
        &mut machine.rustc,
        &mut machine.valgrind,
        &mut machine.commit,
    ];
    texts(fields.into_iter().flatten());
    texts(machine.cpu_features.iter_mut().flatten());
}

fn comparison(comparison: &mut Comparison) {
    texts([
        &mut comparison.id,
        &mut comparison.title,
        &mut comparison.explanation,
        &mut comparison.x_axis,
        &mut comparison.series_axis,
        &mut comparison.item,
    ]);
    texts(&mut comparison.facet_axis);
    comparison.defaults = axes(&comparison.defaults);
}

fn subject(subject: &mut Subject) {
    texts([&mut subject.workload, &mut subject.comparison, &mut subject.reason]);
    subject.axes = axes(&subject.axes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_terminals_and_readers_would_obey_is_spelled_out() {
        assert_eq!(clean_text("a\u{1b}[31mb"), "a[U+001B][31mb");
        assert_eq!(clean_text("safe\u{202e}gpj.exe"), "safe[U+202E]gpj.exe");
        assert_eq!(clean_text("two\nlines\0"), "two lines[U+0000]");
        assert_eq!(clean_text("file/load größe 文件"), "file/load größe 文件");
    }
}
