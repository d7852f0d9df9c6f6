//! Another device's Megolm session in one group.

use super::{
    OlmError,
    outbound::{config, id_of, pickled},
};
use magpie_protocol::ids::MegolmSession;
use std::fmt;
use vodozemac::megolm::{InboundGroupSession, MegolmMessage, SessionKey};
use zeroize::Zeroizing;

/// A shared session's length: version, index, ratchet, signing key, signature.
const SHARED_BYTES: usize = 1 + 4 + 128 + 32 + 64;

/// The session in which another device speaks, from the index at which it was shared.
///
/// A share proves who signs with the session's key, not whose device that is: the caller keeps the
/// device whose Olm session brought it, and reads the session's messages as that device's alone.
pub struct GroupInbound {
    id: MegolmSession,
    session: InboundGroupSession,
}

/// What a Megolm message said.
pub struct Decrypted {
    /// The message's plaintext.
    pub plaintext: Zeroizing<Vec<u8>>,
    /// The message's place in its session.
    pub index: u32,
}

impl fmt::Debug for Decrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decrypted({} bytes, index {})", self.plaintext.len(), self.index)
    }
}

impl GroupInbound {
    /// Returns the session that these bytes share.
    ///
    /// # Errors
    ///
    /// [`OlmError::Malformed`] if they are not what [`GroupOutbound::share`] makes, signed by the
    /// session's own key.
    ///
    /// [`GroupOutbound::share`]: super::GroupOutbound::share
    pub fn new(shared: &[u8]) -> Result<Self, OlmError> {
        // vodozemac takes more bytes than there are fields.
        if shared.len() != SHARED_BYTES {
            return Err(OlmError::Malformed);
        }
        let key = SessionKey::from_bytes(shared).map_err(|_| OlmError::Malformed)?;
        Ok(Self::of(InboundGroupSession::new(&key, config())))
    }

    fn of(session: InboundGroupSession) -> Self {
        Self { id: id_of(&session.session_id()), session }
    }

    /// Returns the session's id, equal at all ends.
    pub fn id(&self) -> MegolmSession {
        self.id
    }

    /// Returns the index of the first message that this share reads.
    pub fn first_index(&self) -> u32 {
        self.session.first_known_index()
    }

    /// Returns whether a message says to be of an index before the first that this share reads: a
    /// share that reaches further back would read it.
    pub fn is_before(&self, message: &[u8]) -> bool {
        let parsed = MegolmMessage::from_bytes(message);
        parsed.is_ok_and(|parsed| parsed.message_index() < self.first_index())
    }

    /// Decrypts a message of this session, at [`GroupInbound::first_index`] or later, in any order.
    ///
    /// It decrypts again as often as it comes: that one index is one message is for the caller to
    /// see, by the id of the message inside. Nothing that [`GroupInbound::pickle`] keeps changes,
    /// so a stored session is not stored again.
    ///
    /// # Errors
    ///
    /// [`OlmError::Malformed`] if the bytes are no Megolm message as vodozemac writes it;
    /// [`OlmError::Undecryptable`] if it is of another session, of an index before the first one,
    /// or not by the owner of the session's keys. The session reads on as before.
    pub fn decrypt(&mut self, message: &[u8]) -> Result<Decrypted, OlmError> {
        let parsed = MegolmMessage::from_bytes(message).map_err(|_| OlmError::Malformed)?;
        // The signature covers the fields, not the bytes: others could write one message anew.
        if parsed.to_bytes() != message {
            return Err(OlmError::Malformed);
        }
        let decrypted = self.session.decrypt(&parsed).map_err(|_| OlmError::Undecryptable)?;
        Ok(Decrypted {
            plaintext: Zeroizing::new(decrypted.plaintext),
            index: decrypted.message_index,
        })
    }

    /// Returns whichever of two shares of one session reaches further back.
    ///
    /// # Errors
    ///
    /// [`OlmError::Unconnected`] if the ratchet of one does not lead to that of the other: they are
    /// of two sessions, or of one that its owner forked. Both are dropped then, their pickles
    /// stay good.
    pub fn merge(mut self, mut other: Self) -> Result<Self, OlmError> {
        let session = self.session.merge(&mut other.session).ok_or(OlmError::Unconnected)?;
        Ok(Self { id: self.id, session })
    }

    /// Returns the bytes from which [`GroupInbound::unpickle`] makes the session again.
    pub fn pickle(&self) -> Zeroizing<Vec<u8>> {
        pickled(&self.session.pickle())
    }

    /// Returns the session that was pickled as these bytes.
    pub fn unpickle(bytes: &[u8]) -> Result<Self, OlmError> {
        let pickle = serde_json::from_slice(bytes).map_err(|_| OlmError::Pickle)?;
        Ok(Self::of(InboundGroupSession::from_pickle(pickle)))
    }
}

