//! The signed operation: the one thing a group is made of.
//!
//! In: bytes from a member. Out: a [`VerifiedOperation`], whose device signed it and whose key
//! parts and device lists are their accounts'. Whether the device is the author's, and the author
//! entitled, is for the fold to say, where the state is known.

use super::{
    action::{Action, NewMember},
    id::OperationId,
};
use crate::{
    address::Address,
    bounded::{Blob, List, TooMany},
    codec::{DecodeError, EncodeError, Format, decode, encode},
    digest::digest,
    domain::{GROUP_ID, KEY_PART, OPERATION as OPERATION_SIGNATURE, OPERATION_ID},
    ids::{DeviceId, GroupId},
    limits::{ACTION_BODY, OPERATION, OPERATION_PARENTS},
    record::{KeyPart, RecordError, VerifiedDeviceList},
    sign::{Signature, sign, verify},
};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An operation, unsigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// The group; nothing in the operation that makes it.
    pub group: Option<GroupId>,
    /// Who does it.
    pub author: Address,
    /// On which device.
    pub device: DeviceId,
    /// The heads that the author had seen, ascending; none in the first.
    pub parents: List<OperationId, OPERATION_PARENTS>,
    /// The author's own operation before this, on whichever device.
    pub previous: Option<OperationId>,
    /// One more than the greatest depth of the parents; 0 in the first.
    pub depth: u32,
    /// When, in milliseconds by the author's clock; shown, and counts for epochs alone.
    pub time_ms: u64,
    /// The action's number.
    pub number: u16,
    /// The action's body.
    pub body: Blob<ACTION_BODY>,
}

impl Format for Operation {
    const NAME: &'static str = "group operation";
    const VERSION: u8 = 1;
    const LIMIT: usize = OPERATION - 128;
}

/// Why an operation is refused, whatever the state. Always the fault of whoever made it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OperationError {
    /// The bytes, or the action in them, are malformed.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// It does not fit its format.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// It does not fit its format.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// A rule of its own shape is broken.
    #[error("group operation by {author}: {rule}")]
    Shape {
        /// The author.
        author: Address,
        /// The rule.
        rule: &'static str,
    },
    /// The device did not sign it.
    #[error("group operation by {author}: the signature of {device} does not hold")]
    Signature {
        /// The author.
        author: Address,
        /// The device.
        device: DeviceId,
    },
    /// A key part or device list in it is not to be believed.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl Operation {
    /// Sets number and body from an action, as an author does before [`sign`](Self::sign).
    pub fn with_action(mut self, action: &Action) -> Result<Self, OperationError> {
        let (number, body) = action.to_parts()?;
        self.number = number;
        self.body = Blob::new(body)?;
        Ok(self)
    }

    /// Signs the operation with the key of its device.
    pub fn sign(self, device: &SigningKey) -> Result<SignedOperation, EncodeError> {
        let signature = sign(OPERATION_SIGNATURE, device, &encode(&self)?);
        Ok(SignedOperation { operation: self, signature })
    }

    fn check_shape(&self, action: &Action) -> Result<(), OperationError> {
        let broken = |rule| Err(OperationError::Shape { author: self.author, rule });
        if let Action::Create(_) = action {
            let first = self.group.is_none()
                && self.parents.is_empty()
                && self.previous.is_none()
                && self.depth == 0;
            return if first { Ok(()) } else { broken("nothing is before a group's creation") };
        }
        if self.group.is_none() {
            return broken("all but the first name the group");
        }
        if self.parents.is_empty() || self.depth == 0 {
            return broken("all but the first have parents and a depth");
        }
        if !self.parents.windows(2).all(|pair| matches!(pair, [a, b] if a < b)) {
            return broken("parents ascend and differ");
        }
        if let Action::Adopt(adopt) = action {
            let ascend = |pair: &[OperationId]| matches!(pair, [a, b] if a < b);
            if !adopt.operations.windows(2).all(ascend) {
                return broken("adopted operations ascend and differ");
            }
        }
        Ok(())
    }
}

/// An operation and a signature that nobody has checked yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedOperation {
    /// What is signed.
    pub operation: Operation,
    /// By the device.
    pub signature: Signature,
}

