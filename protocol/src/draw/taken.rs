//! Which slots of a packet were drawn already.

use super::DrawError;
use crate::{bounded::Blob, codec::Format, limits::PACKET_SHARES};
use serde::{Deserialize, Serialize};

/// The bytes of the slots of the largest packet, one bit a slot.
const BYTES: usize = PACKET_SHARES.div_ceil(8) as usize;

/// The slots that were drawn: bit k of byte i, counted from the lowest, is slot 8 i + k.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Taken(Blob<BYTES>);

impl Format for Taken {
    const NAME: &'static str = "taken slots";
    const VERSION: u8 = 1;
    const LIMIT: usize = 1 + 9 + BYTES;
}

impl Taken {
    /// Returns the slots of a packet of `count` shares of which none was drawn.
    ///
    /// Errors: [`DrawError::Count`].
    pub fn none(count: u32) -> Result<Self, DrawError> {
        if !(1..=PACKET_SHARES).contains(&count) {
            return Err(DrawError::Count(count));
        }
        let bytes = vec![0; count.div_ceil(8) as usize];
        Blob::new(bytes).map(Self).map_err(|_| DrawError::Count(count))
    }

    /// Returns the slots, of `count`, that were not drawn, lowest first.
    ///
    /// Errors: [`DrawError::Taken`] if these are no slots of so many shares.
    pub fn left(&self, count: u32) -> Result<Vec<u32>, DrawError> {
        let len = u32::try_from(self.0.len()).map_err(|_| DrawError::Taken(count))?;
        let has =
            |slot: u32| self.0.get(slot as usize / 8).is_some_and(|b| b >> (slot % 8) & 1 == 1);
        if len != count.div_ceil(8) || (count..len * 8).any(has) {
            return Err(DrawError::Taken(count));
        }
        Ok((0..count).filter(|slot| !has(*slot)).collect())
    }

    /// Returns these slots and `slots` together.
    pub(super) fn and(&self, slots: impl Iterator<Item = u32>) -> Self {
        let mut bytes = self.0.to_vec();
        for slot in slots {
            if let Some(byte) = bytes.get_mut(slot as usize / 8) {
                *byte |= 1 << (slot % 8);
            }
        }
        Self(Blob::new(bytes).expect("as many bytes as before"))
    }
}
