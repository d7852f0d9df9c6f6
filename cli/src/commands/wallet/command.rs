//! The commands, and those that only look.

use super::{
    mint::Mint,
    transfer::{self, Send},
};
use crate::{
    amount::{coins, coins_of},
    context::Context,
    error::Error,
    lookup,
    rows::{first, lines, number, text},
};
use jiff::{Timestamp, tz::TimeZone};
use magpie_protocol::{api::wallet::WalletInfo, ledger::EntryId};
use serde_json::{Value, json};
use std::fmt::Write;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Wallet {
    /// Show the wallet's address and what it has
    Show,
    /// List what changed the wallet, newest first
    Records {
        /// Rows at most
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
        count: u16,
    },
    /// Make a transfer to a friend, and send its card
    Send(Send),
    /// Take a transfer
    Accept {
        /// The transfer
        #[arg(value_name = "UID", value_parser = lookup::entry)]
        uid: EntryId,
    },
    /// Send a transfer back to who made it
    Refund {
        /// The transfer
        #[arg(value_name = "UID", value_parser = lookup::entry)]
        uid: EntryId,
    },
    /// Show what became of a transfer
    Status {
        /// The transfer
        #[arg(value_name = "UID", value_parser = lookup::entry)]
        uid: EntryId,
    },
    /// Make units in a wallet, on a network whose issuer's key one holds
    Mint(Mint),
}

impl Wallet {
    pub(crate) fn run(self, at: &Context) -> Result<(), Error> {
        match self {
            Self::Show => show(at),
            Self::Records { count } => records(at, count),
            Self::Send(send) => send.run(at),
            Self::Accept { uid } => transfer::accept(at, uid),
            Self::Refund { uid } => transfer::refund(at, uid),
            Self::Status { uid } => transfer::status(at, uid),
            Self::Mint(mint) => mint.run(at),
        }
    }
}

fn show(at: &Context) -> Result<(), Error> {
    let data = at.client()?.call("wallet", "info", &json!({}))?;
    let info: WalletInfo = crate::client::Client::read(&data)?;
    at.output.answer(&data, |out| {
        writeln!(out, "address  {}", info.address)?;
        writeln!(out, "balance  {} ({} units)", coins(info.balance), info.balance.0)?;
        if info.settled {
            return Ok(());
        }
        writeln!(out, "as of    {}", when(info.as_of))
    })
}

fn records(at: &Context, count: u16) -> Result<(), Error> {
    let body = json!({"count": count, "page": 1});
    let rows = at.client()?.call("wallet", "records", &body)?;
    at.output.answer(&rows, |out| {
        lines(out, &rows, |row| {
            let what = format!("{:<17}  {}", kind(row), coins_of(row, "amount"));
            let remark = match text(row, "remarks") {
                "" => String::new(),
                _ => format!("  {}", first(row, &["remarks"])),
            };
            (what, format!("{}{remark}", first(row, &["uid"])))
        })
    })
}

fn when(time_ms: u64) -> String {
    let time = i64::try_from(time_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let zoned = time.map(|time| time.to_zoned(TimeZone::system()));
    zoned.map_or_else(|| "no time".into(), |time| time.strftime("%Y-%m-%d %H:%M").to_string())
}

fn kind(row: &Value) -> &'static str {
    match number(row, "type") {
        1 => "recharge",
        2 => "withdrawal",
        3 => "transfer received",
        4 => "transfer sent",
        5 => "packet sent",
        6 => "share of a packet",
        7 => "packet returned",
        8 => "transfer returned",
        _ => "fee",
    }
}
