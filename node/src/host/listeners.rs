//! Who listens for events, and the pages of those who come back.

use crate::{
    core::{Broken, Core, Missed},
    host::mailbox::{End, Event, Feed, Listener},
};
use magpie_storage::overlay::Overlay;
use rand_core::CryptoRng;
use tokio::sync::oneshot;

/// Listeners at once; the next one is refused.
pub(crate) const LISTENERS: usize = 64;

/// One wish to listen, kept until the group it came with is durable, so that no listener sees an
/// event before the disk has it.
#[derive(Debug)]
pub(crate) struct Wish {
    /// The last event seen.
    pub(crate) from: Option<u64>,
    /// Where the listener goes.
    pub(crate) reply: oneshot::Sender<Listener>,
}

/// The feeds that are up to date.
#[derive(Debug, Default)]
pub(crate) struct Listeners {
    live: Vec<Feed>,
    wishes: Vec<Wish>,
}

impl Listeners {
    /// Keeps a wish for the end of the group; dropping it refuses the listener.
    pub(crate) fn wish(&mut self, wish: Wish) {
        if self.wishes.len() + self.live.len() < LISTENERS {
            self.wishes.push(wish);
        }
    }

    /// Tells whether somebody wishes to listen.
    pub(crate) const fn is_wished(&self) -> bool {
        !self.wishes.is_empty()
    }

    /// Serves the wishes: what was missed, then, if that was all, everything that happens.
    pub(crate) fn admit(
        &mut self,
        core: &mut Core,
        store: &Overlay,
        now: u64,
        rng: &mut dyn CryptoRng,
    ) -> Result<(), Broken> {
        for Wish { from, reply } in std::mem::take(&mut self.wishes) {
            let (mut feed, listener) = Listener::new();
            let more = match from {
                None => None,
                Some(from) => {
                    catch_up(&mut feed, from, |from| core.missed(store, (now, rng), from))?
                }
            };
            if reply.send(listener).is_err() {
                continue;
            }
            match more {
                None => self.live.push(feed),
                Some(next) => feed.finish(End::More(next)),
            }
        }
        Ok(())
    }

    /// Hands the frames of one event to everybody; who does not keep up is cut off.
    pub(crate) fn push(&mut self, seq: u64, frames: &[String]) {
        for frame in frames {
            let text = std::sync::Arc::<str>::from(frame.as_str());
            self.live.retain_mut(|feed| feed.push(Event { seq, text: text.clone() }).is_ok());
        }
    }

    /// Ends every feed with this last frame.
    pub(crate) fn close(&mut self, frame: &str) {
        for feed in self.live.drain(..) {
            feed.finish(End::Closed(frame.to_owned()));
        }
    }

    /// Ends every feed because the node stops.
    pub(crate) fn stop(&mut self) {
        for feed in self.live.drain(..) {
            feed.finish(End::Stopped);
        }
    }
}

/// Fills a feed with what its listener missed. Returns where it has to go on listening if the feed
/// did not hold all of it.
fn catch_up(
    feed: &mut Feed,
    mut from: u64,
    mut missed: impl FnMut(u64) -> Result<Missed, Broken>,
) -> Result<Option<u64>, Broken> {
    loop {
        let Missed { frames, gap } = missed(from)?;
        if gap {
            let resync = Event::resync(from, "events after this one are no longer kept");
            if feed.push(resync).is_err() {
                return Ok(Some(from));
            }
        }
        let Some((last, _)) = frames.last() else { return Ok(None) };
        let last = *last;
        for (seq, texts) in frames {
            if feed.room() < texts.len() {
                return Ok(Some(from));
            }
            for text in texts {
                // The room was there; a listener that left needs no more pages either.
                let _ = feed.push(Event { seq, text: text.into() });
            }
            from = seq;
        }
        from = last;
    }
}
