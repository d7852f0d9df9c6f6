//! The page of a run: one file, without scripts and without anything from elsewhere.

use super::{Measured, Origin, Summary, drawing::PlotError, plots::plots};
use std::fmt::Write as _;

/// Lines of findings that the page shows.
const FINDINGS: usize = 30;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:820px;margin:2rem auto;\
    padding:0 1rem;color:#222}h1{margin-bottom:0}table{border-collapse:collapse;margin:1rem 0}\
    td,th{border-bottom:1px solid #ddd;padding:.2rem .8rem;text-align:left}\
    td:nth-child(2){text-align:right;font-variant-numeric:tabular-nums}.bad{color:#a11}\
    code{font-size:13px;overflow-wrap:anywhere}svg{max-width:100%;height:auto}";

/// Returns the page of a run.
pub(super) fn page(
    origin: &Origin<'_>,
    summary: &Summary,
    unmet: &[String],
    measured: &Measured,
) -> Result<String, PlotError> {
    let mut page = String::new();
    let name = escaped(&summary.scenario);
    let _ = write!(
        page,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{name}, seed {}</title>\
         <style>{STYLE}</style><h1>{name}</h1><p>{}</p>",
        summary.seed,
        escaped(&origin.scenario.about)
    );
    if origin.without_attack {
        page.push_str("<p>Its attackers were left out.</p>");
    }
    if let Some(bug) = origin.sabotage {
        let _ = write!(page, "<p>The bug {} was planted.</p>", escaped(bug));
    }
    if unmet.is_empty() {
        page.push_str("<p>Everything is as expected.</p>");
    }
    for what in unmet {
        let _ = write!(page, "<p class=\"bad\">{}</p>", escaped(what));
    }
    let _ = write!(
        page,
        "<table><tr><th>number<th>value<tr><td>seed<td>{}<tr><td>trace hash ({})<td><code>{}</code>",
        summary.seed,
        escaped(&summary.trace_covers),
        escaped(&summary.trace_hash)
    );
    for (name, value) in summary.by_name() {
        let _ = write!(page, "<tr><td>{}<td>{}", escaped(&name), rounded(value));
    }
    if let Some(bytes) = summary.peak_memory {
        let _ = write!(page, "<tr><td>peak memory, MiB<td>{}", bytes >> 20);
    }
    page.push_str("</table>");
    if !measured.findings.is_empty() {
        page.push_str("<h2>What was found</h2><table><tr><th>checker<th>ms<th>node<th>what");
        for it in measured.findings.iter().take(FINDINGS) {
            let (checker, node, what) = (it.checker, escaped(&it.node), escaped(&it.what));
            let _ = write!(page, "<tr><td>{checker}<td>{}<td>{node}<td>{what}", it.at_ms);
        }
        page.push_str("</table>");
    }
    for (title, svg) in plots(measured)? {
        let _ = write!(page, "<h2>{}</h2>{svg}", escaped(&title));
    }
    page.push_str("</html>\n");
    Ok(page)
}

/// Returns a number with three places at most; all of them stand in `summary.json`.
fn rounded(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Returns a text that HTML shows as it is.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
