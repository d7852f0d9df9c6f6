//! Four super nodes that order the ledger, and alice, bob and carol with a group of their own.

use crate::core::{
    CallId,
    letters::tests::{
        groups::{make, three},
        world::{At, World, signing},
    },
    money::rows::OPERATIONS,
};
use magpie_protocol::{
    codec::decode,
    keys::IssuerKey,
    ledger::{Amount, Entry, Instruction, Mint, exchange::Answer},
};
use magpie_storage::{engine::Order, table::Keys};
use serde_json::{Value, json};
use std::ops::{Deref, DerefMut};

/// One coin, in units.
pub(super) const COIN: u64 = Amount::COIN.0;
/// The wallet password of everybody.
pub(super) const WALLET: &str = "wallet-1111111111";
/// More than any fee.
pub(super) const GAS: u64 = 100_000;
/// What everybody has at the beginning, in coins.
pub(super) const RICH: u64 = 100;
/// How closely a test looks at the clock, milliseconds.
const LOOK_MS: u64 = 100;

/// Three people who have money, and what they did.
pub(super) struct Story {
    pub(super) world: World,
    pub(super) alice: At,
    pub(super) bob: At,
    pub(super) carol: At,
    pub(super) group: String,
    minted: u64,
}

impl Deref for Story {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl DerefMut for Story {
    fn deref_mut(&mut self) -> &mut World {
        &mut self.world
    }
}

/// What a call was answered with.
pub(super) type Said = Result<Value, u16>;

impl Story {
    /// Alice is a friend of bob and carol, all three are in her group, and all have money.
    pub(super) fn new() -> Self {
        let mut world = World::with_heartbeat(4, 30_000);
        // Frames take no time here, so what follows from a call is over soon.
        world.settle_ms = 3_000;
        let (alice, bob, carol) = three(&mut world);
        let group = make(&mut world, alice, &[bob, carol]);
        world.settle();
        let mut story = Self { world, alice, bob, carol, group, minted: 0 };
        for who in [alice, bob, carol] {
            story.mint(who, RICH).unwrap();
        }
        story
    }

    /// The issuer's next entry: so many coins for somebody.
    pub(super) fn mint_entry(&mut self, to: At, coins: u64) -> String {
        let wallet = self.wallet(to).parse().unwrap();
        let body = Mint {
            issuer: IssuerKey(signing(99).verifying_key().to_bytes()),
            sequence: self.minted,
            valid_until_ms: self.now + 60_000,
            wallet,
            amount: Amount(coins * COIN),
            reference: [7; 32],
        };
        self.minted += 1;
        let entry = Instruction::from(body).sign(self.chain(), &signing(99)).unwrap();
        hex::encode(entry.to_bytes().unwrap())
    }

    pub(super) fn mint(&mut self, to: At, coins: u64) -> Said {
        let entry = self.mint_entry(to, coins);
        self.wait(to, ("ledger", "submit"), json!({"entry": entry}))
    }

    /// Calls a method and lets time pass until it is answered.
    pub(super) fn wait(&mut self, at: At, method: (&str, &str), params: Value) -> Said {
        let call = self.put_call(at, method, params, None);
        self.answer_to(at, call)
    }

    /// The same under a key of the caller's.
    pub(super) fn wait_named(
        &mut self,
        at: At,
        method: (&str, &str),
        params: Value,
        key: &str,
    ) -> Said {
        let call = self.put_call(at, method, params, Some(key));
        self.answer_to(at, call)
    }

    /// Calls a method that is not decided in time, and returns the uid that it is told.
    pub(super) fn pending(
        &mut self,
        at: At,
        method: (&str, &str),
        params: Value,
        key: &str,
    ) -> String {
        let call = self.put_call(at, method, params, Some(key));
        self.pass(15_000);
        let error = self.answer(at, call).expect("answered in time").unwrap_err();
        assert_eq!(error.code.number(), 21009, "{error:?}");
        uid(&error.data)
    }