impl Format for SignedOperation {
    const NAME: &'static str = "signed group operation";
    const VERSION: u8 = 1;
    const LIMIT: usize = OPERATION;
}

/// A person whose keys and devices their account signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProvenMember {
    pub(super) keys: KeyPart,
    pub(super) devices: Arc<VerifiedDeviceList>,
}

impl SignedOperation {
    /// Reads an operation; it is still unverified.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, OperationError> {
        Ok(decode(bytes)?)
    }

    /// Checks the shape, the device's signature, and every key part and device list inside.
    ///
    /// Costs one signature check, and at most three more for each person it brings.
    pub fn verify(self) -> Result<VerifiedOperation, OperationError> {
        let Operation { author, device, number, ref body, .. } = self.operation;
        let action = Action::from_parts(number, body)?;
        self.operation.check_shape(&action)?;
        let bytes = encode(&self.operation)?;
        verify(OPERATION_SIGNATURE, device.as_bytes(), &bytes, &self.signature)
            .map_err(|_| OperationError::Signature { author, device })?;
        let id = OperationId(digest(OPERATION_ID, &bytes));
        let group = self.operation.group.unwrap_or_else(|| GroupId(digest(GROUP_ID, &bytes)));
        let mut members = Vec::new();
        match &action {
            Action::Create(create) => members = prove(author, &create.members)?,
            Action::Add(add) => members = prove(author, &add.members)?,
            Action::NewDeviceList(new) => {
                let devices = Arc::new(new.list.clone().verify()?);
                return Ok(VerifiedOperation {
                    signed: self,
                    id,
                    group,
                    action,
                    members,
                    list: Some(devices),
                });
            }
            _ => {}
        }
        Ok(VerifiedOperation { signed: self, id, group, action, members, list: None })
    }
}

/// Checks the signatures of new members, who are to be different people.
fn prove(author: Address, members: &[NewMember]) -> Result<Vec<ProvenMember>, OperationError> {
    let mut accounts: Vec<_> = members.iter().map(|member| member.keys.keys.account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    if accounts.len() != members.len() || members.is_empty() {
        let rule = "new members are some, and differ";
        return Err(OperationError::Shape { author, rule });
    }
    members.iter().map(prove_one).collect()
}

fn prove_one(member: &NewMember) -> Result<ProvenMember, OperationError> {
    let keys = &member.keys;
    let account = keys.keys.account;
    let devices = member.devices.clone().verify()?;
    if devices.account() != account {
        return Err(RecordError::Account { expected: account, found: devices.account() }.into());
    }
    if keys.keys.term != devices.at().term {
        let (term, found) = (devices.at().term, keys.keys.term);
        return Err(RecordError::KeyTerm { account, term, found }.into());
    }
    verify(KEY_PART, account.as_bytes(), &encode(&keys.keys)?, &keys.signature)
        .map_err(|_| RecordError::Signature { account, part: "key part" })?;
    Ok(ProvenMember { keys: keys.keys.clone(), devices: Arc::new(devices) })
}

/// An operation that its device signed, with its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedOperation {
    signed: SignedOperation,
    id: OperationId,
    group: GroupId,
    action: Action,
    members: Vec<ProvenMember>,
    list: Option<Arc<VerifiedDeviceList>>,
}

impl VerifiedOperation {
    /// Returns the operation's id.
    pub const fn id(&self) -> OperationId {
        self.id
    }

    /// Returns the group, which the first operation gives its id.
    pub const fn group(&self) -> GroupId {
        self.group
    }

    /// Returns the operation.
    pub const fn operation(&self) -> &Operation {
        &self.signed.operation
    }

    /// Returns the operation as it travels.
    pub const fn signed(&self) -> &SignedOperation {
        &self.signed
    }

    /// Returns what it does.
    pub const fn action(&self) -> &Action {
        &self.action
    }

    /// Returns the people it brings, proven.
    pub(super) fn members(&self) -> &[ProvenMember] {
        &self.members
    }

    /// Returns the device list it brings, proven.
    pub(super) const fn list(&self) -> Option<&Arc<VerifiedDeviceList>> {
        self.list.as_ref()
    }
}
