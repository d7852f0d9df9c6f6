//! The directory: public records, checked against the account's device list, the newest kept.

use super::{
    bounds::{ACCOUNTS_KEPT, ANSWER_MARGIN, DISK_BYTES, RECORD_KEPT_MS, ROW_BYTES},
    office::Office,
    rows::{FORKS, Fork, KeptRecord, RECORDS, TOTALS, Totals, kind_byte, record_key},
};
use crate::core::turn::Turn;
use magpie_protocol::{
    address::Address,
    bounded::{Blob, List},
    codec::decode,
    digest::digest,
    directory::{Found, PutAnswer, PutRecord, Query, Refusal},
    domain::RECORD_HASH,
    ids::RecordHash,
    limits::{RECORD, RECORD_FRAME, RECORD_QUERIES, RECORDS_PER_ACCOUNT},
    receipt::Stored,
    record::{
        Record, RecordError, RecordKey, RecordKind, RecordOrder, Succession, VerifiedDeviceList,
        VerifiedRecord, VerifiedRecordBody,
    },
    stamp::Subject,
};
use magpie_storage::{
    engine::Order,
    table::{Keys, RowFault, TableError},
};
use std::collections::BTreeMap;

/// Device lists that one request has verified already, by account; as many as it has records.
pub(crate) type Verified = BTreeMap<Address, VerifiedDeviceList>;

/// What became of a record that was put.
#[derive(Debug)]
pub(crate) struct Judged {
    /// For the peer.
    pub(crate) answer: PutAnswer,
    /// Whether a signature did not verify.
    pub(crate) forged: bool,
}

impl From<PutAnswer> for Judged {
    fn from(answer: PutAnswer) -> Self {
        Self { answer, forged: false }
    }
}

impl From<Refusal> for Judged {
    fn from(refusal: Refusal) -> Self {
        PutAnswer::Refused(refusal).into()
    }
}

impl From<&RecordError> for Judged {
    fn from(error: &RecordError) -> Self {
        let forged = matches!(error, RecordError::Signature { .. });
        Self { answer: PutAnswer::Refused(error.into()), forged }
    }
}

/// A record on its way in: what can be told before any signature is checked.
struct Incoming {
    key: RecordKey,
    bytes: Blob<RECORD>,
    kept: Option<KeptRecord>,
}

