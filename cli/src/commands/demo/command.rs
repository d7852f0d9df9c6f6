//! The command: from the directory to the last line.

use super::{
    ending::Ending, narration::Narrator, network::Network, place::Place, story, tale::Tale,
    told::Told,
};
use crate::{context::Context, error::Error, log, runtime::runtime};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "The demo keeps everything in `demo` below the data directory and goes on from \
    there the next time. With --json each step is one line, and the last says whether all went well. \
    Ctrl-C ends it."
)]
pub(crate) struct Demo {
    /// End after the story instead of staying up
    #[arg(long)]
    once: bool,
    /// Start over: delete what an earlier demo made
    #[arg(long)]
    fresh: bool,
}

impl Demo {
    pub(crate) fn run(self, at: &Context) -> Result<(), Error> {
        log::start_quiet(at.output.has_color())?;
        let place = Place::open(&at.data_dir, self.fresh)?;
        let runtime = runtime()?;
        let ending = Ending::new(runtime.handle().clone());
        let narrator = Narrator::new(at.output);
        let ended = ending.catch_signals().and_then(|()| {
            let network = Network::open(&place, runtime.handle().clone())?;
            self.tell(Tale::new(network, narrator, ending))
        });
        runtime.shutdown_background();
        if ended.is_err() {
            // A story that fails says so on its last line, wherever it failed.
            narrator.last(false, &Told::default())?;
        }
        ended?
    }

    /// Tells the story, says the last line, and stays up where that is wished. The outer error is
    /// told by nobody yet, the inner one stands on the last line.
    fn tell(&self, mut tale: Tale) -> Result<Result<(), Error>, Error> {
        let told = story::tell(&mut tale);
        let end = Told::of(&tale);
        let told = told.and_then(|()| tale.check(end.counts)).map_err(failed);
        let narrator = tale.narrator;
        if told.is_err() || self.once {
            let stopped = tale.stop();
            let ended = told.and(stopped);
            narrator.last(ended.is_ok(), &end)?;
            return Ok(ended);
        }
        tale.show_nodes()?;
        narrator.last(true, &end)?;
        let stayed = tale.stay();
        let stopped = tale.stop();
        Ok(stayed.and(stopped))
    }
}

/// Returns what went wrong in a story as a failure of the demo, whatever it would mean of a command
/// that somebody gave. That nobody listens any more stays what it is.
fn failed(error: Error) -> Error {
    match error {
        Error::Stdout(_) => error,
        other => Error::Failed(other.to_string()),
    }
}
