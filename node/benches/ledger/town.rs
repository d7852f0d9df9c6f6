//! People with wallets of their own keys, and the entries that they sign: money for all from one
//! packet, transfers in a ring, and packets that everybody claims from.

use crate::world::Failed;
use ed25519_dalek::SigningKey;
use magpie_protocol::{
    address::Address,
    ids::NetworkId,
    keys::ReceiveKey,
    ledger::{
        Amount, ClaimPacket, CreatePacket, Entry, EntryId, Instruction, Members, Mint, OpenPacket,
        PacketKind, Payee, Payment, Transfer,
    },
};
use magpie_wallet::super_keys::IssuerSecret;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What the first packet gives each, in coins.
const COINS: u64 = 100;
/// The least that a transfer or a share may be.
const LEAST: Amount = Amount(Amount::COIN.0 / 100);
/// More than any fee here.
const GAS: Amount = Amount(1_000_000);
/// How long an entry is valid: the rules allow ten minutes.
const VALID: Duration = Duration::from_secs(9 * 60);
/// How long a packet lives.
const LIFETIME: Duration = Duration::from_secs(60 * 60);

/// Entries that have to be taken in this order.
pub(crate) type Lane = Vec<Entry>;

/// Somebody with a wallet and a receive key.
struct Citizen {
    wallet: SigningKey,
    receive: SigningKey,
    sequence: u64,
}

/// The people, the issuer, and one who is rich at first.
pub(crate) struct Town {
    chain: NetworkId,
    issuer: IssuerSecret,
    rich: Citizen,
    people: Vec<Citizen>,
    members: Members,
    /// Packets that were made.
    made: usize,
    /// Entries of the issuer.
    issued: u64,
}

/// Packets, and who takes a share of each.
pub(crate) struct Packets {
    /// Makes and opens them.
    pub(crate) make: Vec<Lane>,
    /// A lane a person: a claim from each packet.
    pub(crate) claims: Vec<Lane>,
    /// Their ids.
    pub(crate) ids: Vec<EntryId>,
}

impl Citizen {
    fn new(number: usize) -> Self {
        let key = |part: u8| {
            let seed = blake3::hash(&[&number.to_be_bytes()[..], &[part]].concat());
            SigningKey::from_bytes(seed.as_bytes())
        };
        Self { wallet: key(0), receive: key(1), sequence: 0 }
    }

    fn address(&self) -> Result<Address, Failed> {
        Ok(Address::from_bytes(self.wallet.verifying_key().to_bytes())?)
    }

    fn receive(&self) -> ReceiveKey {
        ReceiveKey(self.receive.verifying_key().to_bytes())
    }

    fn payee(&self) -> Result<Payee, Failed> {
        Ok(Payee { receive: self.receive(), wallet: self.address()? })
    }

    /// Begins an entry that the wallet pays for.
    fn payment(&mut self, valid_until_ms: u64) -> Result<Payment, Failed> {
        let (wallet, sequence) = (self.address()?, self.sequence);
        self.sequence += 1;
        Ok(Payment { wallet, sequence, valid_until_ms, gas: GAS })
    }

    /// Makes and opens a packet for the members, a share for each.
    fn packet(
        &mut self,
        chain: NetworkId,
        members: &Members,
        (kind, amount, valid_until_ms): (PacketKind, Amount, u64),
    ) -> Result<(EntryId, Lane), Failed> {
        let payment = self.payment(valid_until_ms)?;
        let (count, receive) = (members.count(), self.receive());
        let lifetime_ms = u64::try_from(LIFETIME.as_millis())?;
        let make =
            CreatePacket { payment, kind, amount, count, lifetime_ms, receive, members: None };
        let make = Instruction::from(make).sign(chain, &self.wallet)?;
        let packet = make.id()?;
        let open = OpenPacket { packet, receive, members: members.root(), count, word: None };
        let open = Instruction::from(open).sign(chain, &self.receive)?;
        Ok((packet, vec![make, open]))
    }

    fn claim(&self, chain: NetworkId, members: &Members, packet: EntryId) -> Result<Entry, Failed> {
        let payee = self.payee()?;
        let path = members.path(&payee).ok_or("no member")?;
        let claim = ClaimPacket { packet, payee, path, word: None };
        Ok(Instruction::from(claim).sign(chain, &self.receive)?)
    }
}

