//! Who does what when, and which faults fall: all of it by dice, before it begins.

use super::{driver::Story, log::Room};
use crate::cores::{Sabotage, happening::Happening, place::Moment};
use magpie_storage::engine::Fault as DiskFault;
use std::collections::BTreeSet;

/// Before something that could not be done is tried again, milliseconds.
const AGAIN_MS: u64 = 700;
/// The shortest fault, milliseconds.
const SHORTEST_MS: u64 = 500;
/// Operations of a disk after which it fails, at most.
const DISK_OPERATIONS: u64 = 60;

/// Something that is planned.
#[derive(Debug, Clone)]
pub(super) enum Planned {
    /// A message between two friends.
    Say { from: usize, room: Room },
    /// An owner removes somebody.
    Remove { group: usize },
    /// An owner lets somebody in.
    Add { group: usize },
    /// A transfer between two friends.
    Pay { from: usize, to: usize },
    /// The same one again, for it was not decided.
    PayAgain(usize),
    /// The payee takes a transfer.
    Accept(usize),
    /// A red packet for a group.
    Fund { from: usize, group: usize },
    /// The same one again.
    FundAgain(usize),
    /// The packet's maker shows its card again.
    ShowPacket(usize),
    /// A person claims from a packet.
    Claim { packet: usize, who: usize },
    /// A person signs in.
    SignIn(usize),
    /// A node falls at this moment of its work.
    Crash { at: usize, moment: Moment, down_ms: u64 },
    /// A node's disk fails.
    DiskFails { at: usize, after: u64 },
    /// Some are cut off.
    Cut { number: u64, apart: BTreeSet<usize>, lasts_ms: u64 },
    /// A partition ends.
    Heal { number: u64 },
}

impl Story {
    /// Plans something for later.
    pub(super) fn plan_in(&mut self, wait_ms: u64, planned: Planned) {
        let number = self.plan.len();
        self.plan.push(planned);
        self.world.plan(wait_ms, Happening::Plan { number });
    }

    /// Makes the whole plan of the scenario.
    pub fn make_plan(&mut self) {
        let scenario = self.world.scenario.clone();
        let length = scenario.seconds * 1_000;
        self.until = self.world.now + length;
        self.is_peace = false;
        self.world.begin();
        let rooms: Vec<(usize, usize)> = self.friendships();
        if let Some(chat) = &scenario.workload.chat {
            for _ in 0..chat.messages {
                let Some(&(a, b)) = self.dice.pick(&rooms) else { break };
                let from = if self.dice.happens(0.5) { a } else { b };
                self.plan_some_time(length, Planned::Say { from, room: Room::of(a, b) });
            }
        }
        if let Some(groups) = &scenario.workload.groups {
            let count = self.log.groups.len() as u64;
            for _ in 0..groups.messages {
                let group = usize::try_from(self.dice.below(count)).unwrap_or(0);
                let members: Vec<_> = self.log.groups[group].staying.iter().copied().collect();
                let Some(&from) = self.dice.pick(&members) else { continue };
                self.plan_some_time(length, Planned::Say { from, room: Room::Group(group) });
            }
            for _ in 0..groups.removals {
                let group = usize::try_from(self.dice.below(count)).unwrap_or(0);
                self.plan_some_time(length, Planned::Remove { group });
            }
            for _ in 0..groups.additions {
                let group = usize::try_from(self.dice.below(count)).unwrap_or(0);
                self.plan_some_time(length, Planned::Add { group });
            }
        }
        if let Some(payments) = &scenario.workload.payments {
            for _ in 0..payments.transfers {
                let Some(&(a, b)) = self.dice.pick(&rooms) else { break };
                let (from, to) = if self.dice.happens(0.5) { (a, b) } else { (b, a) };
                self.plan_some_time(length, Planned::Pay { from, to });
            }
        }
        for (from, group) in self.funders.clone() {
            self.plan_some_time(length / 2, Planned::Fund { from, group });
        }
        self.plan_faults(length);
    }

    fn plan_some_time(&mut self, length: u64, planned: Planned) {
        let wait = self.dice.below(length);
        self.plan_in(wait, planned);
    }

    fn plan_faults(&mut self, length: u64) {
        let scenario = self.world.scenario.clone();
        let (faults, supers) = (scenario.faults, self.world.supers());
        let longest = self.world.longest_fault().max(SHORTEST_MS);
        let people: Vec<usize> = self.world.people().collect();
        for _ in 0..faults.crashes {
            let Some(&at) = self.dice.pick(&people) else { break };
            let (moment, down_ms) = (self.moment(), self.dice.between(SHORTEST_MS, longest));
            self.plan_some_time(length, Planned::Crash { at, moment, down_ms });
        }
        // One super node falls after the other, each in a part of the time of its own.
        let parts = u64::from(faults.super_crashes);
        for part in 0..parts {
            let at = usize::try_from(self.dice.below(supers as u64)).unwrap_or(0);
            let slot = length / parts;
            let down_ms = self.dice.between(SHORTEST_MS, longest).min(slot / 2);
            let wait = part * slot + self.dice.below(slot / 2);
            let moment = self.moment();
            self.plan_in(wait, Planned::Crash { at, moment, down_ms });
        }
        for _ in 0..faults.io_errors {
            let all = people.len() as u64;
            let Some(&at) = people.get(usize::try_from(self.dice.below(all)).unwrap_or(0)) else {
                break;
            };
            let after = self.dice.below(DISK_OPERATIONS);
            self.plan_some_time(length, Planned::DiskFails { at, after });
        }
        for number in 0..u64::from(faults.partitions) {
            let places = supers + people.len();
            let apart = (0..places).filter(|_| self.dice.happens(0.3)).collect();
            let lasts_ms = self.dice.between(SHORTEST_MS, longest);
            self.plan_some_time(length, Planned::Cut { number, apart, lasts_ms });
        }
        let ms = |seconds: f64| (seconds * 1_000.0) as u64;
        for crash in &scenario.crashes {
            if let Some(at) = scenario.node(&crash.node) {
                let (moment, down_ms) = (self.moment(), ms(crash.down));
                self.plan_in(ms(crash.at), Planned::Crash { at, moment, down_ms });
            }
        }
        for (partition, number) in scenario.partitions.iter().zip(1_000..) {
            let apart = partition.nodes.iter().filter_map(|name| scenario.node(name)).collect();
            let lasts_ms = ms(partition.lasts);
            self.plan_in(ms(partition.at), Planned::Cut { number, apart, lasts_ms });
        }
    }

