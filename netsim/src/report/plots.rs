//! Plots as SVG, without fonts or scripts of others.

use super::Measured;
use plotters::{coord::Shift, prelude::*};

/// The size of one plot, pixels.
const SIZE: (u32, u32) = (760, 300);
/// Bars of a distribution.
const BARS: u64 = 40;
/// Points that one plot shows at most, so that a page of many deliveries can still be opened.
const POINTS: usize = 4_000;
const INK: RGBColor = RGBColor(38, 84, 124);

/// Why a plot cannot be drawn.
#[derive(Debug, thiserror::Error)]
#[error("a plot cannot be drawn: {0}")]
pub struct PlotError(String);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Returns the plots of a run with their titles.
pub(super) fn plots(measured: &Measured) -> Result<Vec<(String, String)>, PlotError> {
    let mut all = Vec::new();
    if !measured.latencies.is_empty() {
        let points: Vec<_> =
            measured.latencies.iter().map(|(at, took)| (ms(*at), *took as f64)).collect();
        all.push(("latency over time (ms, by second of the call)".to_owned(), dots(&points)?));
        all.push((
            "latency as distribution (deliveries, by ms)".to_owned(),
            distribution(measured)?,
        ));
        all.push(("deliveries over time (all so far)".to_owned(), line(&deliveries(measured))?));
    }
    for series in &measured.series {
        if !series.points.is_empty() {
            let title = format!("{} ({})", series.name, series.unit);
            all.push((title, line(&series.points)?));
        }
    }
    if !measured.sent.is_empty() {
        let bytes: Vec<u64> = measured.sent.values().copied().collect();
        all.push(("bytes sent by each node (super nodes last)".to_owned(), bars(&bytes)?));
    }
    Ok(all)
}

fn ms(of: u64) -> f64 {
    of as f64 / 1_000.0
}

/// Returns how many deliveries had taken place by each moment.
fn deliveries(measured: &Measured) -> Vec<(f64, f64)> {
    let mut ends: Vec<u64> = measured.latencies.iter().map(|(at, took)| at + took).collect();
    ends.sort_unstable();
    ends.into_iter().zip(1_u64..).map(|(end, count)| (ms(end), count as f64)).collect()
}

fn distribution(measured: &Measured) -> Result<String, PlotError> {
    let longest = measured.latencies.iter().map(|(_, took)| *took).max().unwrap_or(0);
    let width = longest / BARS + 1;
    let mut counts = vec![0_u64; usize::try_from(longest / width + 1).unwrap_or(1)];
    for (_, took) in &measured.latencies {
        counts[usize::try_from(took / width).unwrap_or(0)] += 1;
    }
    let steps = counts.iter().enumerate().flat_map(|(bar, count)| {
        let (from, to) = (bar as u64 * width, (bar as u64 + 1) * width);
        [(from as f64, *count as f64), (to as f64, *count as f64)]
    });
    line(&steps.collect::<Vec<_>>())
}

fn bars(values: &[u64]) -> Result<String, PlotError> {
    let steps = values.iter().enumerate().flat_map(|(bar, value)| {
        let (from, to) = (bar as f64 + 0.1, bar as f64 + 0.9);
        [(from, 0.0), (from, *value as f64), (to, *value as f64), (to, 0.0)]
    });
    whole_line(&steps.collect::<Vec<_>>())
}

/// Returns every so many of some points, the last among them.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let step = points.len().div_ceil(POINTS).max(1);
    let last = points.len().saturating_sub(1) % step;
    points.iter().skip(last).step_by(step).copied().collect()
}

fn line(points: &[(f64, f64)]) -> Result<String, PlotError> {
    whole_line(&thinned(points))
}

fn whole_line(points: &[(f64, f64)]) -> Result<String, PlotError> {
    plot(points, |points, chart| {
        chart.draw_series(LineSeries::new(points.iter().copied(), &INK)).map(|_| ())
    })
}

fn dots(points: &[(f64, f64)]) -> Result<String, PlotError> {
    plot(&thinned(points), |points, chart| {
        let dot = |point: &(f64, f64)| Circle::new(*point, 2, INK.mix(0.5).filled());
        chart.draw_series(points.iter().map(dot)).map(|_| ())
    })
}

type Chart<'a, 'b> = ChartContext<
    'a,
    SVGBackend<'b>,
    Cartesian2d<plotters::coord::types::RangedCoordf64, plotters::coord::types::RangedCoordf64>,
>;
type Drawn = Result<(), plotters::drawing::DrawingAreaErrorKind<std::io::Error>>;

fn plot(
    points: &[(f64, f64)],
    draw: impl Fn(&[(f64, f64)], &mut Chart<'_, '_>) -> Drawn,
) -> Result<String, PlotError> {
    let wrong = |error: &dyn std::fmt::Display| PlotError(error.to_string());
    let mut svg = String::new();
    {
        let area: Area<'_> = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        area.fill(&WHITE).map_err(|error| wrong(&error))?;
        let most = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).fold(1.0, f64::max);
        let least = points.iter().map(|point| point.0).fold(f64::INFINITY, f64::min);
        let (x, y) = (least.min(most(|p| p.0) - 1.0)..most(|p| p.0), 0.0..most(|p| p.1) * 1.05);
        let mut chart = ChartBuilder::on(&area)
            .margin(12)
            .x_label_area_size(28)
            .y_label_area_size(72)
            .build_cartesian_2d(x, y)
            .map_err(|error| wrong(&error))?;
        chart.configure_mesh().light_line_style(WHITE).draw().map_err(|error| wrong(&error))?;
        draw(points, &mut chart).map_err(|error| wrong(&error))?;
        area.present().map_err(|error| wrong(&error))?;
    }
    Ok(svg)
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
}
