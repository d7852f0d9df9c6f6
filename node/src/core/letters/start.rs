//! What puts letters to work: a login, a connection, the agenda.

use super::rows::{CORRESPONDENTS, HELD, MAILBOX_OF, MailboxOf, OUTBOX, WAITING};
use crate::core::{
    agenda::{TASKS_PER_STEP, Task},
    net::NetCommand,
    requests::Purpose,
    state::Core,
    turn::Turn,
};
use magpie_protocol::{
    address::{Address, NodeId},
    api::ApiResult,
    ids::NetworkId,
    limits::{STAMP_EFFORT_MAX, STAMP_RISE_MAX},
    network::SuperKeys,
};
use magpie_storage::{engine::Order, table::Keys};

/// Rows looked through at a login, at most; those beyond are found as the ones before leave.
const ROWS_AT_LOGIN: usize = 10_000;
/// Contacts' devices that the node stays connected to, at most.
const KEPT_PEERS: usize = 64;

impl Core {
    /// Returns the super nodes of the network, in the order of the genesis, but not this node.
    pub(crate) fn supers(&self) -> Vec<NodeId> {
        let genesis = self.config.network.as_ref().map(|m| m.network.genesis());
        let supers = genesis.into_iter().flat_map(|g| g.supers.iter().map(|s| s.node));
        supers.filter(|node| *node != self.node_id()).collect()
    }

    /// Returns a super node's place in the genesis, its keys, and the network.
    pub(crate) fn super_at(&self, node: NodeId) -> Option<(usize, SuperKeys, NetworkId)> {
        let network = &self.config.network.as_ref()?.network;
        let supers = &network.genesis().supers;
        let index = supers.iter().position(|keys| keys.node == node)?;
        Some((index, network.super_at(node)?.keys(), network.id()))
    }

    /// Returns how many super nodes have to sign for a write: a majority.
    pub(crate) fn enough_to_write(&self) -> usize {
        self.supers().len() / 2 + 1
    }

    /// Returns how many super nodes have to answer a read, so that one of them took the last write.
    pub(crate) fn enough_to_read(&self) -> usize {
        self.supers().len() + 1 - self.enough_to_write()
    }

    /// Returns how long mail is kept, milliseconds.
    pub(crate) fn mail_retention_ms(&self) -> u64 {
        let network = self.config.network.as_ref();
        network.map_or(0, |m| m.network.genesis().mail_retention_ms)
    }

    /// Returns the effort of a stamp while a super node is idle.
    pub(crate) fn stamp_effort(&self) -> u8 {
        self.config.network.as_ref().map_or(0, |m| m.network.genesis().stamp_effort)
    }

    /// Returns the effort that a super node that keeps the rules asks for, at most.
    pub(crate) fn stamp_effort_at_most(&self) -> u8 {
        self.stamp_effort().saturating_add(STAMP_RISE_MAX).min(STAMP_EFFORT_MAX)
    }
}

