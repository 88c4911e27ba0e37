//! Plots as SVG for a page: no fixed colours, only the classes that `report.css` knows, so
//! that they follow the page from light to dark.
//!
//! Every plot of a comparison exists twice, for wide and for narrow screens; the page shows
//! one of them. Scaling one picture down would leave texts that nobody can read.

mod canvas;
mod chart;
mod detection;
mod dots;
mod figure;
mod forest;
mod gate_blocks;
mod gate_forest;
mod history;
mod latency;
mod legend;
mod line;
mod lines;
mod marker;
mod paint;
mod scale;
mod standings;
mod strip;
mod ticked;

pub use canvas::PlotError;
pub use detection::detection;
pub use figure::Figure;
pub use forest::ForestAxis;
pub use gate_blocks::{blocks_sentence, gate_blocks};
pub use gate_forest::GateForest;
pub use history::{spark, trend};
pub use marker::key;
pub use standings::{
    Standing, StandingGroup, StandingRow, class as standing_class, standing_key, standings,
};
pub use strip::strip;

use crate::analysis::{ComparisonReport, Facet};
use canvas::Canvas;

/// A picture for wide and one for narrow screens.
#[derive(Debug, Clone)]
pub struct Plot {
    /// For windows from 700 pixels on.
    pub wide: String,
    /// For those below.
    pub narrow: String,
}

/// The plot of one facet: lines where x values are numbers, otherwise a dot plot.
///
/// # Errors
/// If the drawing library fails, which it does not on a string.
pub fn facet(compared: &ComparisonReport, facet: &Facet) -> Result<Plot, PlotError> {
    let draw = if compared.has_numeric_x() { lines::lines } else { dots::dots };
    let [wide, narrow] = [Canvas::WIDE, Canvas::NARROW].map(|canvas| draw(compared, facet, canvas));
    Ok(Plot { wide: wide?, narrow: narrow? })
}

/// Instructions an item where a comparison is about them, as a dot plot; otherwise `None`.
///
/// # Errors
/// As [`facet`].
pub fn counts(compared: &ComparisonReport) -> Result<Option<Plot>, PlotError> {
    let [wide, narrow] =
        [Canvas::WIDE, Canvas::NARROW].map(|canvas| dots::counts(compared, canvas));
    Ok(wide?.zip(narrow?).map(|(wide, narrow)| Plot { wide, narrow }))
}

/// Percentiles of latency by rate, one plot a percentile and place, each with its caption.
///
/// # Errors
/// As [`facet`].
pub fn latencies(compared: &ComparisonReport) -> Result<Vec<(String, Plot)>, PlotError> {
    let mut plots = Vec::new();
    for place in compared.rate_places() {
        for percentile in latency::PERCENTILES {
            let draw = |canvas| latency::plot(compared, &place, percentile, canvas);
            if let (Some(wide), Some(narrow)) = (draw(Canvas::WIDE)?, draw(Canvas::NARROW)?) {
                let caption = [percentile.to_owned(), place.label()];
                let caption = caption.into_iter().filter(|part| !part.is_empty());
                let caption = caption.collect::<Vec<_>>().join(", ");
                plots.push((caption, Plot { wide, narrow }));
            }
        }
    }
    Ok(plots)
}
