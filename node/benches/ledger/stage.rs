//! A network of processes: super nodes, users' nodes, and people with money.

use crate::{
    crowd::{self, Watch},
    friends::Friends,
    light::{self, Verified},
    other::Side,
    profile::Profile,
    side::Ask,
    submitting::{self, Pace, Run},
    town::{Lane, Town},
    world::{
        Failed,
        latency::Latencies,
        place::{self, Transport},
        process::Cost,
    },
};
use magpie_node::host::{read_issuer, read_network};
use magpie_protocol::{
    ledger::state::{Account, Leaf, Packet},
    network::Network,
};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The network and who is there.
pub(crate) struct Stage {
    pub(crate) dir: TempDir,
    pub(crate) town: Town,
    transport: Transport,
    file: PathBuf,
    network: Network,
    supers: Vec<Side>,
    users: Vec<Side>,
}

/// What happened, and what it cost.
pub(crate) struct Row<R> {
    pub(crate) run: R,
    /// Entries that were submitted.
    pub(crate) entries: usize,
    /// Of each super node.
    pub(crate) supers: Vec<Cost>,
    /// Of each user's node.
    pub(crate) users: Vec<Cost>,
    /// Where the CPU time of super nodes and users went, by kind; nothing where nobody looked.
    pub(crate) profile: Option<Vec<(String, f64)>>,
}

impl Row<Run> {
    /// Checks that all entries are final.
    pub(crate) fn check(&self) -> Result<(), Failed> {
        match self.run.failed.is_empty() {
            true => Ok(()),
            false => Err(format!("not all is final: {:?}", self.run.failed).into()),
        }
    }
}

impl Stage {
    /// Starts everything.
    pub(crate) fn set(
        validators: usize,
        (users, transport): (usize, Transport),
        people: usize,
    ) -> Result<Self, Failed> {
        let dir = tempfile::tempdir()?;
        let made = place::make(dir.path(), validators)?;
        let (network, _) = read_network(&made.file)?;
        let issuer = read_issuer(&made.issuer)?;
        let town = Town::new(network.id(), issuer, people)?;
        let start = |asks: Vec<Ask>| -> Result<Vec<Side>, Failed> {
            let mut sides = Vec::new();
            for ask in &asks {
                let mut side = Side::start()?;
                side.begin(ask)?;
                sides.push(side);
            }
            for side in &mut sides {
                side.answer()?;
            }
            Ok(sides)
        };
        let file = made.file.clone();
        let dirs = made.supers.into_iter();
        let supers = start(dirs.map(|dir| Ask::Super { file: file.clone(), dir }).collect())?;
        let user = |number| dir.path().join(format!("user{number}"));
        let named = || transport.name().to_owned();
        let asks = (0..users).map(|number| Ask::User {
            file: file.clone(),
            dir: user(number),
            transport: named(),
        });
        let users = start(asks.collect())?;
        Ok(Self { dir, town, transport, file, network, supers, users })
    }

    /// Gives everybody money.
    pub(crate) fn fund(&mut self) -> Result<(), Failed> {
        let (lane, claims) = self.town.fund()?;
        self.submit(&[lane], Pace::Answered)?.check()?;
        self.submit(&claims, Pace::Answered)?.check()
    }

    /// Submits lanes at the users' nodes, each at one of them.
    pub(crate) fn submit(&mut self, lanes: &[Lane], pace: Pace) -> Result<Row<Run>, Failed> {
        let entries = lanes.iter().map(Vec::len).sum();
        let share = match pace {
            Pace::Offered(rate) => Pace::Offered(rate / self.users.len() as f64),
            Pace::Answered => pace,
        };
        let count = self.users.len();
        let mut files = Vec::new();
        for number in 0..count {
            let mine = lanes.iter().skip(number).step_by(count).cloned();
            let file = self.dir.path().join(format!("entries{number}"));
            submitting::write(&mine.collect::<Vec<_>>(), &file)?;
            files.push(file);
        }
        self.measured(entries, |stage| {
            for (user, entries) in stage.users.iter_mut().zip(files) {
                user.begin(&Ask::Submit { entries, pace: share })?;
            }
            let mut run = Run::default();
            for user in &mut stage.users {
                run.add(serde_json::from_value(user.answer()?)?);
            }
            Ok(run)
        })
    }