impl Turn<'_> {
    /// Judges one record, and keeps it if it is the newest of its place.
    pub(crate) fn put_record(
        &mut self,
        office: &Office,
        put: PutRecord,
        verified: &mut Verified,
    ) -> Result<Judged, TableError> {
        let Ok(record) = decode::<Record>(&put.record) else {
            return Ok(Refusal::Invalid.into());
        };
        let key = record.key();
        let hash = RecordHash(digest(RECORD_HASH, &put.record));
        let kept = RECORDS.get(&self.tx, &record_key(&key))?;
        if let Some(kept) = kept.as_ref().filter(|kept| kept.hash == hash) {
            return Ok(self.record_receipt(office, key, hash, kept.stored_ms).into());
        }
        let incoming = Incoming { key, bytes: put.record, kept };
        match (record, &incoming.kept) {
            (record @ Record::DeviceList(_), None) => {
                let wanted = self.core.mesh.accounts.effort(office.effort, self.now);
                let subject = Subject::Record { account: key.account, record: hash };
                let worked = put.stamp.is_some_and(|s| s.check(&subject, self.now, wanted).is_ok());
                if self.totals()?.accounts >= ACCOUNTS_KEPT {
                    return Ok(Refusal::Full.into());
                }
                if !worked {
                    return Ok(Refusal::StampWanted { effort: wanted }.into());
                }
                self.put_list(office, record, incoming, None, verified)
            }
            (record @ Record::DeviceList(_), Some(_)) => {
                let known = self.known_list(key.account, verified)?;
                self.put_list(office, record, incoming, known, verified)
            }
            (record, _) => {
                let Some(list) = self.known_list(key.account, verified)? else {
                    return Ok(Refusal::ListWanted.into());
                };
                match record.verify(Some(&list)) {
                    Ok(record) => self.put_verified(office, &record, incoming),
                    Err(error) => Ok((&error).into()),
                }
            }
        }
    }

    /// Judges a device list against the one that is kept.
    fn put_list(
        &mut self,
        office: &Office,
        record: Record,
        incoming: Incoming,
        known: Option<VerifiedDeviceList>,
        verified: &mut Verified,
    ) -> Result<Judged, TableError> {
        let record = match record.verify(None) {
            Ok(record) => record,
            Err(error) => return Ok((&error).into()),
        };
        let VerifiedRecordBody::DeviceList(list) = record.body() else {
            return Ok(Refusal::Invalid.into());
        };
        let succession = known.as_ref().map(|known| known.succession(list)).transpose();
        match succession {
            Ok(None | Some(Succession::Newer)) => {}
            Ok(Some(Succession::Same | Succession::Older)) => return Ok(newer(incoming)),
            Ok(Some(Succession::Fork)) => {
                self.keep_fork(&incoming)?;
                return Ok(newer(incoming));
            }
            Err(error) => return Ok((&error).into()),
        }
        let account = incoming.key.account;
        if known.is_none() {
            let mut totals = self.totals()?;
            totals.accounts = totals.accounts.saturating_add(1);
            TOTALS.put(&mut self.tx, &(), &totals)?;
            self.core.mesh.accounts.note(self.now);
        }
        self.follow_list(known.as_ref(), list)?;
        verified.insert(account, list.clone());
        self.keep(office, &record, incoming)
    }

    /// Keeps a record that its signer may make, unless a newer one stands in its place.
    fn put_verified(
        &mut self,
        office: &Office,
        record: &VerifiedRecord,
        incoming: Incoming,
    ) -> Result<Judged, TableError> {
        if let Some(kept) = &incoming.kept
            && !record.replaces(&kept.order())
        {
            return Ok(newer(incoming));
        }
        let before = incoming.kept.as_ref().map_or(0, KeptRecord::cost);
        let bytes = self.totals()?.bytes.saturating_sub(before);
        if bytes.saturating_add(incoming.bytes.len() as u64 + ROW_BYTES) > DISK_BYTES {
            return Ok(Refusal::Full.into());
        }
        self.keep(office, record, incoming)
    }

    /// Writes a record and signs for it. A device list is kept though the disk is full: a device
    /// can always be removed, and accounts are bounded.
    fn keep(
        &mut self,
        office: &Office,
        record: &VerifiedRecord,
        incoming: Incoming,
    ) -> Result<Judged, TableError> {
        let RecordOrder { term, version, counter, hash } = record.order();
        let stored_ms = self.now;
        let row = KeptRecord { term, version, counter, hash, stored_ms, record: incoming.bytes };
        let before = incoming.kept.as_ref().map_or(0, KeptRecord::cost);
        let mut totals = self.totals()?;
        totals.bytes = totals.bytes.saturating_sub(before).saturating_add(row.cost());
        TOTALS.put(&mut self.tx, &(), &totals)?;
        RECORDS.put(&mut self.tx, &record_key(&incoming.key), &row)?;
        Ok(self.record_receipt(office, incoming.key, hash, stored_ms).into())
    }

    /// Keeps the first list that claims a taken place: one row for each account.
    fn keep_fork(&mut self, incoming: &Incoming) -> Result<(), TableError> {
        let account = *incoming.key.account.as_bytes();
        if FORKS.contains(&self.tx, &account)? {
            return Ok(());
        }
        let fork = Fork { record: incoming.bytes.clone(), seen_ms: self.now };
        let mut totals = self.totals()?;
        totals.bytes = totals.bytes.saturating_add(fork.record.len() as u64 + ROW_BYTES);
        TOTALS.put(&mut self.tx, &(), &totals)?;
        FORKS.put(&mut self.tx, &account, &fork)
    }

    /// Removes a record, because the device that made it left.
    pub(super) fn drop_record(
        &mut self,
        account: Address,
        kind: RecordKind,
        part: [u8; 32],
    ) -> Result<(), TableError> {
        let key = record_key(&RecordKey { account, kind, part });
        if let Some(kept) = RECORDS.get(&self.tx, &key)? {
            let mut totals = self.totals()?;
            totals.bytes = totals.bytes.saturating_sub(kept.cost());
            TOTALS.put(&mut self.tx, &(), &totals)?;
            RECORDS.delete(&mut self.tx, &key);
        }
        Ok(())
    }

    /// Answers one query and takes what it needs from `room`, the bytes the answer has left.
    pub(crate) fn find_records(
        &self,
        query: &Query,
        room: &mut usize,
    ) -> Result<Found, TableError> {
        if *room == 0 {
            return Ok(Found::AskAgain);
        }
        let mut found = List::default();
        let mut left = *room;
        let mut kinds = query.kinds.to_vec();
        kinds.sort_unstable();
        kinds.dedup();
        for kind in kinds {
            let keys = Keys::under(&(*query.account.as_bytes(), kind_byte(kind)));
            let rows = RECORDS.scan(&self.tx, &keys, Order::Ascending, RECORDS_PER_ACCOUNT)?;
            for (_, row) in rows {
                // Three bytes of length before each.
                let Some(rest) = left.checked_sub(row.record.len() + 3) else {
                    *room = 0;
                    return Ok(Found::AskAgain);
                };
                left = rest;
                // The bound is that of the directory itself: two records, and two for each device.
                if found.push(row.record).is_err() {
                    break;
                }
            }
        }
        *room = left;
        Ok(Found::Records(found))
    }

    /// Returns the verified device list that is kept of an account.
    fn known_list(
        &self,
        account: Address,
        verified: &mut Verified,
    ) -> Result<Option<VerifiedDeviceList>, TableError> {
        if let Some(list) = verified.get(&account) {
            return Ok(Some(list.clone()));
        }
        let key = RecordKey { account, kind: RecordKind::DeviceList, part: [0; 32] };
        let Some(kept) = RECORDS.get(&self.tx, &record_key(&key))? else { return Ok(None) };
        let record = Record::verify_bytes(&kept.record, None).map(VerifiedRecord::into_body);
        // It was verified before it was written: now only the disk can be at fault.
        let Ok(VerifiedRecordBody::DeviceList(list)) = record else {
            return Err(TableError::Corrupt { table: RECORDS.name(), fault: RowFault::Check });
        };
        verified.insert(account, list.clone());
        Ok(Some(list))
    }

    /// Returns how much is kept in all.
    pub(super) fn totals(&self) -> Result<Totals, TableError> {
        Ok(TOTALS.get(&self.tx, &())?.unwrap_or_default())
    }

    fn record_receipt(
        &self,
        office: &Office,
        key: RecordKey,
        record: RecordHash,
        stored_ms: u64,
    ) -> PutAnswer {
        let stored = Stored::Record { account: key.account, record };
        let until = self.now.saturating_add(RECORD_KEPT_MS);
        PutAnswer::Stored(office.receipt(stored, stored_ms, until))
    }
}

/// Returns the room for the records of one answer.
pub(crate) const fn answer_room() -> usize {
    // Each query's result has a tag and a length of its own.
    RECORD_FRAME - ANSWER_MARGIN - 8 * RECORD_QUERIES
}

/// Answers with what stands in the place of a record that came too late.
fn newer(incoming: Incoming) -> Judged {
    match incoming.kept {
        Some(kept) => PutAnswer::Newer(kept.record).into(),
        None => Refusal::Invalid.into(),
    }
}

impl KeptRecord {
    const fn order(&self) -> RecordOrder {
        let Self { term, version, counter, hash, .. } = *self;
        RecordOrder { term, version, counter, hash }
    }

    fn cost(&self) -> u64 {
        self.record.len() as u64 + ROW_BYTES
    }
}