    /// The packet that somebody made, if it is one alone.
    pub(super) fn last_packet(&mut self, at: At) -> String {
        let open = self.peers[at].core.open.as_ref().unwrap();
        let rows = std::sync::Arc::clone(&open.rows);
        let store = &self.peers[at].store;
        let all = OPERATIONS.scan(store, &rows, &(), &Keys::all(), Order::Ascending, 64).unwrap();
        let is_made = |entry: &[u8]| {
            let instruction = Entry::from_bytes(entry).unwrap().instruction().unwrap();
            matches!(instruction, Instruction::CreatePacket(_))
        };
        let found: Vec<_> = all.iter().filter(|(_, row)| is_made(&row.entry)).collect();
        assert_eq!(found.len(), 1);
        found[0].0.to_string()
    }

    /// Lets time pass until a call is answered: none waits for more than 15 seconds.
    pub(super) fn answer_to(&mut self, at: At, call: CallId) -> Said {
        let begun = self.now;
        while self.now <= begun + 15_000 {
            self.pass(0);
            if let Some(answer) = self.answer(at, call) {
                return answer.map_err(|error| error.code.number());
            }
            self.pass(LOOK_MS);
        }
        panic!("the call is not answered in time");
    }

    pub(super) fn wallet(&self, at: At) -> String {
        self.peers[at].core.open.as_ref().unwrap().account.wallet.to_string()
    }

    /// What somebody has, in units, as the newest header shows it.
    pub(super) fn balance(&mut self, at: At) -> u64 {
        let info = self.wait(at, ("wallet", "info"), json!({})).unwrap();
        info["balance"].as_u64().unwrap_or_else(|| panic!("{info}"))
    }

    /// The kinds and amounts of somebody's records, oldest first.
    pub(super) fn records(&mut self, at: At) -> Vec<(u64, u64)> {
        let rows = self.call(at, "wallet", "records", json!({})).unwrap();
        let rows = rows.as_array().unwrap().iter().rev();
        rows.map(|row| (row["type"].as_u64().unwrap(), row["amount"].as_u64().unwrap())).collect()
    }

    /// What a call for a transfer says.
    pub(super) fn transfer_of(&mut self, from: At, to: At, amount: u64) -> Value {
        let (wallet, payee) = (self.wallet(from), self.address(to));
        json!({
            "cnd": payee, "gas": GAS, "amount": amount, "password": WALLET,
            "srcAddress": wallet, "senderNickname": "", "senderNodeAddress": "",
            "remark": "lunch",
        })
    }

    /// Pays a transfer and sends its card; returns its uid.
    pub(super) fn transfer(&mut self, from: At, to: At, amount: u64) -> String {
        let params = self.transfer_of(from, to, amount);
        let made = self.wait(from, INSERT, params).unwrap();
        self.send_transfer_card(from, to, &uid(&made)).unwrap();
        self.pass(2_000);
        uid(&made)
    }

    pub(super) fn send_transfer_card(&mut self, from: At, to: At, uid: &str) -> Said {
        let address = self.address(to);
        let card = json!({
            "cnd": address, "cid": address, "conversationType": 0, "pub": "",
            "content": json!({"uid": uid}).to_string(),
        });
        self.call(from, "chat", "sendTransferMessage", card)
    }

    pub(super) fn accept(&mut self, at: At, uid: &str, password: &str) -> Said {
        self.wait(at, ACCEPT, Self::acceptance_of(uid, password))
    }

    pub(super) fn decline(&mut self, at: At, uid: &str) -> Said {
        self.wait(at, REFUND, json!({"remittanceId": uid}))
    }

    /// What a call for a packet says; in the group at once, or by the card that is sent.
    pub(super) fn packet_of(&mut self, from: At, amount: u64, count: u64, at_once: bool) -> Value {
        let wallet = self.wallet(from);
        let mut params = json!({
            "gas": GAS, "amount": amount, "count": count, "password": WALLET,
            "srcAddress": wallet, "remark": "恭喜",
        });
        if at_once {
            params["gId"] = json!(self.group);
        }
        params
    }