impl Turn<'_> {
    /// Puts back on the agenda what the vault's rows describe: after a login.
    pub(crate) fn start_letters(&mut self) -> ApiResult<()> {
        if self.core.config.network.is_none() {
            return self.start_groups();
        }
        let account = self.open()?.account.address;
        let put = MAILBOX_OF.put(&mut self.tx, &(), &MailboxOf(account));
        self.stored(put)?;
        self.load_identity()?;
        let rows = self.rows()?;
        let now = self.now;
        let range = Keys::all();
        let waiting = WAITING.scan(&self.tx, &rows, &(), &range, Order::Ascending, ROWS_AT_LOGIN);
        let (mut last, mut on_way) = (0, 0);
        for ((to, number), _) in self.stored(waiting)? {
            last = last.max(number);
            on_way += 1;
            self.core.agenda.plan(Task::Seal(to), now);
        }
        let range = Keys::all();
        let outgoing = OUTBOX.scan(&self.tx, &rows, &(), &range, Order::Ascending, ROWS_AT_LOGIN);
        for ((node, number), row) in self.stored(outgoing)? {
            last = last.max(number);
            on_way += row.weight();
            self.core.agenda.plan(Task::Carry(node), now);
        }
        // Numbers start from the time, so that those of rows beyond the scan are smaller, too.
        let letters = &mut self.open_mut()?.letters;
        (letters.next, letters.on_way) = ((last + 1).max(now << 8), on_way);
        for task in [Task::Publish, Task::Tokens, Task::OpenHeld, Task::Prune] {
            self.core.agenda.plan(task, now);
        }
        for node in self.core.supers() {
            self.core.agenda.plan(Task::Collect(node), now);
        }
        self.keep_friends_near()?;
        self.start_groups()
    }

    /// Stays connected to the devices of the people that are known.
    fn keep_friends_near(&mut self) -> ApiResult<()> {
        let rows = self.rows()?;
        let people =
            CORRESPONDENTS.scan(&self.tx, &rows, &(), &Keys::all(), Order::Ascending, KEPT_PEERS);
        let accounts: Vec<Address> =
            self.stored(people)?.into_iter().map(|(account, _)| account).collect();
        for account in accounts {
            self.keep_near(account)?;
        }
        Ok(())
    }

    /// Stays connected to the devices of an account, if it is one of one's friends.
    pub(crate) fn keep_near(&mut self, account: Address) -> ApiResult<()> {
        if !self.standing(account)?.comes_directly() {
            return Ok(());
        }
        let Some(person) = self.correspondent(account)? else { return Ok(()) };
        for addresses in person.addresses.values() {
            let (peer, known) = (addresses.body().node, &addresses.body().addresses);
            let addresses = known.iter().map(|address| address.to_string()).collect();
            self.command(NetCommand::Keep { peer, addresses });
        }
        Ok(())
    }

    /// Lets go of everything that belongs to the vault that closes.
    pub(crate) fn stop_letters(&mut self) {
        self.stop_groups();
        self.core.agenda.keep_only_mail();
        self.core.requests.forget();
    }

    /// Does some of what is due.
    pub(crate) fn work(&mut self) -> ApiResult<()> {
        for _ in 0..TASKS_PER_STEP {
            let Some(task) = self.core.agenda.take(self.now) else { break };
            let is_anybodys = matches!(task, Task::Collect(_) | Task::Ledger | Task::Errands);
            if self.core.open.is_none() && !is_anybodys {
                continue;
            }
            match task {
                Task::Publish => self.publish()?,
                Task::Tokens => self.register_tokens()?,
                Task::LookUp(account) => self.look_up(account)?,
                Task::Seal(account) => self.seal_waiting(account)?,
                Task::Carry(node) => self.carry(node)?,
                Task::Mint(node) => self.mint(node)?,
                Task::Collect(from) => self.collect(from)?,
                Task::OpenHeld => self.open_held()?,
                Task::Prune => self.prune_seen()?,
                Task::SealParcels(group) => self.seal_parcels(group)?,
                Task::Share(group) => self.seal_shares(group)?,
                Task::PutFrames(to) => self.put_frames(to)?,
                Task::FetchFrames(epoch, from) => self.ask_frames(epoch, from)?,
                Task::Duties(group) => self.duties(group)?,
                Task::Want(group) => self.want(group)?,
                Task::Pull(group) => self.pull(group)?,
                Task::Compare(group) => self.compare(group)?,
                Task::Judge(group) => self.judge(group)?,
                Task::Ledger => self.ask_ledger()?,
                Task::Errands => self.run_errands()?,
            }
        }
        Ok(())
    }

    /// Counts what is held, and fetches mail: at the node's start.
    pub(crate) fn start_mail(&mut self) -> ApiResult<()> {
        let held = HELD.scan(&self.tx, &Keys::all(), Order::Ascending, ROWS_AT_LOGIN);
        self.core.held = self.stored(held)?.len();
        for node in self.core.supers() {
            self.core.agenda.plan(Task::Collect(node), self.now);
        }
        Ok(())
    }

    /// Goes on with what waited for a peer.
    pub(crate) fn peer_connected(&mut self, peer: NodeId) {
        if self.core.super_at(peer).is_some() {
            self.core.agenda.plan(Task::Collect(peer), self.now);
            self.core.agenda.hurry(self.now);
            self.fetch_all_frames(peer);
        } else if self.core.open.is_some() {
            if let Some(open) = &mut self.core.open {
                open.letters.by_mail.remove(&peer);
            }
            self.core.agenda.plan(Task::Carry(peer), self.now);
        }
    }

    /// Takes the answer to a request of ours, or that there is none.
    pub(crate) fn answered(
        &mut self,
        from: NodeId,
        purpose: Purpose,
        answer: Option<&[u8]>,
    ) -> ApiResult<()> {
        match purpose {
            Purpose::Collect => self.collected(from, answer),
            Purpose::Nothing => Ok(()),
            Purpose::Prove(keys) => self.proven(from, keys, answer),
            Purpose::Submit(entry) => self.submitted(from, entry, answer),
            Purpose::Header(height) => self.header_shown(from, height, answer),
            Purpose::Name => self.newest_named(from, answer),
            Purpose::Confirm(height) => self.height_confirmed(from, height, answer),
            Purpose::Hand(cargo) => {
                self.handed(from, cargo);
                Ok(())
            }
            // The account signed out meanwhile; its rows bring the work back at the next login.
            _ if self.core.open.is_none() => Ok(()),
            Purpose::Publish => self.published(from, answer),
            Purpose::Tokens(accounts) => self.tokens_answered(from, accounts, answer),
            Purpose::LookUp(account) => self.looked_up(account, from, answer),
            Purpose::Deliver(numbers) => self.delivered(from, numbers, answer),
            Purpose::Deposit(node, numbers) => self.deposited(from, node, numbers, answer),
            Purpose::PutFrames(numbers) => self.frames_put(from, numbers, answer),
            Purpose::FetchFrames(epoch) => self.frames_fetched(from, epoch, answer),
            Purpose::Pull(group) => self.pulled(group, answer),
            Purpose::Compare(group, asked, round) => {
                self.compared(from, group, (asked, round), answer)
            }
            Purpose::PullMessages(group) => self.messages_pulled(group, answer),
        }
    }
}
