//! Drawing of lanes.

use super::{Error, Lane, Span};
use crate::xml::escaped;
use std::fmt::Write;

/// Texts around the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Above it.
    pub title: String,
    /// Below the title.
    pub subtitle: String,
}

const WIDTH: f64 = 1200.0;
const LEFT: f64 = 150.0;
const RIGHT: f64 = 70.0;
const TOP: f64 = 84.0;
const LANE: f64 = 34.0;
const BAR: f64 = 20.0;
/// Maximum distance of spans that are drawn as one, in pixels.
const JOINED: f64 = 0.4;
/// Approximate number of ticks of the axis.
const TICKS: f64 = 8.0;

/// Activities that are drawn as bars: name in the trace, name in the legend, colour.
const SPANS: [(&str, &str, &str); 3] = [
    ("run", "runs jobs", "#3b7dd8"),
    ("blocked", "blocked in a job", "#e8833a"),
    ("park", "asleep for want of work", "#dcdcdc"),
];

/// Events that are drawn as lines: name in the trace, name in the legend, colour.
const MARKS: [(&str, &str, &str); 2] =
    [("steal", "steals", "#8e44ad"), ("wake", "wakes another", "#c0392b")];

/// The time that is shown, in microseconds.
#[derive(Clone, Copy)]
struct Range {
    begin_us: f64,
    end_us: f64,
}

impl Range {
    fn of(lanes: &[Lane]) -> Option<Self> {
        let spans = || lanes.iter().flat_map(|lane| &lane.spans);
        let begin_us = spans().map(|span| span.begin_us).fold(f64::INFINITY, f64::min);
        let end_us = spans().map(|span| span.end_us).fold(f64::NEG_INFINITY, f64::max);
        (begin_us < end_us).then_some(Self { begin_us, end_us })
    }

    fn x(self, at_us: f64) -> f64 {
        let share = (at_us - self.begin_us) / (self.end_us - self.begin_us);
        LEFT + share.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }
}

/// Draws lanes as a standalone SVG.
///
/// # Errors
///
/// Nothing in them takes time.
pub fn render(lanes: &[Lane], options: &Options) -> Result<String, Error> {
    let range = Range::of(lanes).ok_or(Error::Empty)?;
    let height = TOP + LANE * lanes.len() as f64 + 44.0;
    let mut svg = format!(
        "<svg version=\"1.1\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} \
         {height}\" xmlns=\"http://www.w3.org/2000/svg\" font-family=\"monospace\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    text(&mut svg, WIDTH / 2.0, 24.0, "middle\" font-size=\"17", &options.title);
    text(&mut svg, WIDTH / 2.0, 44.0, "middle", &options.subtitle);
    legend(&mut svg);
    axis(&mut svg, range, TOP + LANE * lanes.len() as f64);
    for (lane, number) in lanes.iter().zip(0..) {
        draw_lane(&mut svg, lane, TOP + LANE * f64::from(number), range);
    }
    svg += "</svg>\n";
    Ok(svg)
}

fn draw_lane(svg: &mut String, lane: &Lane, top: f64, range: Range) {
    let middle = top + BAR / 2.0 + 4.0;
    text(svg, LEFT - 8.0, middle, "end", &lane.name);
    // A blocked span lies within a run, so it is drawn later.
    for (kind, what, colour) in [SPANS[2], SPANS[0], SPANS[1]] {
        let spans = lane.spans.iter().filter(|span| span.name == kind);
        for (from, to, count) in joined(spans, range) {
            let width = (to - from).max(0.3);
            let _ = writeln!(
                svg,
                "<rect x=\"{from:.1}\" y=\"{top}\" width=\"{width:.1}\" height=\"{BAR}\" \
                 fill=\"{colour}\"><title>{what}{}</title></rect>",
                if count > 1 { format!(" ({count} times)") } else { String::new() }
            );
        }
    }
    for (kind, what, colour) in MARKS {
        let (from, to) = if kind == "steal" { (-4.0, 2.0) } else { (BAR - 2.0, BAR + 4.0) };
        let mut last = f64::NEG_INFINITY;
        for mark in lane.marks.iter().filter(|mark| mark.name == kind) {
            let x = range.x(mark.at_us);
            if x - last < 1.0 {
                continue;
            }
            last = x;
            let (from, to) = (top + from, top + to);
            let _ = writeln!(
                svg,
                "<path d=\"M{x:.1} {from}V{to}\" stroke=\"{colour}\"><title>{what}</title></path>"
            );
        }
    }
    let share = 100.0 * busy_us(lane) / (range.end_us - range.begin_us);
    text(svg, WIDTH - RIGHT + 8.0, middle, "start", &format!("{share:.0}%"));
}

/// Time that a thread ran jobs, without the time that it was blocked in them.
fn busy_us(lane: &Lane) -> f64 {
    let sum = |kind: &str| -> f64 {
        let spans = lane.spans.iter().filter(|span| span.name == kind);
        spans.map(|span| span.end_us - span.begin_us).sum()
    };
    (sum("run") - sum("blocked")).max(0.0)
}

/// Spans in pixels, with neighbours joined that could not be distinguished, and the number of spans
/// in each.
fn joined<'a>(spans: impl Iterator<Item = &'a Span>, range: Range) -> Vec<(f64, f64, usize)> {
    let mut bars: Vec<(f64, f64, usize)> = Vec::new();
    for span in spans {
        let (from, to) = (range.x(span.begin_us), range.x(span.end_us));
        match bars.last_mut() {
            Some((_, end, count)) if from - *end < JOINED => {
                *end = end.max(to);
                *count += 1;
            }
            _ => bars.push((from, to, 1)),
        }
    }
    bars
}

fn legend(svg: &mut String) {
    let mut x = LEFT;
    for (_, what, colour) in SPANS.into_iter().chain(MARKS) {
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"56\" width=\"10\" height=\"10\" fill=\"{colour}\"/>"
        );
        text(svg, x + 15.0, 65.0, "start", what);
        x += 40.0 + 7.3 * what.len() as f64;
    }
    text(svg, WIDTH - RIGHT + 8.0, 65.0, "start", "busy");
}

/// Draws the axis: milliseconds since the beginning.
fn axis(svg: &mut String, range: Range, bottom: f64) {
    let length_us = range.end_us - range.begin_us;
    let step_us = nice(length_us / TICKS);
    let ticks = (length_us / step_us) as u32;
    for tick in 0..=ticks {
        let since_us = f64::from(tick) * step_us;
        let x = range.x(range.begin_us + since_us);
        let (from, to) = (TOP - 6.0, bottom - 4.0);
        let _ = writeln!(svg, "<path d=\"M{x:.1} {from}V{to}\" stroke=\"#eee\"/>");
        text(svg, x, bottom + 14.0, "middle", &format!("{}", since_us / 1000.0));
    }
    text(svg, WIDTH - RIGHT, bottom + 32.0, "end", "milliseconds");
}

/// The next larger of 1, 2, 5, 10 and so on.
fn nice(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= step);
    factor.unwrap_or(10.0) * power
}

/// Writes a text. `anchor` is put between quotes, so it may contain further attributes.
fn text(svg: &mut String, x: f64, y: f64, anchor: &str, text: &str) {
    let text = escaped(text);
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>");
}
