//! Proves and verifies beacons. The only file that speaks to the library of RFC 9381.
//!
//! The library reads keys and proofs more generously than the RFC (section 5.4.5 and 5.4.4 with
//! RFC 8032, 5.1.3): it reduces what it should refuse. Here every key and proof has one spelling.

use super::{Beacon, Input, Proof, SecretKey};
use crate::{codec::EncodeError, keys::BeaconKey};
use vrf_rfc9381::{
    Ciphersuite, Proof as _, Prover as _, Verifier as _,
    ec::edwards25519::{EdVrfProof, tai::EdVrfEdwards25519TaiPublicKey},
};

/// Why there is no beacon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BeaconError {
    /// The public key is no canonical point of the prime-order group.
    #[error("{0} is no key of the verifiable random function")]
    Key(BeaconKey),
    /// The proof is not the one spelling of a point and two scalars.
    #[error("the beacon's proof is malformed")]
    Malformed,
    /// The proof is not this key's for this input.
    #[error("the beacon's proof does not hold under {0}")]
    Proof(BeaconKey),
    /// The input falls on no point of the curve, which happens to one input in 2^256.
    #[error("the beacon's input falls on no point")]
    NoPoint,
    /// The input has no encoding.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// Returns the one beacon of `secret` for `input`, and its proof.
///
/// Errors: [`BeaconError::NoPoint`], which nobody will ever see, and [`BeaconError::Encode`].
pub fn prove(secret: &SecretKey, input: &Input) -> Result<(Beacon, Proof), BeaconError> {
    prove_alpha(secret, &input.alpha()?)
}

/// Returns the beacon that `proof` proves to be the one of `public` for `input`.
///
/// Errors: [`BeaconError::Key`] (the fault of who registered it), [`BeaconError::Malformed`] and
/// [`BeaconError::Proof`] (of who proposed).
pub fn verify(public: &BeaconKey, input: &Input, proof: &Proof) -> Result<Beacon, BeaconError> {
    verify_alpha(public, &input.alpha()?, proof)
}

impl Proof {
    /// Returns the beacon that this proof speaks of, proven by nothing: `proof_to_hash` of RFC 9381.
    ///
    /// For who goes on from a block and does not have the one before it, which [`verify`] needs.
    /// Errors: [`BeaconError::Malformed`].
    pub fn output(&self) -> Result<Beacon, BeaconError> {
        let beta = decode(self)?.proof_to_hash(Ciphersuite::ECVRF_EDWARDS25519_SHA512_TAI);
        Ok(Beacon(beta.map_err(|_| BeaconError::Malformed)?.into()))
    }
}

impl BeaconKey {
    /// Checks that a proof can hold under this key: the one spelling of a point of prime order.
    ///
    /// For where a key is registered; [`verify`] checks it again.
    /// Stricter than the RFC's key validation, which lets points of mixed order through.
    pub fn check(&self) -> Result<(), BeaconError> {
        let wrong = BeaconError::Key(*self);
        let key = ed25519_dalek::VerifyingKey::from_bytes(&self.0).map_err(|_| wrong)?;
        let point = key.to_edwards();
        if key.is_weak() || !point.is_torsion_free() || point.compress().to_bytes() != self.0 {
            return Err(wrong);
        }
        Ok(())
    }
}

pub(super) fn prove_alpha(
    secret: &SecretKey,
    alpha: &[u8],
) -> Result<(Beacon, Proof), BeaconError> {
    let prover = secret.prover().ok_or(BeaconError::NoPoint)?;
    let proved = prover.prove(alpha).map_err(|_| BeaconError::NoPoint)?;
    let bytes = proved.encode_to_pi().try_into().map_err(|_| BeaconError::Malformed)?;
    // Verifying what was just proved costs as much again and keeps a miscomputed proof at home.
    let proof = Proof(bytes);
    Ok((verify_alpha(&secret.public(), alpha, &proof)?, proof))
}

pub(super) fn verify_alpha(
    public: &BeaconKey,
    alpha: &[u8],
    proof: &Proof,
) -> Result<Beacon, BeaconError> {
    public.check()?;
    let verifier = EdVrfEdwards25519TaiPublicKey::from_slice(&public.0)
        .map_err(|_| BeaconError::Key(*public))?;
    let beta = verifier.verify(alpha, decode(proof)?).map_err(|_| BeaconError::Proof(*public))?;
    Ok(Beacon(beta.into()))
}

fn decode(proof: &Proof) -> Result<EdVrfProof, BeaconError> {
    let decoded = EdVrfProof::decode_pi(&proof.0).map_err(|_| BeaconError::Malformed)?;
    // A scalar over the group's order and a point spelled another way decode, but not to these bytes.
    if decoded.encode_to_pi() == proof.0 { Ok(decoded) } else { Err(BeaconError::Malformed) }
}
