//! What things on the ledger are called: hashes of their bytes, each under its own domain.

crate::ids::ids! {
    /// An entry: BLAKE3 of its bytes, signature included. A transfer and a packet are called by
    /// the entry that made them.
    EntryId;
    /// A block: BLAKE3 of its header.
    BlockHash;
    /// The root of the Merkle tree of a block's entries.
    EntriesRoot;
    /// The root of the state after a block.
    StateRoot;
    /// The root of the Merkle tree of who may claim from a packet.
    MembersRoot;
    /// A set of validators: BLAKE3 of its bytes.
    ValidatorsHash;
    /// The commitment to a name.
    NameCommitment;
}
