//! What the ledger shows to who asks: headers with certificates, and leaves with proofs.

use crate::{
    core::turn::Turn,
    ledger::{
        chain::ChainError,
        order::Halt,
        store::{self, KeptHeader, StoredNodes},
    },
};
use magpie_protocol::{
    bounded::List,
    ledger::{
        ValidatorsHash,
        exchange::{Answer, DecidedHeader, Newest, Proven, Refusal},
        state::LeafKey,
        tree::prove,
    },
    limits::PROVEN_LEAVES,
};

impl Turn<'_> {
    /// Answers with the newest header, who votes after it if the asker does not know, and a proof
    /// of each leaf under it. Of what this step decides nothing leaves before it is durable.
    pub(crate) fn prove_leaves(
        &self,
        knows: ValidatorsHash,
        keys: &List<LeafKey, PROVEN_LEAVES>,
    ) -> Result<Answer, Halt> {
        let Some(orderer) = &self.core.orderer else {
            return Ok(Answer::Refused(Refusal::NotYours));
        };
        let head = orderer.head();
        let height = head.tip.height;
        let Some(decided) = self.decided_header(height)? else {
            return Ok(Answer::Refused(Refusal::NoHeader));
        };
        let next =
            (decided.header.next_validators != knows).then(|| head.validators.as_wire().clone());
        let nodes = StoredNodes::new(&self.tx);
        let mut proofs = List::default();
        for key in keys.iter() {
            proofs.push(prove(&nodes, height, key).map_err(ChainError::from)?)?;
        }
        let newest = Newest { decided, next };
        Ok(Answer::Proven(Box::new(Proven { newest, proofs })))
    }

    /// Answers with the decided header of a height.
    pub(crate) fn show_header(&self, height: u64) -> Result<Answer, Halt> {
        Ok(match self.decided_header(height)? {
            Some(decided) => Answer::Header(Box::new(decided)),
            None => Answer::Refused(Refusal::NoHeader),
        })
    }

    /// Returns the decided header of a height; the genesis has none.
    pub(crate) fn decided_header(&self, height: u64) -> Result<Option<DecidedHeader>, Halt> {
        let kept = store::header(&self.tx, height).map_err(ChainError::from)?;
        let decided = |KeptHeader { header, certificate }| DecidedHeader { header, certificate };
        Ok(kept.map(decided))
    }
}
