//! Why the balance changed, as far as this node knows.

use super::rows::{Change, RECORDS, Record, TRANSFERS};
use crate::core::turn::Turn;
use magpie_protocol::api::{
    ApiResult,
    wallet::{RecordKind, RecordState, WalletRecord},
};
use magpie_storage::{engine::Order, table::Keys};

impl Turn<'_> {
    /// Lists the changes of the balance, newest first.
    pub(crate) fn list_records(
        &mut self,
        skip: usize,
        most: usize,
    ) -> ApiResult<Vec<WalletRecord>> {
        let rows = self.rows()?;
        let newest = RECORDS.scan(&self.tx, &rows, &(), &Keys::all(), Order::Descending, 1);
        let Some((last, _)) = self.stored(newest)?.into_iter().next() else { return Ok(vec![]) };
        // Numbers have no gap, so a page begins where it is counted to begin.
        let Some(from) = last.checked_sub(skip as u64) else { return Ok(vec![]) };
        let page = Keys::all().below(&from.saturating_add(1));
        let found = RECORDS.scan(&self.tx, &rows, &(), &page, Order::Descending, most);
        let found = self.stored(found)?;
        let mut records = Vec::with_capacity(found.len());
        for (_, record) in found {
            let is_transfer = self.read(&TRANSFERS, &(), &record.uid)?.is_some();
            records.push(shown(record, is_transfer));
        }
        Ok(records)
    }
}

fn shown(record: Record, is_transfer: bool) -> WalletRecord {
    WalletRecord {
        kind: match record.change {
            Change::Received => RecordKind::TransferReceived,
            Change::Transferred => RecordKind::TransferSent,
            Change::Packet => RecordKind::PacketSent,
            Change::Share => RecordKind::PacketReceived,
            Change::Returned if is_transfer => RecordKind::TransferReturned,
            Change::Returned => RecordKind::PacketReturned,
        },
        amount: record.amount,
        remarks: record.remark,
        create_at: record.at_ms,
        uid: record.uid.to_string(),
        fee: record.fee,
        other: String::new(),
        height: record.height,
        status: RecordState::Final,
    }
}
