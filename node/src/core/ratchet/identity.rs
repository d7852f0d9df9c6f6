//! One device's long-term Olm keys in one vault.

use super::{OlmError, OlmMessage, Ratchet};
use std::fmt;
use vodozemac::{
    Curve25519PublicKey,
    olm::{self, SessionConfig, SessionCreationError},
};
use zeroize::Zeroizing;

/// The Olm account: identity key, fallback keys, one-time keys.
pub struct Identity(olm::Account);

/// A session that a pre-key message opened, and what the message said.
pub struct Inbound {
    /// The new session.
    pub ratchet: Ratchet,
    /// The message's plaintext.
    pub plaintext: Vec<u8>,
}

impl fmt::Debug for Inbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inbound({:?}, {} bytes)", self.ratchet, self.plaintext.len())
    }
}

impl Identity {
    /// Makes a new identity with a first fallback key, and returns both.
    pub fn generate() -> (Self, [u8; 32]) {
        let mut identity = Self(olm::Account::new());
        let fallback = identity.rotate_fallback();
        (identity, fallback)
    }

    /// Returns the Curve25519 identity key.
    pub fn curve(&self) -> [u8; 32] {
        self.0.curve25519_key().to_bytes()
    }

    /// Returns the Ed25519 key of the identity.
    pub fn ed25519(&self) -> [u8; 32] {
        *self.0.ed25519_key().as_bytes()
    }

    /// Makes a new fallback key and returns it; the one before stays usable, older ones do not.
    pub fn rotate_fallback(&mut self) -> [u8; 32] {
        self.0.generate_fallback_key();
        let key = self.0.fallback_key().into_values().next();
        self.0.mark_keys_as_published();
        key.expect("a key was generated just now and is not yet published").to_bytes()
    }

    /// Makes a one-time key for one other device and returns it.
    pub fn one_time_key(&mut self) -> [u8; 32] {
        let made = self.0.generate_one_time_keys(1);
        self.0.mark_keys_as_published();
        made.created.first().expect("one key was asked for").to_bytes()
    }

    /// Opens a session to the device with this identity key, on its one-time or fallback key.
    pub fn open(&self, identity: [u8; 32], key: [u8; 32]) -> Result<Ratchet, OlmError> {
        let session = self.0.create_outbound_session(
            SessionConfig::version_1(),
            Curve25519PublicKey::from_bytes(identity),
            Curve25519PublicKey::from_bytes(key),
        );
        session.map(Ratchet).map_err(|_| OlmError::WeakKey)
    }

    /// Accepts the session that a pre-key message of the device with this identity key opens.
    ///
    /// Uses up the one-time key that the message names. On an error nothing changes.
    pub fn accept(
        &mut self,
        identity: [u8; 32],
        message: &OlmMessage,
    ) -> Result<Inbound, OlmError> {
        if !message.opens {
            return Err(OlmError::Malformed);
        }
        let message =
            olm::PreKeyMessage::from_bytes(&message.bytes).map_err(|_| OlmError::Malformed)?;
        let made = self
            .0
            .create_inbound_session(
                SessionConfig::version_1(),
                Curve25519PublicKey::from_bytes(identity),
                &message,
            )
            .map_err(|error| match error {
                SessionCreationError::MissingOneTimeKey(_) => OlmError::UnknownKey,
                SessionCreationError::MismatchedIdentityKey(..) => OlmError::WrongIdentity,
                SessionCreationError::MismatchedSessionConfig { .. } => OlmError::Malformed,
                SessionCreationError::Decryption(_) => OlmError::Undecryptable,
                SessionCreationError::NonContributoryKey => OlmError::WeakKey,
            })?;
        Ok(Inbound { ratchet: Ratchet(made.session), plaintext: made.plaintext })
    }

    /// Returns the id of the session that a pre-key message belongs to, if it is one.
    pub fn session_of(message: &OlmMessage) -> Option<String> {
        let message = message.opens.then(|| olm::PreKeyMessage::from_bytes(&message.bytes))?;
        message.ok().map(|m| m.session_id())
    }

    /// Returns the one-time or fallback key that a pre-key message uses, if it is one.
    pub fn key_of(message: &OlmMessage) -> Option<[u8; 32]> {
        let message = message.opens.then(|| olm::PreKeyMessage::from_bytes(&message.bytes))?;
        message.ok().map(|m| m.one_time_key().to_bytes())
    }

    /// Returns the bytes from which [`Identity::unpickle`] makes the identity again.
    pub fn pickle(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(serde_json::to_vec(&self.0.pickle()).expect("pickles are plain JSON"))
    }

