//! Two runs side by side.

use super::Summary;

/// One number of two runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Its name.
    pub name: String,
    /// In the first run, if it has it.
    pub a: Option<f64>,
    /// In the second.
    pub b: Option<f64>,
}

/// Returns the numbers of two runs that differ, or that only one of them has.
pub fn compare(a: &Summary, b: &Summary) -> Vec<Comparison> {
    let (a, b) = (a.by_name(), b.by_name());
    let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let pair = |name: &String| Comparison {
        name: name.clone(),
        a: a.get(name).copied(),
        b: b.get(name).copied(),
    };
    names.into_iter().map(pair).filter(|it| it.a != it.b).collect()
}
