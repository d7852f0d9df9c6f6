//! Transfers: made, taken, sent back, looked at.

use crate::{
    amount::{amount, coins},
    card,
    client::{Client, ClientError},
    context::Context,
    conversation::Conversation,
    error::Error,
    lookup,
    output::visible,
    payment::{Paying, decide, until_decided},
    rows::text,
};
use magpie_protocol::{
    address::Address,
    api::{
        money::TransferData,
        remittance::{RemittanceRecord, RemittanceStatus},
    },
    ledger::{Amount, EntryId},
};
use serde_json::{Value, json};
use std::fmt::{self, Write};

/// The code of a transfer that is decided.
const DECIDED: i64 = 21008;
/// The method that tells the other what one decided.
const NOTICE: &str = "sendReceivedTransferMessage";

#[derive(Debug, clap::Args)]
pub(crate) struct Send {
    /// A friend's address
    #[arg(value_name = "ADDRESS", value_parser = lookup::address)]
    to: Address,
    /// How much: units, or coins such as 1.5coin
    #[arg(value_parser = amount)]
    amount: Amount,
    /// What it is for
    #[arg(long, value_name = "TEXT", default_value = "")]
    remark: String,
    #[command(flatten)]
    paying: Paying,
}

impl Send {
    pub(super) fn run(self, at: &Context) -> Result<(), Error> {
        let client = at.client()?;
        // First whether there is a friend: nobody types a password for nothing.
        let friend = Conversation::of_friend(&client, &self.to.to_string())?;
        let what = json!({"cnd": self.to, "amount": self.amount, "remark": self.remark,
            "senderNickname": "", "senderNodeAddress": ""});
        let paid = self.paying.pay(&client, ("chat", "insertTransfer"), &what)?;
        friend
            .send_card(&client, "sendTransferMessage", &paid.data)
            .map_err(|error| paid.unfinished(error))?;
        let TransferData { uid, amount, .. } = Client::read(&paid.data)?;
        at.output.answer(&paid.data, |out| {
            writeln!(out, "sent {} to {}; the transfer is {uid}", coins(amount), self.to)
        })
    }
}

/// Takes a transfer, and tells who made it.
pub(super) fn accept(at: &Context, uid: EntryId) -> Result<(), Error> {
    let body = json!({"gas": 0, "password": "", "receiveNodeId": "", "receiveNickName": "",
        "message": {"uid": uid}});
    settle(at, uid, ("chat", "receiveTransfer"), &body, RemittanceStatus::Accepted)
}

/// Sends a transfer back, and tells who made it.
pub(super) fn refund(at: &Context, uid: EntryId) -> Result<(), Error> {
    let body = json!({"remittanceId": uid});
    settle(at, uid, ("remittance", "refund"), &body, RemittanceStatus::Declined)
}

fn settle(
    at: &Context,
    uid: EntryId,
    method: (&str, &str),
    body: &Value,
    wanted: RemittanceStatus,
) -> Result<(), Error> {
    let client = at.client()?;
    decide(&client, method, body, DECIDED)?;
    let data = record(&client, uid)?;
    let row: RemittanceRecord = Client::read(&data)?;
    if row.status != wanted {
        return Err(Error::Conflict(format!("the transfer is {} already", state(row.status))));
    }
    if let Ok(friend) = Conversation::of_friend(&client, text(&data, "chatId")) {
        card::tell(&client, &friend, uid, NOTICE);
    }
    at.output.answer(&data, |out| writeln!(out, "{} {}", state(row.status), coins(row.amount)))
}

/// Shows what became of a transfer.
pub(super) fn status(at: &Context, uid: EntryId) -> Result<(), Error> {
    let data = record(&at.client()?, uid)?;
    let row: RemittanceRecord = Client::read(&data)?;
    at.output.answer(&data, |out| show(out, &row))
}

fn record(client: &Client, uid: EntryId) -> Result<Value, ClientError> {
    until_decided(|| client.call("remittance", "getRecord", &json!({"remittanceId": uid})))
}

fn show(out: &mut String, row: &RemittanceRecord) -> fmt::Result {
    writeln!(out, "transfer  {}", row.remittance_id)?;
    writeln!(out, "amount    {}", coins(row.amount))?;
    writeln!(out, "from      {}", visible(&row.payer))?;
    writeln!(out, "to        {}", visible(&row.payee))?;
    if !row.description.is_empty() {
        writeln!(out, "for       {}", visible(&row.description))?;
    }
    writeln!(out, "state     {}, as of height {}", state(row.status), row.as_of_height)
}

const fn state(status: RemittanceStatus) -> &'static str {
    match status {
        RemittanceStatus::Pending => "waiting for the payee",
        RemittanceStatus::Accepted => "accepted",
        RemittanceStatus::Declined => "sent back",
        RemittanceStatus::Returned => "returned",
    }
}
