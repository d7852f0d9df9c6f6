//! Plots as SVG, without fonts or scripts of others: what is drawn of a run, and in which plot.

use super::{
    Measured, Series,
    drawing::{PlotError, Shape, draw},
};

/// Bars of a distribution.
const BARS: u64 = 40;
/// More bars than this have no gaps, which would be seen as a pattern.
const BARS_WITH_GAPS: usize = 60;
/// The axis of most plots.
const TIME: &str = "seconds since the beginning";

/// Returns the plots of a run with their titles.
pub(super) fn plots(measured: &Measured) -> Result<Vec<(String, String)>, PlotError> {
    let mut all = Vec::new();
    let mut plot = |title: &str, axes: (&str, &str), shapes: &[(String, Shape)]| {
        draw(axes, shapes).map(|svg| all.push((title.to_owned(), svg)))
    };
    if !measured.latencies.is_empty() {
        let points = measured.latencies.iter().map(|(at, took)| (seconds(*at), *took as f64));
        let begun = "seconds since the beginning, when it was sent";
        plot("latency of each delivery", (begun, "ms"), &alone(Shape::Dots(points.collect())))?;
        plot("how many deliveries took how long", ("ms", "deliveries"), &alone(times(measured)))?;
        let shape = Shape::Line(deliveries(measured));
        plot("deliveries so far", (TIME, "deliveries"), &alone(shape))?;
    }
    for (title, group) in grouped(&measured.series) {
        let unit = group.first().map_or("", |(series, _)| series.unit.as_str());
        let lines = group.iter().map(|(series, name)| {
            let points = series.points.clone();
            let shape = if series.is_dotted { Shape::Dots(points) } else { Shape::Line(points) };
            ((*name).to_owned(), shape)
        });
        plot(title, (TIME, unit), &lines.collect::<Vec<_>>())?;
    }
    if !measured.sent.is_empty() {
        let most_first = ("nodes, who sent most first", "bytes");
        plot("bytes sent by each node", most_first, &sent(measured))?;
    }
    Ok(all)
}

/// A plot of one thing needs no name for it.
fn alone(shape: Shape) -> [(String, Shape); 1] {
    [(String::new(), shape)]
}

fn seconds(ms: u64) -> f64 {
    ms as f64 / 1_000.0
}

/// A plot's title, and what it shows with its name there.
type Group<'a> = (&'a str, Vec<(&'a Series, &'a str)>);

/// Puts numbers called `mesh, fewest` and `mesh, most` into one plot, if they are of one unit.
fn grouped(series: &[Series]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for series in series.iter().filter(|series| !series.points.is_empty()) {
        let (title, name) = series.name.split_once(", ").unwrap_or((&series.name, ""));
        let belongs = |(other, group): &&mut Group<'_>| {
            *other == title
                && group.iter().all(|(it, name)| it.unit == series.unit && !name.is_empty())
        };
        match groups.last_mut().filter(belongs) {
            Some((_, group)) if !name.is_empty() => group.push((series, name)),
            _ => groups.push((title, vec![(series, name)])),
        }
    }
    groups
}

/// Returns how many deliveries had taken place by each moment.
fn deliveries(measured: &Measured) -> Vec<(f64, f64)> {
    let mut ends: Vec<u64> = measured.latencies.iter().map(|(at, took)| at + took).collect();
    ends.sort_unstable();
    ends.into_iter().zip(1_u64..).map(|(end, count)| (seconds(end), count as f64)).collect()
}

fn times(measured: &Measured) -> Shape {
    let longest = measured.latencies.iter().map(|(_, took)| *took).max().unwrap_or(0);
    let width = longest / BARS + 1;
    let mut counts = vec![0_u64; usize::try_from(longest / width + 1).unwrap_or(1)];
    for (_, took) in &measured.latencies {
        counts[usize::try_from(took / width).unwrap_or(0)] += 1;
    }
    let bar = |(bar, count): (usize, &u64)| {
        let (from, to) = (bar as u64 * width, (bar as u64 + 1) * width);
        (from as f64, to as f64, *count as f64)
    };
    Shape::Bars(counts.iter().enumerate().map(bar).collect())
}

/// Returns what each node sent, super nodes by a colour of their own.
fn sent(measured: &Measured) -> Vec<(String, Shape)> {
    let mut all: Vec<(bool, u64)> =
        measured.sent.iter().map(|(name, bytes)| (name.starts_with("super-"), *bytes)).collect();
    all.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    let gap = if all.len() > BARS_WITH_GAPS { 0.0 } else { 0.1 };
    let of = |supers: bool| {
        let places = all.iter().enumerate().filter(move |(_, (is_super, _))| *is_super == supers);
        let bar = |(at, (_, bytes)): (usize, &(bool, u64))| {
            (at as f64 + gap, at as f64 + 1.0 - gap, *bytes as f64)
        };
        Shape::Bars(places.map(bar).collect())
    };
    if all.iter().any(|(is_super, _)| *is_super) {
        vec![("people".to_owned(), of(false)), ("super nodes".to_owned(), of(true))]
    } else {
        alone(of(false)).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn series(name: &str, unit: &str) -> Series {
        Series {
            name: name.to_owned(),
            unit: unit.to_owned(),
            points: vec![(0.0, 1.0)],
            is_dotted: false,
        }
    }

    #[test]
    fn numbers_of_one_thing_share_a_plot() {
        let mut all = [
            series("mesh, fewest", "peers"),
            series("mesh, most", "peers"),
            series("mesh, weight", "kg"),
            series("nodes", "nodes"),
            series("none", "nodes"),
        ];
        all[4].points.clear();
        let told: Vec<_> = grouped(&all)
            .into_iter()
            .map(|(title, group)| (title, group.into_iter().map(|(_, name)| name).collect()))
            .collect::<Vec<(&str, Vec<&str>)>>();
        let nodes = ("nodes", vec![""]);
        assert_eq!(told, [("mesh", vec!["fewest", "most"]), ("mesh", vec!["weight"]), nodes]);
    }

    #[test]
    fn every_plot_names_what_its_axes_count() {
        let measured = Measured {
            latencies: vec![(0, 10), (500, 30)],
            series: vec![series("mesh, fewest", "peers"), series("mesh, most", "peers")],
            sent: BTreeMap::from([("super-0".to_owned(), 5), ("person-0".to_owned(), 9)]),
            ..Measured::default()
        };
        let all = plots(&measured).unwrap();
        let axes = ["ms", "deliveries", "deliveries", "peers", "bytes"];
        assert_eq!(all.len(), axes.len());
        for ((title, svg), axis) in all.iter().zip(axes) {
            assert!(svg.contains(axis), "{title}: {svg}");
            let below = ["seconds since", "\nms\n", "nodes, who sent most first"];
            assert!(below.iter().any(|it| svg.contains(it)), "{title}: {svg}");
        }
        assert!(all[3].1.contains("fewest") && all[4].1.contains("super nodes"));
    }
}
