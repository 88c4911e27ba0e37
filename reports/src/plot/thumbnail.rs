//! A comparison at a glance: its first facet without axes. The page says the rest beside it.

use super::figure;
use super::paint::COLOURS;
use super::scale::ValueScale;
use crate::analysis::Group;
use std::fmt::Write;

const WIDTH_PX: f64 = 132.0;
const HEIGHT_PX: f64 = 60.0;
const PAD_PX: f64 = 6.0;

/// Lines along x; or a dot for each alternative, the best at the top.
pub fn thumbnail(group: &Group) -> String {
    let display = figure::display(group);
    let all = group.workloads.iter().map(|workload| figure::of(workload, display).value);
    let scale = ValueScale::new(all, 5);
    let share = |value: f64| (scale.at(value) - scale.low) / (scale.high - scale.low);
    let mut svg = format!(
        "<svg class=\"thumb\" aria-hidden=\"true\" width=\"{WIDTH_PX}\" height=\"{HEIGHT_PX}\" \
         viewBox=\"0 0 {WIDTH_PX} {HEIGHT_PX}\">"
    );
    let Some(facet) = group.facets.first() else { return svg + "</svg>" };
    let (wide, high) = (WIDTH_PX - 2.0 * PAD_PX, HEIGHT_PX - 2.0 * PAD_PX);
    let is_line = group.has_numeric_x();
    let positions = if is_line { facet.positions.len() } else { facet.positions.len().min(1) };
    // Peers first, so that what is the runtime's own lies above.
    let series = || (0..group.series.len()).rev();
    for n in series() {
        let mut path = String::new();
        for (column, position) in facet.positions[..positions].iter().enumerate() {
            let of_series = |at: &&usize| group.series_index(&group.workloads[**at]) == n;
            let Some(rank) = position.ranking.iter().position(|at| of_series(&at)) else {
                continue;
            };
            let value = figure::of(&group.workloads[position.ranking[rank]], display).value;
            let ranks = position.ranking.len();
            let (x, y) = match is_line {
                true => (column as f64 / (positions - 1).max(1) as f64, 1.0 - share(value)),
                false => (share(value), (rank as f64 + 0.5) / ranks as f64),
            };
            let step = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{step}{:.0} {:.0}", PAD_PX + x * wide, PAD_PX + y * high);
        }
        let (colour, peer) = (n % COLOURS, if group.series[n].peer { " d" } else { "" });
        let class = if is_line && path.contains('L') { "line" } else { "dot" };
        let end = if class == "dot" { "h0" } else { "" };
        let dash = if class == "dot" { "" } else { peer };
        let _ = write!(svg, "<path class=\"{class} k{colour}{dash}\" d=\"{path}{end}\"/>");
    }
    svg + "</svg>"
}
