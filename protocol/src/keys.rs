//! Public keys by their purpose, so that one is never taken for another.
//!
//! All are 32 bytes as their owner published them. An Ed25519 key is only checked where a
//! signature is ([`sign::verify`](crate::sign::verify)); a Curve25519 key where it is used.

crate::ids::ids! {
    /// The X25519 key to which mail for one device is sealed (page 2).
    SealKey;
    /// The Curve25519 identity key of a device's Olm account.
    OlmIdentityKey;
    /// The Ed25519 fingerprint key of a device's Olm account.
    OlmSigningKey;
    /// A Curve25519 one-time or fallback key of an Olm account.
    OlmSessionKey;
    /// The X25519 key of an account (`pubCurve`): it unwraps record keys after a restore.
    CurveKey;
    /// The Ed25519 key with which an account claims, accepts and declines in one term.
    ReceiveKey;
    /// The Ed25519 key with which a super node signs storage receipts.
    ReceiptsKey;
    /// The Ed25519 key with which a super node votes.
    ConsensusKey;
    /// The Ed25519 key that issued a network's first units.
    IssuerKey;
    /// The Ed25519 key that who knows a packet's word can derive (page 8).
    ClaimKey;
    /// The key with which a validator makes the beacon (RFC 9381).
    BeaconKey;
}