    fn moment(&mut self) -> Moment {
        let all = [
            Moment::BeforeFiles,
            Moment::BeforeCommit,
            Moment::AfterCommit,
            Moment::WhilePublishing,
        ];
        self.dice.pick(&all).copied().unwrap_or(Moment::AfterCommit)
    }

    /// Does what is planned, or plans it again if whoever is to do it cannot.
    pub(super) fn planned(&mut self, number: usize) {
        let planned = self.plan[number].clone();
        if self.world.now >= self.until && !planned.goes_on() {
            return;
        }
        if let Some(who) = self.doer(&planned)
            && !self.is_there(who)
        {
            return self.plan_in(AGAIN_MS, planned);
        }
        match planned {
            Planned::Say { from, room } => self.say(from, room),
            Planned::Remove { group } => self.remove(group),
            Planned::Add { group } => self.add(group),
            Planned::Pay { from, to } => self.pay(from, to),
            Planned::PayAgain(payment) => self.pay_again(payment),
            Planned::Accept(payment) => self.accept(payment),
            Planned::Fund { from, group } => self.fund(from, group),
            Planned::FundAgain(packet) => self.fund_again(packet),
            Planned::ShowPacket(packet) => self.show_packet(packet),
            Planned::Claim { packet, who } => self.claim(packet, who),
            Planned::SignIn(person) => {
                if self.world.is_up(self.people[person].at) && !self.is_there(person) {
                    self.sign_in_again(person);
                }
            }
            Planned::Crash { at, moment, down_ms } => {
                if self.world.sabotage == Some(Sabotage::SilentDisk) {
                    self.world.places[at].disk.inject(DiskFault::From(0));
                } else if !self.is_peace {
                    self.note(at, format!("is struck ({moment:?}) for {down_ms} ms at most"));
                    self.world.doom(at, moment, down_ms);
                }
            }
            Planned::DiskFails { at, after } => {
                if !self.is_peace && self.world.is_up(at) {
                    self.note(at, format!("its disk fails after {after} operations"));
                    self.world.places[at].disk.inject(DiskFault::From(after));
                    self.world.places[at].disk_fails = true;
                }
            }
            Planned::Cut { number, apart, lasts_ms } => {
                if !self.is_peace {
                    let names: Vec<_> =
                        apart.iter().map(|at| self.world.scenario.name_of(*at)).collect();
                    self.note(0, format!("cut off for {lasts_ms} ms: {}", names.join(" ")));
                    self.cut(number, apart);
                    self.plan_in(lasts_ms, Planned::Heal { number });
                }
            }
            Planned::Heal { number } => {
                self.note(0, "the partition is over".to_owned());
                self.world.links.heal(number);
            }
        }
    }

    fn cut(&mut self, number: u64, apart: BTreeSet<usize>) {
        self.world.links.cut(number, apart);
        for (a, b) in self.world.links.severed() {
            // Both ends notice when their pings run out, or at the next write.
            let wait = self.dice.between(200, 15_000);
            self.world.plan(wait, Happening::Severs { a, b });
        }
    }

    /// Returns the person who does what is planned.
    fn doer(&self, planned: &Planned) -> Option<usize> {
        match planned {
            Planned::Say { from, .. } | Planned::Pay { from, .. } | Planned::Fund { from, .. } => {
                Some(*from)
            }
            Planned::Remove { group } | Planned::Add { group } => {
                Some(self.log.groups[*group].owner)
            }
            Planned::PayAgain(payment) => Some(self.log.payments[*payment].from),
            Planned::Accept(payment) => Some(self.log.payments[*payment].to),
            Planned::FundAgain(packet) | Planned::ShowPacket(packet) => {
                Some(self.log.packets[*packet].from)
            }
            Planned::Claim { who, .. } => Some(*who),
            _ => None,
        }
    }
}

impl Planned {
    /// Tells whether it is still done when the time of work is over: what was begun is finished.
    const fn goes_on(&self) -> bool {
        matches!(
            self,
            Self::SignIn(_)
                | Self::Heal { .. }
                | Self::PayAgain(_)
                | Self::FundAgain(_)
                | Self::Accept(_)
                | Self::ShowPacket(_)
                | Self::Claim { .. }
        )
    }
}
