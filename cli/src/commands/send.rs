//! `magpie send`: one text to a friend or a group.

use crate::{
    client::Client,
    context::Context,
    error::Error,
    lookup,
    rows::{first, number, text},
    stdin::stdin,
};
use magpie_protocol::address::Address;
use serde_json::{Value, json};
use std::fmt::Write;

/// The longest text that is read from stdin, in bytes; what a message may hold the node knows.
const TEXT_BYTES_MAX: usize = 1024 * 1024;
/// `conversationType` of a message to one person.
const DIRECT: i64 = 0;
/// `conversationType` of a message to a group.
const GROUP: i64 = 1;
/// `msg_is_send` of a message that is stored or delivered.
const SENT: i64 = 1;

#[derive(Debug, clap::Args)]
pub(crate) struct Send {
    /// A friend's address or a group's id
    #[arg(value_parser = lookup::id)]
    to: String,
    /// The text; - reads it from stdin, without its last line end
    text: String,
}

impl Send {
    pub(crate) fn run(self, at: &Context) -> Result<(), Error> {
        let mut text = self.text;
        if text == "-" {
            text = stdin(TEXT_BYTES_MAX)?;
            if text.ends_with('\n') {
                text.pop();
            }
        }
        if text.is_empty() {
            return Err(Error::Usage("the text is empty".into()));
        }
        let client = at.client()?;
        let (kind, curve) = recipient(&client, &self.to)?;
        let body = json!({
            "cnd": self.to, "cid": self.to, "conversationType": kind, "pub": curve, "text": text,
        });
        let data = client.call("chat", "sendTextMessage", &body)?;
        let row = data.get(0).unwrap_or(&data);
        at.output.answer(&data, |out| {
            let state = if number(row, "msg_is_send") == SENT { "sent" } else { "on its way" };
            writeln!(out, "{state}  {}", first(row, &["msg_id"]))
        })
    }
}

/// Returns the conversation's type, and for a person the key that the call wants.
fn recipient(client: &Client, to: &str) -> Result<(i64, String), Error> {
    // A group's id may look like an address, so contacts are asked first, groups always.
    let contact: Option<Value> = match to.parse::<Address>() {
        Ok(_) => lookup::contact(client, to)?,
        Err(_) => None,
    };
    if let Some(row) = contact {
        return Ok((DIRECT, text(&row, "c_pub_curve").to_owned()));
    }
    match lookup::group(client, to)? {
        Some(_) => Ok((GROUP, String::new())),
        None => Err(Error::NotFound(format!("{to} is neither a contact nor a group"))),
    }
}