    /// Hands transfers to the super nodes.
    pub(crate) async fn crowd_transfers(
        &mut self,
        count: usize,
    ) -> Result<Row<crowd::Run>, Failed> {
        let before = self.town.sequences();
        let lanes = self.town.transfers(count)?;
        let mut watches = Vec::new();
        for ((wallet, before), lane) in self.town.wallets()?.iter().zip(before).zip(&lanes) {
            let (key, count) = (Account::key(wallet), u64::try_from(lane.len())?);
            let counted = |leaf: &[u8]| Ok(Account::from_leaf(leaf)?.sequence);
            watches.push(Watch { key, before, count, counted });
        }
        self.crowd(&lanes, &watches, |lane, _| lane).await
    }

    /// Hands claims to the super nodes.
    pub(crate) async fn crowd_claims(&mut self, count: usize) -> Result<Row<crowd::Run>, Failed> {
        let packets = self.town.packets(count)?;
        self.submit(&packets.make, Pace::Answered)?.check()?;
        let mut watches = Vec::new();
        for id in &packets.ids {
            let (key, count) = (Packet::key(id), u64::try_from(packets.claims.len())?);
            let counted = |leaf: &[u8]| {
                let packet = Packet::from_leaf(leaf)?;
                Ok(u64::from(packet.count - packet.left))
            };
            watches.push(Watch { key, before: 0, count, counted });
        }
        self.crowd(&packets.claims, &watches, |_, place| place).await
    }

    async fn crowd(
        &mut self,
        lanes: &[Lane],
        watches: &[Watch],
        which: impl Fn(usize, usize) -> usize,
    ) -> Result<Row<crowd::Run>, Failed> {
        let entries = lanes.iter().map(Vec::len).sum();
        let before = self.costs()?;
        let profile = self.look()?;
        let run = crowd::run((self.reach(), &self.network), lanes, watches, which).await?;
        self.row(run, entries, before, profile)
    }

    /// Two friends, of whom one pays the other so many times in a row.
    pub(crate) async fn friends(&mut self, payments: usize) -> Result<Latencies, Failed> {
        let config =
            |name: &str| place::config(self.dir.path().join(name), &self.file, self.transport);
        let pair = Friends::meet(config("payer")?, config("payee")?).await?;
        let mint = self.town.mint(pair.wallet)?;
        self.submit(&[vec![mint]], Pace::Answered)?.check()?;
        let latencies = pair.pay(payments).await?;
        pair.part().await?;
        Ok(latencies)
    }

    fn reach(&self) -> (&Path, Transport) {
        (&self.file, self.transport)
    }

    /// Verifies a leaf as a wallet does.
    pub(crate) async fn verify(&self) -> Result<Verified, Failed> {
        let wallets = self.town.wallets()?;
        let wallet = wallets.first().ok_or("nobody is there")?;
        light::verify(self.reach(), &self.network, Account::key(wallet)).await
    }

    /// Ends everything.
    pub(crate) fn end(self) -> Result<(), Failed> {
        self.users.into_iter().chain(self.supers).try_for_each(|side| side.stop(&Ask::Stop))
    }

    fn measured<R>(
        &mut self,
        entries: usize,
        run: impl FnOnce(&mut Self) -> Result<R, Failed>,
    ) -> Result<Row<R>, Failed> {
        let before = self.costs()?;
        let profile = self.look()?;
        let run = run(self)?;
        self.row(run, entries, before, profile)
    }

    fn look(&self) -> Result<Option<Profile>, Failed> {
        let ids: Vec<u32> = self.supers.iter().chain(&self.users).map(Side::id).collect();
        Profile::start(self.dir.path(), &ids)
    }

    fn row<R>(
        &mut self,
        run: R,
        entries: usize,
        before: [Vec<Cost>; 2],
        profile: Option<Profile>,
    ) -> Result<Row<R>, Failed> {
        let after = self.costs()?;
        let since = |after: &[Cost], before: &[Cost]| {
            after.iter().zip(before).map(|(after, before)| after.since(before)).collect()
        };
        let profile = profile.map(Profile::stop).transpose()?;
        let (supers, users) = (since(&after[0], &before[0]), since(&after[1], &before[1]));
        Ok(Row { run, entries, supers, users, profile })
    }

    fn costs(&mut self) -> Result<[Vec<Cost>; 2], Failed> {
        let cost = |side: &mut Side| Ok(serde_json::from_value(side.ask(&Ask::Cost)?)?);
        let supers = self.supers.iter_mut().map(cost).collect::<Result<_, Failed>>()?;
        let users = self.users.iter_mut().map(cost).collect::<Result<_, Failed>>()?;
        Ok([supers, users])
    }
}
