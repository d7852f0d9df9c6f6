//! One's own entry in the directory: device list, key bundle, profile, addresses (page 5).

use crate::core::{agenda::Task, net::Protocol, requests::Purpose, turn::Turn};
use magpie_protocol::{
    address::NodeId,
    api::ApiResult,
    bounded::{Blob, List, Text},
    codec::{decode, encode},
    directory::{Answer, PutAnswer, PutRecord, Refusal, Request, stamp_subject},
    keys::{OlmIdentityKey, OlmSessionKey, OlmSigningKey, SealKey},
    limits::{NODE_ADDRESSES, RECORD_PUTS},
    record::{
        AddressesBody, BundleBody, FallbackKey, KeyBundle, ProfileBody, Record, VerifiedDeviceList,
    },
    stamp::{Mint, Stamp, Subject},
};

/// How often the records are put anew though nothing changed, milliseconds.
const AGAIN_MS: u64 = 12 * 60 * 60 * 1_000;
/// Tries at the stamp in one step: about ten milliseconds.
const TRIES_PER_STEP: u32 = 1 << 15;

/// The stamp of this account's first record.
#[derive(Debug, Default)]
pub(crate) struct OwnStamp {
    /// What it is for.
    subject: Option<Subject>,
    mint: Option<Mint>,
    stamp: Option<Stamp>,
}

