//! `magpie packet`: red packets for groups. Who may take a share is the ledger's to say, and how much
//! it is the draw's.

use crate::{
    amount::{amount, coins, coins_of},
    card,
    client::{Client, ClientError},
    context::Context,
    conversation::Conversation,
    error::Error,
    lookup,
    payment::{Paying, decide, until_decided},
    rows::{first, list, number, text},
};
use magpie_protocol::{
    api::{money::PacketData, wallet::WalletInfo},
    ledger::{Amount, EntryId},
};
use serde_json::{Value, json};
use std::{
    fmt::{self, Write},
    thread,
    time::{Duration, Instant},
};

/// How long a command waits for a share to be drawn.
const DRAW_TIME: Duration = Duration::from_secs(30);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(250);
/// The code of a packet that one took a share of.
const OPENED: i64 = 21003;
/// The method that tells the group that one took a share.
const NOTICE: &str = "sendReceivedRedPacketMessage";
/// The cover that packets have unless somebody chooses.
const COVER: i64 = 1;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Packet {
    /// Pay for a packet that a group's members share, and send its card there
    New(New),
    /// Take one's share of a packet
    Open {
        /// The group that the card came in
        #[arg(value_name = "GROUP", value_parser = lookup::id)]
        group: String,
        /// The packet
        #[arg(value_name = "UID", value_parser = lookup::entry)]
        uid: EntryId,
    },
    /// Show who took which share of a packet
    Show {
        /// The packet
        #[arg(value_name = "UID", value_parser = lookup::entry)]
        uid: EntryId,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct New {
    /// The group's id
    #[arg(value_parser = lookup::id)]
    group: String,
    /// How much, all shares together: units, or coins such as 9coin
    #[arg(value_parser = amount)]
    amount: Amount,
    /// How many shares
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    count: u32,
    /// Draw the shares (拼手气), which is the default
    #[arg(long, conflicts_with = "equal")]
    fortune: bool,
    /// Make all shares equal
    #[arg(long)]
    equal: bool,
    /// What to wish
    #[arg(long, value_name = "TEXT", default_value = "")]
    remark: String,
    #[command(flatten)]
    paying: Paying,
}

impl Packet {
    pub(crate) fn run(self, at: &Context) -> Result<(), Error> {
        match self {
            Self::New(new) => new.run(at),
            Self::Open { group, uid } => open(at, &group, uid),
            Self::Show { uid } => {
                let data = detail(&at.client()?, uid)?;
                at.output.answer(&data, |out| show(out, &data))
            }
        }
    }
}

impl New {
    fn run(self, at: &Context) -> Result<(), Error> {
        let client = at.client()?;
        let group = Conversation::of_group(&client, &self.group)?;
        let method = match self.equal {
            true => "groupOrdinaryInsertRedEnvelope",
            false => "groupFortuneInsertRedEnvelope",
        };
        let what = json!({"gId": self.group, "amount": self.amount, "count": self.count,
            "remark": self.remark, "cover": COVER});
        let paid = self.paying.pay(&client, ("group", method), &what)?;
        group
            .send_card(&client, "sendRedPacketMessage", &paid.data)
            .map_err(|error| paid.unfinished(error))?;
        let PacketData { uid, amount, count, .. } = Client::read(&paid.data)?;
        at.output.answer(&paid.data, |out| {
            writeln!(out, "sent {} in shares for {count}; the packet is {uid}", coins(amount))
        })
    }
}

/// Takes a share, tells the group, and waits until the share is drawn.
fn open(at: &Context, gid: &str, uid: EntryId) -> Result<(), Error> {
    let client = at.client()?;
    let group = Conversation::of_group(&client, gid)?;
    let body = json!({"cnd": "", "groupPassword": "", "receiveNodeId": "", "receiveNickName": "",
        "message": {"uid": uid}, "gId": gid});
    decide(&client, ("group", "groupReceiveEnvelope"), &body, OPENED)?;
    card::tell(&client, &group, uid, NOTICE);
    let share = drawn(&client, uid)?;
    let data = json!({"uid": uid, "amount": share});
    at.output.answer(&data, |out| match share {
        Some(amount) => writeln!(out, "got {}", coins(amount)),
        None => {
            writeln!(out, "took a share; how much it is will be drawn, see `magpie packet show`")
        }
    })
}

/// Waits until this account's share of a packet is drawn; nothing if that takes too long.
fn drawn(client: &Client, uid: EntryId) -> Result<Option<Amount>, Error> {
    let wallet: WalletInfo = client.ask("wallet", "info", &json!({}))?;
    let wallet = wallet.address.to_string();
    let end = Instant::now() + DRAW_TIME;
    loop {
        let data = detail(client, uid)?;
        let mut users = list(&data["users"]).iter();
        let own = users.find(|user| text(user, "wallet") == wallet);
        let share = own.and_then(|user| user["price"].as_u64()).filter(|units| *units > 0);
        if share.is_some() || Instant::now() >= end {
            return Ok(share.map(Amount));
        }
        thread::sleep(PAUSE);
    }
}

fn detail(client: &Client, uid: EntryId) -> Result<Value, ClientError> {
    until_decided(|| client.call("redpacket", "detail", &json!({"redPacketId": uid})))
}

fn show(out: &mut String, row: &Value) -> fmt::Result {
    writeln!(out, "packet  {}", first(row, &["redPacketId"]))?;
    writeln!(out, "amount  {}", coins_of(row, "total_price"))?;
    writeln!(out, "from    {}", first(row, &["from"]))?;
    if !text(row, "title").is_empty() {
        writeln!(out, "says    {}", first(row, &["title"]))?;
    }
    let (count, left) = (number(row, "count"), number(row, "left"));
    let over = if row["isExpire"] == true { "; its time is over" } else { "" };
    writeln!(out, "shares  {} of {count} taken{over}", count.saturating_sub(left))?;
    for user in list(&row["users"]) {
        let share = match number(user, "price") {
            0 => "not drawn yet".into(),
            _ => coins_of(user, "price"),
        };
        writeln!(out, "{:<44}  {share}", first(user, &["userId"]))?;
    }
    if number(row, "returned") > 0 {
        writeln!(out, "{} went back", coins_of(row, "returned"))?;
    }
    writeln!(out, "as of height {}", number(row, "asOfHeight"))
}
