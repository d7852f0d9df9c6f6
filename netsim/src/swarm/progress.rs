//! How far a run is.

/// How far a run is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Seconds of the network that have passed.
    pub at: f64,
    /// Seconds of the network in all, where they are known before.
    pub of: Option<f64>,
    /// Deliveries so far.
    pub delivered: u64,
}
