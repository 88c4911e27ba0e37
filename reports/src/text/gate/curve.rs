//! The operating curve as tables.

use super::trust::{curve_place, share};
use crate::judge::{Alarms, Dosed, OperatingCurve};
use crate::text::number::{percent, shift};
use crate::text::table::Table;
use crate::text::terminal::table_text;
use simple_records::Witness;
use std::fmt::Write;

/// False alarms by kind of noise.
fn alarm_table(curve: &OperatingCurve) -> Table {
    let header = ["noise", "trials", "false alarms", "inconclusive"];
    let row = |noise: &str, alarms: &Alarms| {
        let Alarms { false_alarms, inconclusive, .. } = alarms;
        let at_most = percent(false_alarms.interval[1]);
        vec![
            noise.to_owned(),
            false_alarms.trials.to_string(),
            format!("{} of {} (at most {at_most})", false_alarms.count, false_alarms.trials),
            inconclusive.count.to_string(),
        ]
    };
    let quiet = curve.null.iter().map(|alarms| row("none", alarms));
    let noisy = curve.besides.iter().map(|one| row(&one.noise, &one.alarms));
    Table {
        caption: format!("A build against itself, on {}", curve_place(curve)),
        header: header.map(str::to_owned).to_vec(),
        rows: quiet.chain(noisy).collect(),
    }
}

/// Detections by size, form, threads and noise.
pub(crate) fn dose_table(curve: &OperatingCurve) -> Table {
    let header =
        ["slowed by", "form", "threads", "noise", "detected", "inconclusive", "set", "found"];
    Table {
        caption: "A build against itself with a slowed path".to_owned(),
        header: header.map(str::to_owned).to_vec(),
        rows: curve.dosed.iter().map(dose_row).collect(),
    }
}

fn dose_row(one: &Dosed) -> Vec<String> {
    let what = match one.witness {
        Witness::Time => "time",
        Witness::Instructions => "instructions",
    };
    let set = one.set.map(|set| match one.set_interval {
        Some([low, high]) if low < high => {
            format!("{} [{}, {}]", shift(set), percent(low), percent(high))
        }
        _ => shift(set),
    });
    vec![
        format!("{} {what}", percent(one.by)),
        one.form.clone(),
        one.threads.map_or("-".to_owned(), |threads| threads.to_string()),
        one.noise.clone().unwrap_or_else(|| "none".to_owned()),
        share(&one.detected),
        one.inconclusive.count.to_string(),
        set.unwrap_or_else(|| "-".to_owned()),
        one.found.map_or("-".to_owned(), shift),
    ]
}

/// Returns both tables and the notes, with a line break at the end.
pub fn curve_terminal(curve: &OperatingCurve) -> String {
    let mut text = String::new();
    for table in [alarm_table(curve), dose_table(curve)] {
        if !table.rows.is_empty() {
            write!(text, "{}:\n{}", table.caption, table_text(&table))
                .expect("a string takes what is written to it");
        }
    }
    for note in &curve.notes {
        writeln!(text, "note: {note}").expect("a string takes what is written to it");
    }
    text
}
