//! Flame graphs as SVG, drawn by inferno.
//!
//! A picture is one file: it can be zoomed and searched in any browser, fetches nothing, and is
//! the same for the same stacks. Frames show a shortened name, and the whole one when the
//! pointer is over them; searches look at the whole one.

mod colour;
mod label;
mod standalone;

use crate::Folded;
use crate::xml::well_formed;
use colour::{GREY, WHITE};
use inferno::flamegraph::color::{BackgroundColor, StrokeColor};
use inferno::flamegraph::{self, TextTruncateDirection};
use label::Labels;

/// Texts around a flame graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Above the picture.
    pub title: String,
    /// Below the title.
    pub subtitle: Option<String>,
    /// Unit of the counts: "instructions", "samples".
    pub unit: String,
}

/// Scale of the comparison of two profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// Counts as they are: for counts of the same work, such as instructions of one iteration. If
    /// all became slower, all is red.
    Counts,
    /// Shares of the total: for samples, whose number depends on the duration of sampling. The
    /// counts before are scaled to the total after.
    Shares,
}

/// Reason why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing was counted.
    #[error("there is nothing to draw: no stack was counted")]
    Empty,
    /// Inferno failed.
    #[error("the flame graph cannot be drawn")]
    Draw(#[from] std::io::Error),
}

/// Draws a flame graph: the width of a frame is the count in it.
///
/// # Errors
///
/// Nothing was counted, or it cannot be drawn.
pub fn render(folded: &Folded, options: &Options) -> Result<String, Error> {
    if folded.is_empty() {
        return Err(Error::Empty);
    }
    let labels = Labels::new(folded.iter().map(|(stack, _)| stack));
    let lines = folded.iter().map(|(stack, count)| format!("{} {count}", labels.join(stack)));
    draw(lines.collect(), &labels, drawing(options))
}

/// Draws a differential flame graph: the width of a frame is the count after. Red frames grew in
/// themselves, blue ones shrank; a stronger colour is a larger change. Functions that vanished have
/// no width and cannot be seen: [`growth`](crate::growth) has them.
///
/// # Errors
///
/// Nothing was counted after, or it cannot be drawn.
pub fn render_difference(
    before: &Folded,
    after: &Folded,
    compare: Compare,
    options: &Options,
) -> Result<String, Error> {
    if after.is_empty() {
        return Err(Error::Empty);
    }
    let labels = Labels::new(after.iter().map(|(stack, _)| stack));
    let scale = match compare {
        Compare::Shares if !before.is_empty() => (after.total(), before.total()),
        _ => (1, 1),
    };
    let lines = after.iter().map(|(stack, count)| {
        format!("{} {} {count}", labels.join(stack), scaled(before.count(stack), scale))
    });
    let mut drawing = drawing(options);
    // Frames that did not change are nearly white: without an edge they could not be seen.
    drawing.stroke_color = StrokeColor::Color(GREY);
    draw(lines.collect(), &labels, drawing)
}

fn scaled(count: u64, (numerator, denominator): (u64, u64)) -> u64 {
    let (count, denominator) = (u128::from(count), u128::from(denominator));
    let scaled = (count * u128::from(numerator) + denominator / 2) / denominator;
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

fn drawing(options: &Options) -> flamegraph::Options<'static> {
    let mut drawing = flamegraph::Options::default();
    drawing.title.clone_from(&options.title);
    drawing.subtitle.clone_from(&options.subtitle);
    drawing.count_name.clone_from(&options.unit);
    drawing.bgcolors = Some(BackgroundColor::Flat(WHITE));
    drawing.font_type = "monospace".to_owned();
    // The beginning of a short name says more than its end.
    drawing.text_truncate_direction = TextTruncateDirection::Right;
    // Inferno sorts lines as text, where a stack can come between another one and those that go
    // on from it. A chart is drawn in the order that is given, from its end.
    drawing.flame_chart = true;
    drawing
}

fn draw(
    mut lines: Vec<String>,
    labels: &Labels,
    drawing: flamegraph::Options<'static>,
) -> Result<String, Error> {
    lines.reverse();
    let mut palette = colour::palette(labels);
    let mut drawing: flamegraph::Options<'_> = drawing;
    drawing.palette_map = Some(&mut palette);
    let mut svg = Vec::new();
    flamegraph::from_lines(&mut drawing, lines.iter().map(String::as_str), &mut svg)?;
    let svg = String::from_utf8(svg).map_err(std::io::Error::other)?;
    Ok(well_formed(&labels.put(&standalone::without_references(&svg))))
}

#[cfg(test)]
mod tests;