impl Town {
    /// Returns so many people who have nothing yet.
    pub(crate) fn new(
        chain: NetworkId,
        issuer: IssuerSecret,
        people: usize,
    ) -> Result<Self, Failed> {
        let rich = Citizen::new(usize::MAX);
        let people: Vec<Citizen> = (0..people).map(Citizen::new).collect();
        let payees: Vec<Payee> = people.iter().map(Citizen::payee).collect::<Result<_, _>>()?;
        Ok(Self {
            chain,
            issuer,
            rich,
            people,
            members: Members::new(&payees)?,
            made: 0,
            issued: 0,
        })
    }

    /// Returns the wallets, in the order of the lanes.
    pub(crate) fn wallets(&self) -> Result<Vec<Address>, Failed> {
        self.people.iter().map(Citizen::address).collect()
    }

    /// Returns how many entries of each wallet were signed.
    pub(crate) fn sequences(&self) -> Vec<u64> {
        self.people.iter().map(|citizen| citizen.sequence).collect()
    }

    /// Makes money for all: the lane that begins, and then a claim of each.
    pub(crate) fn fund(&mut self) -> Result<(Lane, Vec<Lane>), Failed> {
        let valid_until_ms = valid_until_ms()?;
        let amount = Amount(Amount::COIN.0 * COINS * u64::try_from(self.people.len())?);
        let mut lane = vec![self.issue(self.rich.address()?, Amount(amount.0 + GAS.0))?];
        let (id, packet) = {
            // Equal shares are paid at once, drawn ones some blocks later.
            let of = (PacketKind::Ordinary, amount, valid_until_ms);
            self.rich.packet(self.chain, &self.members, of)?
        };
        lane.extend(packet);
        let claims =
            self.people.iter().map(|by| Ok(vec![by.claim(self.chain, &self.members, id)?]));
        Ok((lane, claims.collect::<Result<_, Failed>>()?))
    }

    /// Makes as much in a wallet as everybody got.
    pub(crate) fn mint(&mut self, wallet: Address) -> Result<Entry, Failed> {
        self.issue(wallet, Amount(Amount::COIN.0 * COINS))
    }

    fn issue(&mut self, wallet: Address, amount: Amount) -> Result<Entry, Failed> {
        let (issuer, sequence) = (self.issuer.public(), self.issued);
        let valid_until_ms = valid_until_ms()?;
        self.issued += 1;
        let mint = Mint { issuer, sequence, valid_until_ms, wallet, amount, reference: [0; 32] };
        Ok(Instruction::from(mint).sign(self.chain, &self.issuer.signing())?)
    }

    /// Signs about so many transfers, the same number for each wallet, to the next in the ring.
    pub(crate) fn transfers(&mut self, count: usize) -> Result<Vec<Lane>, Failed> {
        let valid_until_ms = valid_until_ms()?;
        let mut payees: Vec<Payee> =
            self.people.iter().map(Citizen::payee).collect::<Result<_, _>>()?;
        payees.rotate_left(1);
        let each = count.div_ceil(self.people.len());
        let mut lanes = Vec::new();
        for (citizen, payee) in self.people.iter_mut().zip(payees) {
            let mut lane = Vec::new();
            for _ in 0..each {
                let payment = citizen.payment(valid_until_ms)?;
                let transfer = Transfer { payment, amount: LEAST, payee };
                lane.push(Instruction::from(transfer).sign(self.chain, &citizen.wallet)?);
            }
            lanes.push(lane);
        }
        Ok(lanes)
    }

    /// Signs about so many claims, and the packets that they are from.
    pub(crate) fn packets(&mut self, claims: usize) -> Result<Packets, Failed> {
        let valid_until_ms = valid_until_ms()?;
        let amount = Amount(LEAST.0 * u64::from(self.members.count()));
        let count = claims.div_ceil(self.people.len());
        let (mut make, mut ids) = (Vec::new(), Vec::new());
        for number in 0..count {
            let at = (self.made + number) % self.people.len();
            let citizen = &mut self.people[at];
            let (id, lane) = {
                let of = (PacketKind::Fortune, amount, valid_until_ms);
                citizen.packet(self.chain, &self.members, of)?
            };
            ids.push(id);
            make.push(lane);
        }
        self.made += count;
        let mut claims = Vec::new();
        for citizen in &self.people {
            let claim = |id: &EntryId| citizen.claim(self.chain, &self.members, *id);
            claims.push(ids.iter().map(claim).collect::<Result<_, _>>()?);
        }
        Ok(Packets { make, claims, ids })
    }
}

fn valid_until_ms() -> Result<u64, Failed> {
    let until = SystemTime::now().duration_since(UNIX_EPOCH)? + VALID;
    Ok(u64::try_from(until.as_millis())?)
}
