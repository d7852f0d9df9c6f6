//! Our Megolm session in one group.

use super::OlmError;
use magpie_protocol::ids::MegolmSession;
use serde::Serialize;
use std::fmt;
use vodozemac::megolm::{GroupSession, SessionConfig};
use zeroize::Zeroizing;

/// Room for any Megolm pickle, so that writing one leaves no copy of its keys in freed memory.
const PICKLE_BYTES: usize = 2048;

/// The session in which this device speaks in one group.
///
/// When to replace it (by count, by age, after a removal) is the group's rule, not this type's.
pub struct GroupOutbound {
    id: MegolmSession,
    session: GroupSession,
}

impl GroupOutbound {
    /// Makes a new session, which nobody else can read yet.
    #[expect(clippy::new_without_default, reason = "a default is no place to draw secrets")]
    pub fn new() -> Self {
        Self::of(GroupSession::new(config()))
    }

    fn of(session: GroupSession) -> Self {
        Self { id: id_of(&session.session_id()), session }
    }

    /// Returns the session's id, equal at all ends.
    pub fn id(&self) -> MegolmSession {
        self.id
    }

    /// Returns how many messages were encrypted so far, which is the next message's index.
    pub fn index(&self) -> u32 {
        self.session.message_index()
    }

    /// Returns the session as [`GroupInbound::new`] reads it, from the next message on.
    ///
    /// Whoever has these bytes reads all that follows: they travel inside Olm messages alone.
    ///
    /// [`GroupInbound::new`]: super::GroupInbound::new
    pub fn share(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.session.session_key().to_bytes())
    }

    /// Encrypts the session's next message.
    pub fn encrypt(&mut self, plaintext: &[u8]) -> Vec<u8> {
        self.session.encrypt(plaintext).to_bytes()
    }

    /// Returns the bytes from which [`GroupOutbound::unpickle`] makes the session again.
    pub fn pickle(&self) -> Zeroizing<Vec<u8>> {
        pickled(&self.session.pickle())
    }

    /// Returns the session that was pickled as these bytes.
    pub fn unpickle(bytes: &[u8]) -> Result<Self, OlmError> {
        let pickle = serde_json::from_slice(bytes).map_err(|_| OlmError::Pickle)?;
        Ok(Self::of(GroupSession::from_pickle(pickle)))
    }
}

impl fmt::Debug for GroupOutbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GroupOutbound({})", self.id)
    }
}

/// Returns the configuration of every Megolm session: version 1, as for Olm.
///
/// Its MAC is 8 bytes, but each message is signed by the session's Ed25519 key as well.
pub(super) fn config() -> SessionConfig {
    SessionConfig::version_1()
}

/// Returns the id that vodozemac writes as this text.
pub(super) fn id_of(session_id: &str) -> MegolmSession {
    let key = vodozemac::base64_decode(session_id).ok().and_then(|key| key.try_into().ok());
    MegolmSession(key.expect("vodozemac's session id is an Ed25519 key in base64"))
}

/// Returns a Megolm pickle's bytes.
pub(super) fn pickled(pickle: &impl Serialize) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(PICKLE_BYTES));
    serde_json::to_writer(&mut *bytes, pickle).expect("pickles are plain JSON");
    bytes
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::GroupInbound;
    use super::*;

    /// What `stored(5)` shares, computed from Megolm's specification without vodozemac.
    pub(in super::super) const SHARE: &str = "\
        0200000005000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324\
        25262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e\
        4f505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778\
        797a7b7c7d7e7f0bbc346a57667c380120bd9c7fd7e51d2c5fdfea37cd2f5bf405b2c6bf6f2d782a4003\
        e96986e5de0ad64ec1339ba277d48fa5c77c4879e0077c032137ec6bf7d1f28a069f80959f4e7bffa866\
        339ca35d33f5f1182b017c9bb42eb907c04100";
    /// What `stored(5)` encrypts "golden" to, computed in the same way.
    pub(in super::super) const MESSAGE: &str = "\
        03080512102f3858f9d55e1bfff13d7a7b57544aeda0f7ab9ce5451e9b422d396e716b746eb140a8e68f\
        c2e1a03d0199485471a568fd6ddb3c6c94ef44adec3198cada5434b0a734699b018ac111aec560f6772d\
        f2e24ddc699d426801";

    /// A session's stored bytes, with chosen keys and this many messages sent.
    pub(in super::super) fn stored(index: u32) -> Vec<u8> {
        let ratchet: Vec<u8> = (0..128).collect();
        let signing: Vec<u8> = (100..132).collect();
        format!(
            r#"{{"ratchet":{{"inner":{ratchet:?},"counter":{index}}},"signing_key":{{"Normal":{signing:?}}},"config":{{"version":"V1"}}}}"#
        )
        .replace(", ", ",")
        .into_bytes()
    }

    #[test]
    fn stored_bytes_share_and_message_stay_as_they_are() {
        let mut session = GroupOutbound::unpickle(&stored(5)).unwrap();
        assert_eq!(*session.pickle(), stored(5));
        assert_eq!(hex::encode(session.share()), SHARE);
        assert_eq!(hex::encode(session.encrypt(b"golden")), MESSAGE);
        assert_eq!(hex::encode(session.id().as_bytes()), SHARE[266..330]);
    }

    #[test]
    fn each_message_moves_the_index_and_a_pickle_keeps_it() {
        let mut session = GroupOutbound::new();
        assert_eq!(session.index(), 0);
        let first = session.encrypt(b"same");
        assert_ne!(first, session.encrypt(b"same"));
        let again = GroupOutbound::unpickle(&session.pickle()).unwrap();
        assert_eq!((again.index(), again.id()), (2, session.id()));
        assert_eq!(again.share(), session.share());
    }

    #[test]
    fn two_sessions_have_nothing_in_common() {
        let (one, other) = (GroupOutbound::new(), GroupOutbound::new());
        assert_ne!(one.id(), other.id());
        assert_ne!(one.share(), other.share());
    }

    #[test]
    fn what_is_stored_is_read_or_refused() {
        let inbound = GroupInbound::new(&GroupOutbound::new().share()).unwrap();
        for bad in [&b""[..], b"{}", &stored(5)[1..], &inbound.pickle()] {
            assert!(matches!(GroupOutbound::unpickle(bad), Err(OlmError::Pickle)));
        }
    }

    #[test]
    fn the_longest_pickle_fits_the_room_for_it() {
        let longest = stored(u32::MAX);
        let session = GroupOutbound::unpickle(&longest).unwrap();
        let slack = (128 + 32) * "255,".len();
        assert!(longest.len() + slack < PICKLE_BYTES);
        assert_eq!(session.pickle().capacity(), PICKLE_BYTES);
    }

    #[test]
    fn debug_shows_the_id_alone() {
        let session = GroupOutbound::new();
        assert_eq!(format!("{session:?}"), format!("GroupOutbound({})", session.id()));
    }
}
