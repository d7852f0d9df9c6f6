//! The one hash of Magpie: BLAKE3 over a domain string, a zero byte and a message.
//!
//! In: a [`Domain`] and bytes. Out: 32 bytes that mean nothing under another domain.

use crate::{
    codec::{EncodeError, Format, encode},
    domain::Domain,
};

/// Returns BLAKE3 of `domain || 0x00 || message`.
///
/// No domain is the prefix of another and none holds a zero byte, so two purposes never hash the
/// same input.
pub fn digest(domain: Domain, message: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(domain.as_str().as_bytes()).update(&[0]).update(message);
    *hasher.finalize().as_bytes()
}

/// Returns the [`digest`] of a value's one encoding, or why it has none.
pub fn digest_of<T: Format>(domain: Domain, value: &T) -> Result<[u8; 32], EncodeError> {
    Ok(digest(domain, &encode(value)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain;

    #[test]
    fn golden_digest_and_another_domain_gives_another() {
        crate::golden::check("digest", digest(domain::MESSAGE_ID, b"magpie").to_vec());
        assert_ne!(digest(domain::MESSAGE_ID, b"magpie"), digest(domain::ENVELOPE_ID, b"magpie"));
    }
}
