//! What members of a group tell each other's devices inside a session.

use crate::{
    bounded::{Blob, List},
    group::{EpochKey, EpochSecret},
    ids::{GroupId, MegolmSession},
    limits::{EPOCHS_LISTENED, MEGOLM_KEY, OPERATION, OPERATIONS_SENT, SESSIONS_WANTED},
};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Operations of a group, for who is to be a member and does not have them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupOperations {
    /// The group.
    pub group: GroupId,
    /// Signed operations as they travel, parents first.
    pub operations: List<Blob<OPERATION>, OPERATIONS_SENT>,
}

/// The secrets of a group's epochs, for a member who is to read and sign their frames.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSecrets {
    /// The group.
    pub group: GroupId,
    /// The secrets.
    pub secrets: List<EpochSecret, EPOCHS_LISTENED>,
}

/// A Megolm session key as it is exported: who has it reads all that follows in its session.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MegolmKey(Blob<MEGOLM_KEY>);

impl MegolmKey {
    /// Returns the key of these bytes; nothing if they are too many.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        Blob::new(bytes.to_vec()).ok().map(Self)
    }

    /// Returns the bytes.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for MegolmKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MegolmKey(..)")
    }
}

impl Drop for MegolmKey {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.0).into_vec();
        bytes.zeroize();
    }
}

impl ZeroizeOnDrop for MegolmKey {}

/// The sender's Megolm session in a group, from its current index on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSession {
    /// The group.
    pub group: GroupId,
    /// The session's key.
    pub key: MegolmKey,
}

/// What the sender lacks to read a group: who has it answers, if the sender is a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupWanted {
    /// The group.
    pub group: GroupId,
    /// Epochs whose secret it lacks.
    pub epochs: List<EpochKey, EPOCHS_LISTENED>,
    /// Sessions of the receiver whose key it lacks.
    pub sessions: List<MegolmSession, SESSIONS_WANTED>,
}
