//! Money of this account that may come back: transfers that nobody decided about, and packets of which
//! something is left. Each is looked at when its time is over, and what came back is recorded.

use super::{
    errand::{Errand, Frame, Step, Work},
    look::Look,
    memory::Money,
    rows::{Change, Mark, RETURNING, Record},
};
use crate::core::turn::Turn;
use magpie_protocol::{
    api::ApiResult,
    ledger::{
        Amount, EntryId,
        state::{Leaf, Packet, Transfer, TransferState},
    },
};
use magpie_storage::{engine::Order, table::Keys};
use serde_json::json;

/// Transfers and packets that are looked at together, at most.
const TOGETHER: usize = 16;

/// What became of money that may come back.
enum Back {
    /// It is not decided.
    Open,
    /// All of it is where it was to go.
    Gone,
    /// So much came back, in a block of at most this height.
    Came(Amount, u64),
}

impl Money {
    fn is_returning(&self, id: EntryId) -> bool {
        let looks = self.errands.values().filter_map(|errand| match &errand.work {
            Work::Look(Look::Back(id)) => Some(*id),
            _ => None,
        });
        looks.into_iter().any(|other| other == id)
    }
}

impl Turn<'_> {
    /// Remembers a transfer or packet of this account that now stands in a block.
    pub(super) fn note_returning(&mut self, id: EntryId) -> ApiResult<()> {
        let money = &self.core.money;
        let transfer = money.leaf::<Transfer>(&id, 0).and_then(|seen| seen.leaf);
        let packet = money.leaf::<Packet>(&id, 0).and_then(|seen| seen.leaf);
        let expires_ms =
            transfer.map(|leaf| leaf.expires_ms).or(packet.map(|leaf| leaf.expires_ms));
        let Some(expires_ms) = expires_ms else { return Ok(()) };
        self.write(&RETURNING, &(), &(expires_ms, id), &Mark)?;
        let next = &mut self.core.money.next_back_ms;
        *next = expires_ms.min(*next);
        Ok(())
    }

    /// Looks at what the time of the newest header is over for, some at a time.
    pub(super) fn look_at_returning(&mut self) -> ApiResult<()> {
        let Some(tip) = self.core.money.light.as_ref().map(|light| *light.tip()) else {
            return Ok(());
        };
        if self.core.open.is_none() || tip.time_ms < self.core.money.next_back_ms {
            return Ok(());
        }
        let rows = self.rows()?;
        let all = Keys::all();
        let found = RETURNING.scan(&self.tx, &rows, &(), &all, Order::Ascending, TOGETHER);
        self.core.money.next_back_ms = u64::MAX;
        for ((expires_ms, id), _) in self.stored(found)? {
            if expires_ms > tip.time_ms {
                self.core.money.next_back_ms = expires_ms;
                break;
            }
            if !self.core.money.is_returning(id) {
                let work = Work::Look(Look::Back(id));
                self.put_errand(Errand::new(None, self.now, tip.height, work));
            }
        }
        Ok(())
    }

    /// Records what came back once that is shown.
    pub(super) fn try_back(&mut self, id: EntryId, frame: Frame) -> ApiResult<Step> {
        let key = match self.find_packet(id)? {
            Some(_) => Packet::key(&id),
            None => Transfer::key(&id),
        };
        if !self.core.money.is_shown(&key, frame.least) {
            return Ok(Step::Wants(vec![key]));
        }
        if self.note_back(id)? {
            // The next ones may wait for their turn.
            self.core.money.next_back_ms = 0;
            return Ok(Step::Ends(Ok(json!({}).into())));
        }
        // The block that gives it back is still to come.
        let height = self.core.money.height();
        Ok(match self.core.money.is_shown(&key, height) {
            true => Step::Waits,
            false => Step::WantsUnder(vec![key], height),
        })
    }

    /// Records what came back of a transfer or packet of this account, as it was shown; tells whether
    /// it is decided.
    pub(super) fn note_back(&mut self, id: EntryId) -> ApiResult<bool> {
        let (expires_ms, back, remark) = match self.find_packet(id)? {
            Some(row) => {
                let seen = self.core.money.leaf::<Packet>(&id, 0);
                let Some((height, leaf)) = seen.and_then(|seen| Some((seen.height, seen.leaf?)))
                else {
                    return Ok(false);
                };
                let back = match leaf.over {
                    true if leaf.returned == Amount::ZERO => Back::Gone,
                    true => Back::Came(leaf.returned, height),
                    false if leaf.left == 0 => Back::Gone,
                    false => Back::Open,
                };
                (leaf.expires_ms, back, row.card.remark.to_string())
            }
            None => {
                let row = self.transfer_row(id)?;
                let seen = self.core.money.leaf::<Transfer>(&id, 0);
                let Some(leaf) = seen.and_then(|seen| seen.leaf) else { return Ok(false) };
                let back = match leaf.state {
                    TransferState::Waiting => Back::Open,
                    TransferState::Accepted { .. } => Back::Gone,
                    TransferState::Declined { height } | TransferState::Returned { height } => {
                        Back::Came(leaf.amount, height)
                    }
                };
                (leaf.expires_ms, back, row.card.remark.to_string())
            }
        };
        let order = (expires_ms, id);
        // It is recorded once, and what is somebody else's is in no row.
        let is_ours = self.read(&RETURNING, &(), &order)?.is_some();
        let (amount, height) = match back {
            Back::Open => return Ok(false),
            Back::Gone => (Amount::ZERO, 0),
            Back::Came(amount, height) => (amount, height),
        };
        if !is_ours {
            return Ok(true);
        }
        self.delete(&RETURNING, &(), &order)?;
        if amount > Amount::ZERO {
            let (change, fee, uid, at_ms) = (Change::Returned, Amount::ZERO, id, self.now);
            self.record(Record { change, amount, fee, height, remark, uid, at_ms })?;
        }
        Ok(true)
    }
}