    /// Sends the card of a packet to the group.
    pub(super) fn send_card(&mut self, from: At, uid: &str) -> Said {
        let group = self.group.clone();
        let card = json!({
            "cnd": group, "cid": group, "conversationType": 1, "pub": "",
            "content": json!({"uid": uid}).to_string(),
        });
        self.call(from, "chat", "sendRedPacketMessage", card)
    }

    /// Makes a packet in the group and sends its card; returns its uid.
    pub(super) fn packet(&mut self, from: At, method: (&str, &str), of: (u64, u64)) -> String {
        let params = self.packet_of(from, of.0, of.1, true);
        let made = self.wait(from, method, params).unwrap();
        self.send_card(from, &uid(&made)).unwrap();
        self.pass(5_000);
        uid(&made)
    }

    pub(super) fn claim(&mut self, at: At, uid: &str) -> Said {
        let call = self.put_claim(at, uid);
        self.answer_to(at, call)
    }

    pub(super) fn put_claim(&mut self, at: At, uid: &str) -> CallId {
        let params = self.claim_of(uid);
        self.put_call(at, CLAIM, params, None)
    }

    /// What a call for a share says.
    pub(super) fn claim_of(&self, uid: &str) -> Value {
        json!({
            "cnd": "", "groupPassword": "", "receiveNodeId": "", "receiveNickName": "",
            "message": {"uid": uid}, "gId": self.group,
        })
    }

    /// What a call says that accepts a transfer.
    pub(super) fn acceptance_of(uid: &str, password: &str) -> Value {
        json!({
            "cnd": "", "gas": 0, "password": password, "receiveNodeId": "",
            "receiveNickName": "", "message": {"uid": uid},
        })
    }

    /// Ends all super nodes, or starts them anew.
    pub(super) fn all_away(&mut self) {
        (0..4).for_each(|at| self.kill(at));
        self.pass(0);
    }

    pub(super) fn all_back(&mut self) {
        (0..4).for_each(|at| self.restart_now(at));
        self.pass(3_000);
    }

    /// Lets a long time pass without all the blocks of it: the super nodes are away, and come back.
    pub(super) fn heartbeats_over(&mut self, ms: u64) {
        self.all_away();
        self.world.now += ms;
        self.all_back();
        self.pass(30_000);
    }

    /// Sees that no errand and no entry of anybody waits for the ledger any more.
    pub(super) fn assert_idle(&self) {
        for at in [self.alice, self.bob, self.carol] {
            let errands: Vec<_> = self.peers[at].core.money.errands.values().collect();
            assert!(errands.is_empty(), "{at}: {errands:?}");
        }
    }

    /// Sees that all the money of the three is there, but for what `missing` says.
    pub(super) fn assert_sum(&mut self, missing: u64) {
        let all: Vec<u64> =
            [self.alice, self.bob, self.carol].into_iter().map(|at| self.balance(at)).collect();
        assert_eq!(all.iter().sum::<u64>() + missing, 3 * RICH * COIN, "{all:?}");
    }
}

pub(super) const INSERT: (&str, &str) = ("chat", "insertTransfer");
pub(super) const FORTUNE: (&str, &str) = ("group", "groupFortuneInsertRedEnvelope");
pub(super) const ORDINARY: (&str, &str) = ("group", "groupOrdinaryInsertRedEnvelope");
pub(super) const ACCEPT: (&str, &str) = ("chat", "receiveTransfer");
pub(super) const REFUND: (&str, &str) = ("remittance", "refund");
pub(super) const CLAIM: (&str, &str) = ("group", "groupReceiveEnvelope");

pub(super) fn uid(made: &Value) -> String {
    made["uid"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

/// Reads an answer of the ledger.
pub(super) fn read(bytes: &[u8]) -> Answer {
    decode(bytes).unwrap()
}
