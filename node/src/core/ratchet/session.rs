//! One Olm session with one other device.

use super::OlmError;
use std::fmt;
use vodozemac::olm;
use zeroize::Zeroizing;

/// One Olm message, as it travels inside an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OlmMessage {
    /// Whether it opens a session (a pre-key message).
    pub opens: bool,
    /// vodozemac's bytes.
    pub bytes: Vec<u8>,
}

/// The double ratchet between this device and one other.
pub struct Ratchet(pub(super) olm::Session);

impl Ratchet {
    /// Returns the session's id, equal at both ends.
    pub fn id(&self) -> String {
        self.0.session_id()
    }

    /// Returns whether the other end has answered in this session.
    pub fn is_answered(&self) -> bool {
        self.0.has_received_message()
    }

    /// Encrypts the session's next message.
    pub fn encrypt(&mut self, plaintext: &[u8]) -> Result<OlmMessage, OlmError> {
        let message = self.0.encrypt(plaintext).map_err(|_| OlmError::WeakKey)?;
        let (kind, bytes) = message.to_parts();
        Ok(OlmMessage { opens: kind == 0, bytes })
    }

    /// Decrypts a message of this session; on an error the session is as it was.
    pub fn decrypt(&mut self, message: &OlmMessage) -> Result<Vec<u8>, OlmError> {
        let kind = usize::from(!message.opens);
        let message =
            olm::OlmMessage::from_parts(kind, &message.bytes).map_err(|_| OlmError::Malformed)?;
        self.0.decrypt(&message).map_err(|_| OlmError::Undecryptable)
    }

    /// Returns the bytes from which [`Ratchet::unpickle`] makes the session again.
    pub fn pickle(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(serde_json::to_vec(&self.0.pickle()).expect("pickles are plain JSON"))
    }

    /// Returns the session that was pickled as these bytes.
    pub fn unpickle(bytes: &[u8]) -> Result<Self, OlmError> {
        let pickle = serde_json::from_slice(bytes).map_err(|_| OlmError::Pickle)?;
        Ok(Self(olm::Session::from_pickle(pickle)))
    }
}

impl fmt::Debug for Ratchet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ratchet({})", self.id())
    }
}