    /// Returns the identity that was pickled as these bytes.
    pub fn unpickle(bytes: &[u8]) -> Result<Self, OlmError> {
        let pickle = serde_json::from_slice(bytes).map_err(|_| OlmError::Pickle)?;
        Ok(Self(olm::Account::from_pickle(pickle)))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.0.curve25519_key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (Identity, Ratchet, Identity, Ratchet) {
        let (alice, _) = Identity::generate();
        let (mut bob, fallback) = Identity::generate();
        let mut out = alice.open(bob.curve(), fallback).unwrap();
        let hello = out.encrypt(b"hello").unwrap();
        let inbound = bob.accept(alice.curve(), &hello).unwrap();
        assert_eq!(inbound.plaintext, b"hello");
        (alice, out, bob, inbound.ratchet)
    }

    #[test]
    fn a_first_message_to_the_fallback_key_opens_one_session_at_both_ends() {
        let (_, mut alice, _, mut bob) = pair();
        assert_eq!(alice.id(), bob.id());
        assert!(!alice.is_answered());
        let answer = bob.encrypt(b"hi").unwrap();
        assert!(!answer.opens);
        assert_eq!(alice.decrypt(&answer).unwrap(), b"hi");
        assert!(alice.is_answered());
    }

    #[test]
    fn one_message_decrypts_once_and_a_bad_one_changes_nothing() {
        let (_, mut alice, _, mut bob) = pair();
        let first = bob.encrypt(b"1").unwrap();
        let mut forged = first.clone();
        *forged.bytes.last_mut().unwrap() ^= 1;
        assert!(matches!(alice.decrypt(&forged), Err(OlmError::Undecryptable)));
        assert_eq!(alice.decrypt(&first).unwrap(), b"1");
        assert!(matches!(alice.decrypt(&first), Err(OlmError::Undecryptable)));
    }

    #[test]
    fn the_fallback_key_serves_until_the_second_rotation() {
        let (alice, _) = Identity::generate();
        let (mut bob, fallback) = Identity::generate();
        let message = || alice.open(bob.curve(), fallback).unwrap().encrypt(b"x").unwrap();
        let (first, second) = (message(), message());
        bob.rotate_fallback();
        assert!(bob.accept(alice.curve(), &first).is_ok());
        bob.rotate_fallback();
        let refused = bob.accept(alice.curve(), &second);
        assert!(matches!(refused, Err(OlmError::UnknownKey)));
    }

    #[test]
    fn a_one_time_key_serves_once() {
        let (alice, _) = Identity::generate();
        let (mut bob, _) = Identity::generate();
        let key = bob.one_time_key();
        let first = alice.open(bob.curve(), key).unwrap().encrypt(b"x").unwrap();
        let second = alice.open(bob.curve(), key).unwrap().encrypt(b"y").unwrap();
        assert!(bob.accept(alice.curve(), &first).is_ok());
        assert!(matches!(bob.accept(alice.curve(), &second), Err(OlmError::UnknownKey)));
    }

    #[test]
    fn another_identity_than_the_bundles_is_refused() {
        let (alice, _) = Identity::generate();
        let (mallory, _) = Identity::generate();
        let (mut bob, fallback) = Identity::generate();
        let message = mallory.open(bob.curve(), fallback).unwrap().encrypt(b"x").unwrap();
        let refused = bob.accept(alice.curve(), &message);
        assert!(matches!(refused, Err(OlmError::WrongIdentity)));
    }

    #[test]
    fn pickles_come_back_and_garbage_does_not() {
        let (alice, out, mut bob, inbound) = pair();
        let mut out = Ratchet::unpickle(&out.pickle()).unwrap();
        let mut inbound = Ratchet::unpickle(&inbound.pickle()).unwrap();
        assert_eq!(Identity::unpickle(&alice.pickle()).unwrap().curve(), alice.curve());
        let message = out.encrypt(b"again").unwrap();
        assert_eq!(inbound.decrypt(&message).unwrap(), b"again");
        bob = Identity::unpickle(&bob.pickle()).unwrap();
        bob.one_time_key();
        assert!(matches!(Ratchet::unpickle(b"{}"), Err(OlmError::Pickle)));
        assert!(matches!(Identity::unpickle(&[]), Err(OlmError::Pickle)));
    }

    proptest::proptest! {
        #[test]
        fn random_messages_never_panic(opens: bool, bytes: Vec<u8>) {
            let (mut bob, _) = Identity::generate();
            let message = OlmMessage { opens, bytes };
            let _ = Identity::session_of(&message);
            proptest::prop_assert!(bob.accept([7; 32], &message).is_err());
        }
    }
}
