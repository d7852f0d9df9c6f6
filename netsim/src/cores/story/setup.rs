//! The peace before: nodes start, people register, become friends, make groups, get money.

use super::{
    driver::{PASSWORD, Story, WALLET},
    log::GroupLog,
};
use magpie_protocol::{
    address::Address,
    api::ErrorCode,
    keys::IssuerKey,
    ledger::{Amount, Instruction, Mint},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// For how long the setup waits for each of its parts, milliseconds.
const PATIENCE_MS: u64 = 60_000;
/// How often it looks, milliseconds.
const LOOK_MS: u64 = 500;
/// What everybody has at the beginning, in coins.
const RICH: u64 = 1_000;

/// Why a story cannot begin.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the story cannot begin: {0}")]
pub struct NoBeginning(pub String);

impl Story {
    /// Starts everything and makes the friends, groups and money of the scenario, without faults.
    pub fn settle_in(&mut self) -> Result<(), NoBeginning> {
        for at in 0..self.world.people().end {
            self.world.start(at);
        }
        self.world.rouse();
        for person in 0..self.people.len() {
            self.register(person)?;
        }
        self.befriend_all()?;
        self.make_groups()?;
        self.pick_funders();
        let workload = self.world.scenario.workload.clone();
        if workload.payments.is_none() && workload.packets.is_none() {
            return Ok(());
        }
        for person in 0..self.people.len() {
            self.find_wallet(person)?;
            // One mint follows the other: whoever pays nothing needs none.
            let pays =
                workload.payments.is_some() || self.funders.iter().any(|(from, _)| *from == person);
            if pays {
                self.mint(person)?;
            }
        }
        Ok(())
    }

    /// Decides who makes the red packets, and for which groups.
    fn pick_funders(&mut self) {
        let packets = self.world.scenario.workload.packets.as_ref().map_or(0, |it| it.count);
        for _ in 0..packets {
            let groups = self.log.groups.len() as u64;
            let group = usize::try_from(self.dice.below(groups)).unwrap_or(0);
            let members: Vec<_> = self.log.groups[group].staying.iter().copied().collect();
            self.funders.extend(self.dice.pick(&members).map(|from| (*from, group)));
        }
    }

    fn must(
        &mut self,
        person: usize,
        method: (&str, &str),
        params: Value,
    ) -> Result<Value, NoBeginning> {
        match self.ask(person, method, params) {
            Some(Ok(data)) => Ok(data),
            other => Err(NoBeginning(format!("{}.{}: {other:?}", method.0, method.1))),
        }
    }

    fn register(&mut self, person: usize) -> Result<(), NoBeginning> {
        let passwords = json!({"imPwd": PASSWORD, "walletPwd": WALLET, "type": "text"});
        self.must(person, ("login", "register"), passwords)?;
        let login = json!({"password": PASSWORD, "loginType": "text"});
        self.must(person, ("login", "exportLogin"), login)?;
        let listener = json!({"id": "sim", "identifier": "sim"});
        self.must(person, ("socketEvent", "addReceive"), listener)?;
        let me = self.must(person, ("user", "getUserSingleInfo"), json!({}))?;
        let address = me["u_nd_add"].as_str().unwrap_or_default().to_owned();
        let me = &mut self.people[person];
        (me.address, me.is_registered, me.is_signed_in) = (address, true, true);
        Ok(())
    }

    /// Returns all pairs of friends, the lower number first.
    pub(super) fn friendships(&self) -> Vec<(usize, usize)> {
        let all = self.people.iter().enumerate();
        let pairs = all.flat_map(|(a, person)| person.friends.iter().map(move |b| (a, *b)));
        pairs.filter(|(a, b)| a < b).collect()
    }

    /// Decides who is to be whose friend.
    fn pairs(&mut self) -> BTreeSet<(usize, usize)> {
        let people = self.people.len();
        let mut pairs = BTreeSet::new();
        let mut add = |a: usize, b: usize| {
            if a != b {
                pairs.insert((a.min(b), a.max(b)));
            }
        };
        let workload = self.world.scenario.workload.clone();
        if workload.chat.is_some() || workload.payments.is_some() {
            for a in 0..people {
                add(a, (a + 1) % people);
                for _ in 0..workload.chat.as_ref().map_or(0, |chat| chat.more_friends) {
                    add(a, usize::try_from(self.dice.below(people as u64)).unwrap_or(a));
                }
            }
        }
        // A group's owner knows everybody who is, or may come, in it.
        if let Some(groups) = &workload.groups {
            for group in 0..groups.count {
                let owner = usize::try_from(group).unwrap_or(0) % people;
                (0..people).for_each(|other| add(owner, other));
            }
        }
        pairs
    }

    fn befriend_all(&mut self) -> Result<(), NoBeginning> {
        let pairs = self.pairs();
        for (a, b) in &pairs {
            let ask = json!({"nodeId": self.people[*b].address, "content": "hello", "remark": ""});
            self.must(*a, ("contact", "addFriend"), ask)?;
        }
        for (a, b) in &pairs {
            let asker = self.people[*a].address.clone();
            self.until_so("a friend request", |story| {
                let list = story.must(*b, ("contact", "getApplyList"), json!({}))?;
                let mut rows = list.as_array().into_iter().flatten();
                Ok(rows.any(|row| row["nodeId"] == json!(asker)))
            })?;
            self.must(*b, ("contact", "agreeApplySync"), json!({"nodeId": asker}))?;
        }
        for (a, b) in &pairs {
            for (me, other) in [(*a, *b), (*b, *a)] {
                let address = self.people[other].address.clone();
                self.until_so("a friendship", |story| {
                    let is = json!({"nodeId": address});
                    let friend = story.must(me, ("contact", "isFriend"), is)?;
                    Ok(friend["status"] == json!(true))
                })?;
                self.people[me].friends.insert(other);
            }
        }
        Ok(())
    }

    fn make_groups(&mut self) -> Result<(), NoBeginning> {
        let Some(groups) = self.world.scenario.workload.groups.clone() else { return Ok(()) };
        let people = self.people.len();
        for number in 0..groups.count {
            let owner = usize::try_from(number).unwrap_or(0) % people;
            let mut others: Vec<usize> = (0..people).filter(|other| *other != owner).collect();
            self.dice.shuffle(&mut others);
            let members = usize::try_from(groups.members).unwrap_or(people).saturating_sub(1);
            let candidates = others.split_off(members.min(others.len()));
            let items: Vec<Value> =
                others.iter().map(|who| json!({"cNdAdd": self.people[*who].address})).collect();
            let request = json!({"groupName": format!("group {number}"), "itemList": items});
            let made = self.must(owner, ("group", "createGroup"), request)?;
            let id = made["g_id"].as_str().unwrap_or_default().to_owned();
            let staying: BTreeSet<usize> = others.iter().copied().chain([owner]).collect();
            let count = staying.len();
            self.log.groups.push(GroupLog {
                id: id.clone(),
                owner,
                staying: staying.clone(),
                candidates,
                ..GroupLog::default()
            });
            for member in staying {
                self.until_so("a group", |story| {
                    Ok(story.members(member, &id).is_some_and(|all| all.len() == count))
                })?;
            }
        }
        Ok(())
    }

    fn find_wallet(&mut self, person: usize) -> Result<(), NoBeginning> {
        let info = self.must(person, ("wallet", "info"), json!({}))?;
        let wallet = ["address", "wallet"].iter().find_map(|key| info[*key].as_str());
        let wallet = wallet.ok_or_else(|| NoBeginning(format!("no wallet in {info}")))?.to_owned();
        self.people[person].wallet = wallet;
        Ok(())
    }

    fn mint(&mut self, person: usize) -> Result<(), NoBeginning> {
        let wallet = &self.people[person].wallet;
        let to: Address = wallet
            .parse()
            .map_err(|_| NoBeginning(format!("{wallet} is no address of a wallet")))?;
        let sequence = self.log.minted / (RICH * Amount::COIN.0);
        let issuer = &self.world.founded.issuer;
        let body = Mint {
            issuer: IssuerKey(issuer.public().0),
            sequence,
            valid_until_ms: self.world.now + 300_000,
            wallet: to,
            amount: Amount(RICH * Amount::COIN.0),
            reference: [7; 32],
        };
        let entry =
            Instruction::from(body).sign(self.world.founded.network.id(), &issuer.signing());
        let bytes = entry.ok().and_then(|entry| entry.to_bytes().ok());
        let bytes = bytes.ok_or_else(|| NoBeginning("the mint cannot be signed".to_owned()))?;
        let entry = json!({"entry": hex::encode(bytes)});
        match self.ask(person, ("ledger", "submit"), entry) {
            Some(Ok(_)) => {}
            // Both super nodes' answers got lost: the ledger does not say whose the number's entry is,
            // the wallet does.
            Some(Err(error)) if error.code == ErrorCode::Failed => {
                let amount = json!(RICH * Amount::COIN.0);
                self.until_so("what was minted", |story| {
                    Ok(story.must(person, ("wallet", "info"), json!({}))?["balance"] == amount)
                })?;
            }
            other => return Err(NoBeginning(format!("ledger.submit: {other:?}"))),
        }
        self.log.minted += RICH * Amount::COIN.0;
        Ok(())
    }

    /// Looks again and again until something is so.
    fn until_so(
        &mut self,
        what: &str,
        is_so: impl Fn(&mut Self) -> Result<bool, NoBeginning>,
    ) -> Result<(), NoBeginning> {
        let end = self.world.now + PATIENCE_MS;
        while !is_so(self)? {
            if self.world.now >= end {
                return Err(NoBeginning(format!("{what} does not come in {PATIENCE_MS} ms")));
            }
            self.pass(LOOK_MS);
        }
        Ok(())
    }
}
