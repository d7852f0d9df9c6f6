//! From what a super node answered to verified records of one account.

use crate::{
    address::Address,
    bounded::{Blob, List},
    codec::decode,
    limits::{RECORD, RECORDS_PER_ACCOUNT},
    record::{
        Record, RecordError, RecordKey, Succession, VerifiedDeviceList, VerifiedRecord,
        VerifiedRecordBody,
    },
    stamp::Subject,
};
use std::collections::BTreeMap;

/// The verified records of one answer.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The newest device list of the answer and of what was known; what the others were checked by.
    pub list: Option<VerifiedDeviceList>,
    /// Whether the answer's device list and the known one claim one place: an alarm.
    pub fork: bool,
    /// The newest record of each place, the device list among them.
    pub records: BTreeMap<RecordKey, VerifiedRecord>,
    /// Why others were refused, at most as many as a query may find.
    pub refused: Vec<RecordError>,
}

/// Checks the records that were found for `account` against the newest device list among them and
/// `known`; refused ones spoil no others.
pub fn gather(
    account: Address,
    known: Option<&VerifiedDeviceList>,
    found: &List<Blob<RECORD>, RECORDS_PER_ACCOUNT>,
) -> Gathered {
    let mut gathered = Gathered { list: known.cloned(), ..Gathered::default() };
    let mut others = Vec::new();
    for bytes in found.iter() {
        match decode::<Record>(bytes) {
            Ok(record) if record.account() != account => {
                let found = record.account();
                gathered.refused.push(RecordError::Account { expected: account, found });
            }
            Ok(record @ Record::DeviceList(_)) => gathered.add(record),
            Ok(record) => others.push(record),
            Err(error) => gathered.refused.push(error.into()),
        }
    }
    for record in others {
        gathered.add(record);
    }
    gathered
}

impl Gathered {
    fn add(&mut self, record: Record) {
        let record = match record.verify(self.list.as_ref()) {
            Ok(record) => record,
            Err(error) => return self.refused.push(error),
        };
        if let VerifiedRecordBody::DeviceList(list) = record.body() {
            let succession = self.list.as_ref().map(|known| known.succession(list)).transpose();
            match succession {
                Ok(None | Some(Succession::Newer)) => self.list = Some(list.clone()),
                Ok(Some(Succession::Same)) => (),
                Ok(Some(Succession::Older)) => return,
                Ok(Some(Succession::Fork)) => {
                    self.fork = true;
                    return;
                }
                Err(error) => return self.refused.push(error),
            }
        }
        let kept = self.records.get(&record.key());
        if kept.is_none_or(|kept| record.replaces(&kept.order())) {
            self.records.insert(record.key(), record);
        }
    }
}

/// Returns what a stamp for the first record of an address is minted over.
pub fn stamp_subject(record: &VerifiedRecord) -> Subject {
    Subject::Record { account: record.key().account, record: record.hash() }
}
