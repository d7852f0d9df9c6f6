//! `magpie wallet`: what the account has, and recharges by who holds an issuer's key.

use crate::{
    context::Context,
    error::Error,
    lookup,
    rows::{first, lines, number},
};
use magpie_protocol::{
    address::Address,
    ledger::{Amount, Instruction, Mint},
};
use magpie_wallet::super_keys::IssuerSecret;
use serde_json::json;
use std::{fmt::Write, path::PathBuf};
use zeroize::Zeroizing;

/// How long a recharge may stand in a block after the newest verified header, in milliseconds.
const VALID_MS: u64 = 5 * 60 * 1_000;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Wallet {
    /// Show the wallet's address and what it has, in units (8 decimals)
    Show,
    /// List what changed the wallet, newest first
    Records {
        /// Rows at most
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
        count: u16,
    },
    /// Make units in a wallet, on a network whose issuer's key one holds
    Mint {
        /// The wallet's address
        #[arg(value_name = "ADDRESS", value_parser = lookup::address)]
        to: Address,
        /// How many units
        #[arg(value_name = "UNITS", value_parser = clap::value_parser!(u64).range(1..))]
        units: u64,
        /// The issuer's key
        #[arg(long, value_name = "FILE")]
        issuer_key: PathBuf,
    },
}

impl Wallet {
    pub(crate) fn run(self, at: &Context) -> Result<(), Error> {
        let client = at.client()?;
        match self {
            Self::Show => {
                let data = client.call("wallet", "info", &json!({}))?;
                at.output.answer(&data, |out| {
                    writeln!(out, "address  {}", first(&data, &["address"]))?;
                    writeln!(out, "balance  {}", number(&data, "balance"))
                })
            }
            Self::Records { count } => {
                let body = json!({"count": count, "page": 1});
                let rows = client.call("wallet", "records", &body)?;
                at.output.answer(&rows, |out| {
                    lines(out, &rows, |row| {
                        let amount = format!("{:>20}", number(row, "amount"));
                        (amount, format!("{}  {}", kind(row), first(row, &["uid"])))
                    })
                })
            }
            Self::Mint { to, units, issuer_key } => {
                let bytes = std::fs::read(&issuer_key).map(Zeroizing::new);
                let unread = |why: String| {
                    Error::Failed(format!("cannot read {}: {why}", issuer_key.display()))
                };
                let bytes = bytes.map_err(|e| unread(e.to_string()))?;
                let issuer = IssuerSecret::from_bytes(&bytes).map_err(|e| unread(e.to_string()))?;
                let data = mint(&client, &issuer, to, Amount(units))?;
                at.output.answer(&data, |out| writeln!(out, "made {units} units in {to}"))
            }
        }
    }
}

/// Signs a recharge and waits until it is final.
fn mint(
    client: &crate::client::Client,
    issuer: &IssuerSecret,
    wallet: Address,
    amount: Amount,
) -> Result<serde_json::Value, Error> {
    let odd = |what: &str| Error::Failed(format!("the node's answer has no {what}"));
    let status = client.call("ledger", "status", &json!({}))?;
    let chain = crate::rows::text(&status, "chain").parse().map_err(|_| odd("chain"))?;
    let row = client.call("ledger", "issuer", &json!({"key": issuer.public()}))?;
    let sequence = row["sequence"].as_u64().ok_or_else(|| odd("sequence"))?;
    let time_ms = row["time"].as_u64().ok_or_else(|| odd("time"))?;
    let mut reference = [0; 32];
    getrandom::fill(&mut reference).map_err(|e| Error::Failed(e.to_string()))?;
    let instruction: Instruction = Mint {
        issuer: issuer.public(),
        sequence,
        valid_until_ms: time_ms.saturating_add(VALID_MS),
        wallet,
        amount,
        reference,
    }
    .into();
    let entry = instruction.sign(chain, &issuer.signing());
    let bytes = entry
        .map_err(|e| Error::Failed(e.to_string()))
        .and_then(|entry| entry.to_bytes().map_err(|e| Error::Failed(e.to_string())))?;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(client.call("ledger", "submit", &json!({"entry": hex}))?)
}

fn kind(row: &serde_json::Value) -> &'static str {
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
