//! The names of what belongs to a group; the group's own is [`GroupId`](crate::ids::GroupId).

crate::ids::ids! {
    /// An operation: BLAKE3 of what its author signed.
    OperationId;
    /// The state that a set of operations folds to: BLAKE3 of its canonical bytes.
    StateHash;
    /// An epoch: the Ed25519 public key that its secret gives.
    EpochKey;
    /// Where an epoch's frames are gossiped: BLAKE3 of its key.
    Topic;
}