impl fmt::Debug for GroupInbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GroupInbound({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        GroupOutbound,
        outbound::tests::{MESSAGE, SHARE, stored},
    };
    use super::*;
    use proptest::prelude::*;

    /// How a device stores the golden share.
    fn golden_row() -> String {
        let ratchet: Vec<u8> = (0..128).collect();
        let signing = hex::decode(&SHARE[266..330]).unwrap();
        format!(
            r#"{{"initial_ratchet":{{"inner":{ratchet:?},"counter":5}},"signing_key":{signing:?},"signing_key_verified":true,"config":{{"version":"V1"}}}}"#
        )
        .replace(", ", ",")
    }

    fn read(session: &mut GroupInbound, message: &[u8]) -> (Vec<u8>, u32) {
        let decrypted = session.decrypt(message).unwrap();
        (decrypted.plaintext.to_vec(), decrypted.index)
    }

    fn refuses(session: &mut GroupInbound, message: &[u8]) -> bool {
        matches!(session.decrypt(message), Err(OlmError::Undecryptable))
    }

    #[test]
    fn a_shared_session_reads_every_message_in_any_order() {
        let mut alice = GroupOutbound::new();
        let mut bob = GroupInbound::new(&alice.share()).unwrap();
        assert_eq!((bob.id(), bob.first_index()), (alice.id(), 0));
        let messages = [&b""[..], b"one", &[7; 70_000]].map(|m| alice.encrypt(m));
        assert_eq!(read(&mut bob, &messages[2]), (vec![7; 70_000], 2));
        assert_eq!(read(&mut bob, &messages[0]), (vec![], 0));
        assert_eq!(read(&mut bob, &messages[1]), (b"one".to_vec(), 1));
    }

    #[test]
    fn one_who_joins_late_reads_from_the_share_on_and_nothing_before() {
        let mut alice = GroupOutbound::new();
        let before = alice.encrypt(b"before");
        let mut carol = GroupInbound::new(&alice.share()).unwrap();
        let after = alice.encrypt(b"after");
        assert_eq!(carol.first_index(), 1);
        assert!(refuses(&mut carol, &before));
        assert_eq!(read(&mut carol, &after), (b"after".to_vec(), 1));
        assert!(refuses(&mut carol, &before));
    }

    #[test]
    fn a_message_decrypts_again_and_the_stored_bytes_stay_equal() {
        let mut alice = GroupOutbound::new();
        let mut bob = GroupInbound::new(&alice.share()).unwrap();
        let stored = bob.pickle();
        let message = alice.encrypt(b"twice");
        assert_eq!(read(&mut bob, &message), read(&mut bob, &message));
        assert_eq!(bob.pickle(), stored);
    }

    #[test]
    fn another_sessions_message_does_not_decrypt() {
        let (mut alice, alices) = (GroupOutbound::new(), GroupOutbound::new());
        let mut bob = GroupInbound::new(&alices.share()).unwrap();
        assert!(refuses(&mut bob, &alice.encrypt(b"x")));
    }

    #[test]
    fn a_message_with_the_right_signature_and_the_wrong_ratchet_does_not_decrypt() {
        let shared = GroupOutbound::unpickle(&stored(5)).unwrap();
        let mut bob = GroupInbound::new(&shared.share()).unwrap();
        // Signed by the same key, but with the ratchet that belongs to index 5.
        for index in [6, 1_000, u32::MAX - 1] {
            let mut forked = GroupOutbound::unpickle(&stored(index)).unwrap();
            assert!(refuses(&mut bob, &forked.encrypt(b"x")), "{index}");
        }
        assert_eq!(read(&mut bob, &hex::decode(MESSAGE).unwrap()), (b"golden".to_vec(), 5));
    }

    #[test]
    fn a_share_at_the_last_index_reads_nothing_else() {
        let mut alice = GroupOutbound::unpickle(&stored(u32::MAX - 1)).unwrap();
        let before = alice.encrypt(b"before");
        let mut bob = GroupInbound::new(&alice.share()).unwrap();
        assert_eq!(bob.first_index(), u32::MAX);
        assert!(refuses(&mut bob, &before));
    }

    #[test]
    fn pickles_come_back_and_garbage_does_not() {
        let mut alice = GroupOutbound::new();
        alice.encrypt(b"before");
        let bob = GroupInbound::new(&alice.share()).unwrap();
        let mut again = GroupInbound::unpickle(&bob.pickle()).unwrap();
        assert_eq!((again.id(), again.first_index()), (alice.id(), 1));
        assert_eq!(read(&mut again, &alice.encrypt(b"after")), (b"after".to_vec(), 1));
        for bad in [&b""[..], b"{}", &alice.pickle(), &alice.share()] {
            assert!(matches!(GroupInbound::unpickle(bad), Err(OlmError::Pickle)));
        }
    }

    #[test]
    fn stored_bytes_of_the_golden_share_stay_as_they_are() {
        let bob = GroupInbound::new(&hex::decode(SHARE).unwrap()).unwrap();
        assert_eq!(std::str::from_utf8(&bob.pickle()).unwrap(), golden_row());
        let mut bob = GroupInbound::unpickle(golden_row().as_bytes()).unwrap();
        assert_eq!(read(&mut bob, &hex::decode(MESSAGE).unwrap()), (b"golden".to_vec(), 5));
    }

    #[test]
    fn merging_keeps_the_share_that_reaches_further_back() {
        let mut alice = GroupOutbound::new();
        let early = alice.share();
        let first = alice.encrypt(b"first");
        let late = alice.share();
        let second = alice.encrypt(b"second");
        for (one, other) in [(&early, &late), (&late, &early), (&early, &early)] {
            let mut used = GroupInbound::new(one).unwrap();
            read(&mut used, &second);
            let mut merged = used.merge(GroupInbound::new(other).unwrap()).unwrap();
            assert_eq!((merged.id(), merged.first_index()), (alice.id(), 0));
            assert_eq!(read(&mut merged, &first), (b"first".to_vec(), 0));
            assert_eq!(read(&mut merged, &second), (b"second".to_vec(), 1));
        }
    }

    #[test]
    fn different_sessions_do_not_merge_even_if_one_key_signs_both() {
        let share = |index| GroupOutbound::unpickle(&stored(index)).unwrap().share();
        let inbound = |share: &[u8]| GroupInbound::new(share).unwrap();
        let (one, forked, other) = (share(5), share(6), GroupOutbound::new().share());
        assert_eq!(inbound(&one).id(), inbound(&forked).id());
        for (a, b) in [(&one, &forked), (&forked, &one), (&one, &other)] {
            let refused = inbound(a).merge(inbound(b));
            assert!(matches!(refused, Err(OlmError::Unconnected)));
        }
    }

    #[test]
    fn a_key_that_anybody_can_sign_for_is_no_session() {
        let mut shared = hex::decode(SHARE).unwrap();
        // The neutral point as key and as the signature's R, and s = 0.
        shared[133..].fill(0);
        shared[133] = 1;
        shared[165] = 1;
        assert!(matches!(GroupInbound::new(&shared), Err(OlmError::Malformed)));
    }

    #[test]
    fn debug_shows_no_secret() {
        let mut bob = GroupInbound::new(&hex::decode(SHARE).unwrap()).unwrap();
        assert_eq!(format!("{bob:?}"), format!("GroupInbound({})", bob.id()));
        let decrypted = bob.decrypt(&hex::decode(MESSAGE).unwrap()).unwrap();
        assert_eq!(format!("{decrypted:?}"), "Decrypted(6 bytes, index 5)");
    }

    #[test]
    fn one_message_has_one_form() {
        let mut bob = GroupInbound::new(&hex::decode(SHARE).unwrap()).unwrap();
        let message = hex::decode(MESSAGE).unwrap();
        // An unknown field before the MAC leaves the signed fields as they are.
        let mut padded = message.clone();
        padded.splice(message.len() - 72..message.len() - 72, [0x18, 0x01]);
        assert_eq!(MegolmMessage::from_bytes(&padded).unwrap().to_bytes(), message);
        assert!(matches!(bob.decrypt(&padded), Err(OlmError::Malformed)));
    }

    proptest! {
        #[test]
        fn random_shares_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
            prop_assert!(matches!(GroupInbound::new(&bytes), Err(OlmError::Malformed)));
        }

        #[test]
        fn random_messages_are_refused(version in 0_u8..6, rest: Vec<u8>) {
            let mut bob = GroupInbound::new(&hex::decode(SHARE).unwrap()).unwrap();
            let bytes = [vec![version], rest].concat();
            prop_assert!(bob.decrypt(&bytes).is_err());
        }

        #[test]
        fn a_share_of_another_length_or_with_another_bit_is_refused(
            at: prop::sample::Index, bit in 0..8, more in prop::collection::vec(any::<u8>(), 1..80)
        ) {
            let share = hex::decode(SHARE).unwrap();
            let mut flipped = share.clone();
            *at.get_mut(&mut flipped) ^= 1_u8 << bit;
            let cut = share[..at.index(share.len())].to_vec();
            for bad in [flipped, cut, [share, more].concat()] {
                prop_assert!(matches!(GroupInbound::new(&bad), Err(OlmError::Malformed)));
            }
        }

        #[test]
        fn a_message_of_another_length_or_with_another_bit_is_refused_and_changes_nothing(
            at: prop::sample::Index, bit in 0..8, more in prop::collection::vec(any::<u8>(), 1..80)
        ) {
            let mut bob = GroupInbound::new(&hex::decode(SHARE).unwrap()).unwrap();
            let message = hex::decode(MESSAGE).unwrap();
            let mut flipped = message.clone();
            *at.get_mut(&mut flipped) ^= 1_u8 << bit;
            let cut = message[..at.index(message.len())].to_vec();
            for bad in [flipped, cut, [&message[..], &more].concat()] {
                prop_assert!(bob.decrypt(&bad).is_err());
            }
            prop_assert_eq!(read(&mut bob, &message), (b"golden".to_vec(), 5));
        }
    }
}
