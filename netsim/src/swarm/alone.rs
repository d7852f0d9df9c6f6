//! A thread and a runtime that one run has for itself.

use super::Platform;
use std::{any::Any, io, thread};

/// The stack of a run's thread, bytes: debug builds of whole nodes are deep.
const STACK: usize = 32 << 20;

/// A run panicked, which is a bug: of the simulator, or of the product.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("panicked: {0}")]
pub struct Panicked(pub String);

impl Panicked {
    fn new(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Self(text.unwrap_or_default())
    }
}

/// Makes a future on a thread of its own and runs it there to its end. All that it draws from the
/// system follows from the seed, where the platform can do that.
pub(super) fn alone<T, E, F>(
    platform: Platform,
    seed: u64,
    body: impl FnOnce() -> F + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<io::Error> + From<Panicked> + Send + 'static,
    F: Future<Output = Result<T, E>>,
{
    let named = thread::Builder::new().name(format!("seed {seed}")).stack_size(STACK);
    let thread = named.spawn(move || {
        (platform.seed_thread)(seed);
        let runtime = (platform.runtime)()?;
        // The run's first look at the clock has to be at the runtime's.
        runtime.block_on(Box::pin(async move { body().await }))
    })?;
    thread.join().unwrap_or_else(|panic| Err(Panicked::new(&*panic).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Eq, thiserror::Error)]
    enum Wrong {
        #[error("io")]
        Io,
        #[error(transparent)]
        Panicked(#[from] Panicked),
    }

    impl From<io::Error> for Wrong {
        fn from(_: io::Error) -> Self {
            Self::Io
        }
    }

    async fn planted() -> Result<u8, Wrong> {
        panic!("planted {}", 1)
    }

    #[test]
    fn a_run_that_panics_says_why() {
        assert_eq!(
            alone(Platform::real(), 1, planted),
            Err(Wrong::Panicked(Panicked("planted 1".into())))
        );
        assert_eq!(alone(Platform::real(), 1, || async { Ok::<u8, Wrong>(7) }), Ok(7));
    }
}