impl Turn<'_> {
    /// Returns the device list that this account's letters name.
    pub(crate) fn own_list(&self) -> ApiResult<VerifiedDeviceList> {
        Ok(self.open()?.list.clone())
    }

    /// Returns this device's bundle, signed.
    pub(crate) fn own_bundle(&self) -> ApiResult<Option<KeyBundle>> {
        let open = self.open()?;
        let Some(own) = &open.letters.identity else { return Ok(None) };
        let body = BundleBody {
            account: open.account.address,
            device: open.device,
            identity: OlmIdentityKey(own.identity.curve()),
            signing: OlmSigningKey(own.identity.ed25519()),
            seal: SealKey(self.core.device.seal_public().to_bytes()),
            fallback: FallbackKey { id: own.fallback_id, key: OlmSessionKey(own.fallback) },
            list: open.list.at(),
            made_ms: own.fallback_ms,
        };
        Ok(body.sign(&open.account.device_key.signing()).ok())
    }

    /// Puts the records at every super node that does not have them as they are now.
    pub(crate) fn publish(&mut self) -> ApiResult<()> {
        if let Some(mint) = &mut self.open_mut()?.letters.own_stamp.mint {
            let stamp = mint.step(TRIES_PER_STEP);
            if stamp.is_none() {
                self.core.agenda.plan(Task::Publish, self.now);
                return Ok(());
            }
            let own = &mut self.open_mut()?.letters.own_stamp;
            (own.mint, own.stamp) = (None, stamp);
        }
        let stamp = self.open()?.letters.own_stamp.stamp;
        let mut puts = List::<PutRecord, RECORD_PUTS>::default();
        for (index, record) in self.own_records()?.into_iter().enumerate() {
            let Some(record) = encode(&record).ok().and_then(|b| Blob::new(b).ok()) else {
                continue;
            };
            let stamp = stamp.filter(|_| index == 0);
            let _ = puts.push(PutRecord { record, stamp });
        }
        let Ok(bytes) = encode(&Request::Put(puts)) else { return Ok(()) };
        let mut open = false;
        for to in self.core.supers() {
            if self.open()?.letters.published.contains(&to) {
                continue;
            }
            let publishing = |p: &Purpose| *p == Purpose::Publish;
            open |= self.core.requests.is_waiting(to, publishing)
                || self.ask_peer(to, Protocol::Record, bytes.clone(), Purpose::Publish);
        }
        if !open {
            self.retry(Task::Publish);
        }
        Ok(())
    }

    /// Puts the records anew: one of them has changed.
    pub(crate) fn publish_anew(&mut self) -> ApiResult<()> {
        self.open_mut()?.letters.published.clear();
        self.core.agenda.plan(Task::Publish, self.now);
        Ok(())
    }

    /// Takes a super node's answer to the records, or that there is none.
    pub(crate) fn published(&mut self, from: NodeId, answer: Option<&[u8]>) -> ApiResult<()> {
        let answer = answer.and_then(|bytes| decode::<Answer>(bytes).ok());
        let Some(Answer::Put(results)) = answer else {
            self.retry(Task::Publish);
            return Ok(());
        };
        let mut has_all = !results.is_empty();
        for result in results {
            match result {
                PutAnswer::Stored(_) | PutAnswer::Newer(_) => {}
                PutAnswer::Refused(Refusal::StampWanted { effort }) => {
                    has_all = false;
                    self.mint_own_stamp(effort)?;
                }
                PutAnswer::Refused(_) => has_all = false,
            }
        }
        if has_all {
            self.core.agenda.went_well(Task::Publish);
            self.open_mut()?.letters.published.insert(from);
            let all = self.core.supers().len();
            let (at, done) = (self.now, self.open()?.letters.published.len() == all);
            if done {
                self.open_mut()?.letters.published.clear();
                self.core.agenda.put_off(Task::Publish, at + AGAIN_MS);
            } else {
                self.core.agenda.plan(Task::Publish, at + 1_000);
            }
            // Token and mail calls are let in by the device list that has arrived just now: that they were
            // refused before is no reason to wait.
            self.core.agenda.went_well(Task::Tokens);
            self.core.agenda.plan(Task::Tokens, at);
            self.core.agenda.plan(Task::Collect(from), at);
        } else if self.open()?.letters.own_stamp.mint.is_some() {
            self.core.agenda.plan(Task::Publish, self.now);
        } else {
            self.retry(Task::Publish);
        }
        Ok(())
    }

    /// Begins to work for the stamp that a super node asks for. As with mail, nobody works for one that
    /// asks for more than it may, or for what it was given.
    fn mint_own_stamp(&mut self, effort: u8) -> ApiResult<()> {
        if effort > self.core.stamp_effort_at_most() {
            return Ok(());
        }
        let list = self.own_list()?;
        let record = Record::DeviceList(Box::new(list.list().clone()));
        let Ok(record) = record.verify(None) else { return Ok(()) };
        let (subject, now) = (stamp_subject(&record), self.now);
        let (start, own) = (self.rng.next_u64(), &mut self.open_mut()?.letters.own_stamp);
        let is_same = own.subject == Some(subject);
        let has_one = own.stamp.is_some_and(|stamp| stamp.claims(now, effort));
        if !is_same || (own.mint.is_none() && !has_one) {
            let mint = Mint::new(&subject, now, effort, start).ok();
            *own = OwnStamp { subject: Some(subject), mint, stamp: None };
        }
        Ok(())
    }

    /// Returns the records of this account and device, the device list first.
    fn own_records(&mut self) -> ApiResult<Vec<Record>> {
        let list = self.own_list()?;
        let mut records = vec![Record::DeviceList(Box::new(list.list().clone()))];
        records.extend(self.own_bundle()?.map(|bundle| Record::KeyBundle(Box::new(bundle))));
        let card = self.own_card()?;
        let open = self.open()?;
        let profile = ProfileBody {
            account: open.account.address,
            device: open.device,
            list: list.at(),
            counter: open.profile.version,
            card: Some(card),
        };
        let signed = profile.sign(&open.account.device_key.signing());
        records.extend(signed.ok().map(|profile| Record::Profile(Box::new(profile))));
        let addresses: Vec<_> = self
            .core
            .listening
            .iter()
            .filter_map(|address| Text::new(address.clone()).ok())
            .take(NODE_ADDRESSES)
            .collect();
        let body = AddressesBody {
            account: open.account.address,
            node: self.core.node_id(),
            sequence: self.core.listening_ms,
            addresses: List::new(addresses).unwrap_or_default(),
        };
        let signed = body.sign(&self.core.device.node());
        records.extend(signed.ok().map(|addresses| Record::Addresses(Box::new(addresses))));
        Ok(records)
    }
}
