//! A group of persons with fixed keys, and a short way to write its history.

use crate::{
    address::Address,
    bounded::{List, Text},
    group::*,
    record::{
        Avatar, DeviceList, VerifiedDeviceList,
        fixtures::{Person, device_id, person},
    },
};
use std::collections::BTreeSet;

pub(super) const NOW: u64 = 1_700_000_000_000;

/// The creator and owner.
pub(super) const OLIVE: usize = 0;
/// Made an administrator by [`World::with_admins`].
pub(super) const ADAM: usize = 1;
/// Made an administrator, too.
pub(super) const BEA: usize = 2;
/// Plain members.
pub(super) const MIA: usize = 3;
pub(super) const NED: usize = 4;
/// No member.
pub(super) const STAN: usize = 5;

pub(super) struct World {
    pub(super) people: Vec<Person>,
    pub(super) graph: Graph,
    pub(super) root: OperationId,
    epochs: u8,
    salt: u64,
}

pub(super) fn proof(person: &Person) -> NewMember {
    NewMember { keys: person.card().keys, devices: person.list() }
}

pub(super) fn creation(people: &[&Person]) -> VerifiedOperation {
    let members: Vec<_> = people.iter().map(|person| proof(person)).collect();
    let create = Create {
        nonce: [7; 32],
        name: Text::new("鹊桥").unwrap(),
        avatar: Avatar::default(),
        config: Config::default(),
        members: List::new(members).unwrap(),
        epoch: EpochKey([0xe0; 32]),
    };
    let operation = Operation {
        group: None,
        author: people[0].address(),
        device: people[0].device(),
        parents: List::default(),
        previous: None,
        depth: 0,
        time_ms: NOW,
        number: 0,
        body: Default::default(),
    };
    let operation = operation.with_action(&create.into()).unwrap();
    operation.sign(&people[0].primary).unwrap().verify().unwrap()
}

impl World {
    pub(super) fn new() -> Self {
        let people: Vec<_> = (0..6).map(|at| person(10 + 10 * at)).collect();
        let first = creation(&people[..5].iter().collect::<Vec<_>>());
        let root = first.id();
        Self { people, graph: Graph::new(first).unwrap(), root, epochs: 0, salt: 0 }
    }

    /// A group with two administrators; returns the head.
    pub(super) fn with_admins() -> (Self, OperationId) {
        let mut world = Self::new();
        let adam = world.role(ADAM, true);
        let first = world.on(&[world.root], OLIVE, adam);
        let bea = world.role(BEA, true);
        let head = world.on(&[first], OLIVE, bea);
        (world, head)
    }

    /// Gives all that follows other hashes.
    pub(super) fn vary(&mut self, by: u64) {
        self.salt += 1_000 * by;
    }

    pub(super) fn address(&self, who: usize) -> Address {
        self.people[who].address()
    }

    pub(super) fn epoch(&mut self) -> EpochKey {
        self.epochs += 1;
        EpochKey([self.epochs; 32])
    }

    pub(super) fn remove(&mut self, who: usize) -> Action {
        let members = List::new(vec![self.address(who)]).unwrap();
        Remove { members, epoch: self.epoch() }.into()
    }

    pub(super) fn add(&self, who: usize) -> Action {
        let members = List::new(vec![proof(&self.people[who])]).unwrap();
        Add { via: Via::Invitation, members }.into()
    }

    pub(super) fn role(&self, who: usize, admin: bool) -> Action {
        SetRole { account: self.address(who), admin }.into()
    }

    pub(super) fn transfer(&self, who: usize) -> Action {
        Transfer { to: self.address(who) }.into()
    }

    pub(super) fn rename(&self, name: &str) -> Action {
        Rename { name: Text::new(name).unwrap() }.into()
    }

    pub(super) fn nickname(&self, name: &str) -> Action {
        SetNickname { nickname: Some(Text::new(name).unwrap()) }.into()
    }

    pub(super) fn checkpoint(&self, heads: &[OperationId]) -> Action {
        Checkpoint { state: state_at(&self.graph, heads, &BTreeSet::new()).unwrap() }.into()
    }

    /// The author's latest operation that these have behind them.
    fn previous(&self, heads: &[OperationId], author: Address) -> Option<OperationId> {
        let behind = |id: OperationId| {
            heads.iter().any(|head| *head == id || self.graph.is_before(id, *head))
        };
        let own = self.graph.operations().filter(|it| it.operation().author == author);
        own.filter(|it| behind(it.id())).max_by_key(|it| it.operation().depth).map(|it| it.id())
    }

    pub(super) fn sign(
        &mut self,
        parents: &[OperationId],
        who: usize,
        previous: Option<OperationId>,
        action: Action,
    ) -> VerifiedOperation {
        self.salt += 1;
        let mut parents = parents.to_vec();
        parents.sort_unstable();
        let depth = |id: &OperationId| self.graph.get(*id).unwrap().operation().depth;
        let operation = Operation {
            group: Some(self.graph.group()),
            author: self.address(who),
            device: self.people[who].device(),
            depth: parents.iter().map(depth).max().unwrap() + 1,
            parents: List::new(parents).unwrap(),
            previous,
            time_ms: NOW + self.salt,
            number: 0,
            body: Default::default(),
        };
        let operation = operation.with_action(&action).unwrap();
        operation.sign(&self.people[who].primary).unwrap().verify().unwrap()
    }

    /// Adds an operation over these, as an honest author signs it.
    pub(super) fn on(
        &mut self,
        parents: &[OperationId],
        who: usize,
        action: Action,
    ) -> OperationId {
        let previous = self.previous(parents, self.address(who));
        self.on_after(parents, who, previous, action)
    }

    /// Adds an operation with this previous one of its author.
    pub(super) fn on_after(
        &mut self,
        parents: &[OperationId],
        who: usize,
        previous: Option<OperationId>,
        action: Action,
    ) -> OperationId {
        let operation = self.sign(parents, who, previous, action);
        let id = operation.id();
        assert_eq!(self.graph.insert(operation), Ok(Inserted::Added(vec![id])));
        id
    }

    pub(super) fn fold(&self) -> Fold {
        Fold::of(&self.graph, &BTreeSet::new()).unwrap()
    }
}

/// Term 0, version 2 of a person's list: the second device is gone.
pub(super) fn list_without_second(person: &Person) -> DeviceList {
    let opening = person.opening();
    let known: VerifiedDeviceList = person.verified();
    let later = person.entry(0, 2, Some(known.entry_hash()), false).sign_later(&person.primary);
    DeviceList { opening, later: Some(later.unwrap()) }
}

pub(super) fn second_device(person: &Person) -> crate::ids::DeviceId {
    device_id(&person.second)
}
