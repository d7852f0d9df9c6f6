//! One plot as SVG: its axes with their units, and what stands in it.

use plotters::{
    chart::SeriesLabelPosition,
    coord::{Shift, types::RangedCoordf64},
    prelude::*,
};

/// The size of one plot, pixels.
const SIZE: (u32, u32) = (760, 320);
/// Points of one line that a plot shows at most, so that a page of many deliveries can still be opened.
const POINTS: usize = 4_000;
const COLOURS: [RGBColor; 3] =
    [RGBColor(38, 84, 124), RGBColor(214, 117, 27), RGBColor(96, 153, 102)];
/// The height of what stands at axes and in a legend, pixels.
const TEXT: u32 = 13;
/// How much higher a plot is than what stands in it.
const ROOM: f64 = 1.05;
const ROOM_FOR_LEGEND: f64 = 1.4;

/// Why a plot cannot be drawn.
#[derive(Debug, thiserror::Error)]
#[error("a plot cannot be drawn: {0}")]
pub struct PlotError(String);

/// What stands in a plot.
#[derive(Debug)]
pub(super) enum Shape {
    /// Points that belong together.
    Line(Vec<(f64, f64)>),
    /// Points that do not.
    Dots(Vec<(f64, f64)>),
    /// Bars from nought: where each begins and ends, and how high it is.
    Bars(Vec<(f64, f64, f64)>),
}

impl Shape {
    fn corners(&self) -> Vec<(f64, f64)> {
        match self {
            Self::Line(points) | Self::Dots(points) => points.clone(),
            Self::Bars(bars) => {
                bars.iter().flat_map(|(from, to, high)| [(*from, *high), (*to, *high)]).collect()
            }
        }
    }
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Draws shapes with their names; a legend tells them apart where there are several. `axes` says what
/// is counted to the right and upwards.
pub(super) fn draw(axes: (&str, &str), shapes: &[(String, Shape)]) -> Result<String, PlotError> {
    let mut svg = String::new();
    drawn(&mut svg, axes, shapes).map_err(|error| PlotError(error.to_string()))?;
    Ok(svg)
}

fn drawn(
    svg: &mut String,
    (below, beside): (&str, &str),
    shapes: &[(String, Shape)],
) -> Result<(), Box<dyn std::error::Error>> {
    let area: Area<'_> = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let corners: Vec<_> = shapes.iter().flat_map(|(_, shape)| shape.corners()).collect();
    let most = |of: fn(&(f64, f64)) -> f64| corners.iter().map(of).fold(1.0, f64::max);
    let least = corners.iter().map(|corner| corner.0).fold(f64::INFINITY, f64::min);
    let room = if shapes.len() > 1 { ROOM_FOR_LEGEND } else { ROOM };
    let (x, y) = (least.min(most(|p| p.0) - 1.0)..most(|p| p.0), 0.0..most(|p| p.1) * room);
    let mut chart = ChartBuilder::on(&area)
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(72)
        .build_cartesian_2d(x, y)?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .bold_line_style(BLACK.mix(0.12))
        .label_style(("sans-serif", TEXT))
        .axis_desc_style(("sans-serif", TEXT))
        .x_label_formatter(&|value| short(*value))
        .y_label_formatter(&|value| short(*value))
        .x_desc(below)
        .y_desc(beside)
        .draw()?;
    for ((name, shape), colour) in shapes.iter().zip(COLOURS.iter().cycle()) {
        put(&mut chart, name, shape, *colour)?;
    }
    if shapes.len() > 1 {
        chart
            .configure_series_labels()
            .label_font(("sans-serif", TEXT))
            .position(SeriesLabelPosition::UpperRight)
            .background_style(WHITE.mix(0.8))
            .border_style(BLACK.mix(0.2))
            .draw()?;
    }
    area.present()?;
    Ok(())
}

fn put(
    chart: &mut Chart<'_, '_>,
    name: &str,
    shape: &Shape,
    colour: RGBColor,
) -> Result<(), Box<dyn std::error::Error>> {
    let drawn = match shape {
        Shape::Line(points) => chart.draw_series(LineSeries::new(thinned(points), &colour))?,
        Shape::Dots(points) => {
            let dot = |point| Circle::new(point, 2, colour.mix(0.5).filled());
            chart.draw_series(thinned(points).into_iter().map(dot))?
        }
        Shape::Bars(bars) => {
            let bar = |(from, to, high): &(f64, f64, f64)| {
                Rectangle::new([(*from, 0.0), (*to, *high)], colour.mix(0.8).filled())
            };
            chart.draw_series(bars.iter().map(bar))?
        }
    };
    drawn
        .label(name)
        .legend(move |(x, y)| Rectangle::new([(x, y - 4), (x + 14, y + 4)], colour.filled()));
    Ok(())
}

/// Returns every so many of some points, the last among them.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let step = points.len().div_ceil(POINTS).max(1);
    let last = points.len().saturating_sub(1) % step;
    points.iter().skip(last).step_by(step).copied().collect()
}

/// Returns a number as it stands at an axis: with three digits or four, and thousands as a letter.
pub(super) fn short(value: f64) -> String {
    let (value, letter) = match value.abs() {
        size if size >= 1e9 => (value / 1e9, " G"),
        size if size >= 1e6 => (value / 1e6, " M"),
        size if size >= 1e4 => (value / 1e3, " k"),
        _ => (value, ""),
    };
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text}{letter}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_of_many_points_shows_some_of_them_and_the_last() {
        let points: Vec<(f64, f64)> = (0..10_000).map(|n| (f64::from(n), 1.0)).collect();
        let shown = thinned(&points);
        assert!(shown.len() <= POINTS && shown.len() > POINTS / 2, "{}", shown.len());
        assert_eq!((shown.last(), shown[0].0), (points.last(), 0.0));
        assert_eq!(thinned(&points[..POINTS]).len(), POINTS);
        assert!(thinned(&[]).is_empty());
    }

    #[test]
    fn numbers_at_axes_are_short() {
        let shown = [0.0, 0.5, 120.0, 9_000.0, 25_000.0, 1_500_000.0, 3e9].map(short);
        assert_eq!(shown, ["0", "0.5", "120", "9000", "25 k", "1.5 M", "3 G"]);
    }
}
