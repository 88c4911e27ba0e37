//! The canvas of plots: sizes, text styles, and the conversion of plotters' SVG for the page.

use super::paint::{self, Paint};
use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// The drawing library failed.
pub type PlotError = DrawingAreaErrorKind<std::io::Error>;

/// The area that plots are drawn on.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// The size of a plot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Canvas {
    pub(super) width_px: u32,
    pub(super) class: &'static str,
    pub(super) is_narrow: bool,
}

impl Canvas {
    pub(super) const WIDE: Self = Self { width_px: 620, class: "plot wide", is_narrow: false };
    pub(super) const NARROW: Self = Self { width_px: 340, class: "plot narrow", is_narrow: true };

    /// Draws on a canvas of this height; `label` is for screen readers.
    pub(super) fn draw(
        self,
        height_px: u32,
        label: &str,
        draw: impl FnOnce(&Area) -> Result<(), PlotError>,
    ) -> Result<String, PlotError> {
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, (self.width_px, height_px));
            let area = area.into_drawing_area();
            draw(&area)?;
            area.present()?;
        }
        let body = svg.split_once('>').map_or("", |(_, body)| body);
        Ok(format!(
            "<svg class=\"{}\" role=\"img\" aria-label=\"{}\" width=\"{width}\" \
             height=\"{height_px}\" viewBox=\"0 0 {width} {height_px}\">{}",
            self.class,
            escaped(label),
            paint::with_classes(body),
            width = self.width_px,
        ))
    }
}

/// Text for an attribute in double quotes or for an element.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Size of texts in pixels.
const TEXT_PX: f64 = 12.5;

/// Size for plotters that yields texts of [`TEXT_PX`].
const PLOTTERS_TEXT: f64 = TEXT_PX * 1.24;

/// A text style whose anchor is at `h` and in the middle of its height.
pub(super) fn text(paint: Paint, h: HPos) -> TextStyle<'static> {
    let style = ("sans-serif", PLOTTERS_TEXT).into_font().color(&paint.colour());
    style.pos(Pos::new(h, VPos::Center))
}

/// Text style of axes; plotters places their texts.
pub(super) fn axis_text(paint: Paint) -> TextStyle<'static> {
    ("sans-serif", PLOTTERS_TEXT).into_font().color(&paint.colour())
}

/// Approximate width of a text: there is no font, and 0.56 em is a wide average of sans-serif.
pub(super) fn text_width_px(text: &str) -> u32 {
    (text.chars().count() as f64 * TEXT_PX * 0.56).ceil() as u32
}

/// A text cut to about `width_px`, with an ellipsis if it is too long.
pub(super) fn fitted(text: &str, width_px: u32) -> String {
    if text_width_px(text) <= width_px {
        return text.to_owned();
    }
    let fitting = (f64::from(width_px) / (TEXT_PX * 0.56)) as usize;
    let kept: String = text.chars().take(fitting.saturating_sub(1)).collect();
    kept + "…"
}
