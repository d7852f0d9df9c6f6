//! What a run is told as: numbers, lines, plots and one page that is read without a network.
//!
//! In: a [`Measured`] of either level. Out: the files of a folder ([`write`]): `manifest.json`,
//! `summary.json`, `events.jsonl`, `metrics.csv`, `report.html`.

mod compare;
mod drawing;
mod expect;
mod files;
mod measured;
mod memory;
mod page;
mod plots;
mod quantiles;
mod summary;
mod sweep;

pub use compare::{Comparison, compare};
pub use expect::unmet;
pub use files::{Origin, ReportError, read_summary, write};
pub use measured::{Line, Measured, Series};
pub use memory::{peak_bytes, resident_bytes};
pub use quantiles::Quantiles;
pub use summary::Summary;
pub use sweep::{Interval, Sweep};

#[cfg(test)]
mod tests;
