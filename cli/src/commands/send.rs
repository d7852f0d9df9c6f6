//! `magpie send`: one text to a friend.

use crate::{
    client::Client,
    context::Context,
    error::Error,
    lookup,
    rows::{first, number, text},
    stdin::stdin,
};
use magpie_protocol::address::Address;
use serde_json::json;
use std::fmt::Write;

/// The longest text that is read from stdin, in bytes; what a message may hold the node knows.
const TEXT_BYTES_MAX: usize = 1024 * 1024;
/// `conversationType` of a message to one person.
const DIRECT: i64 = 0;
/// `msg_is_send` of a message that is stored or delivered.
const SENT: i64 = 1;

#[derive(Debug, clap::Args)]
pub(crate) struct Send {
    /// A friend's address
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
        let curve = recipient(&client, &self.to)?;
        let body = json!({
            "cnd": self.to, "cid": self.to, "conversationType": DIRECT, "pub": curve, "text": text,
        });
        let data = client.call("chat", "sendTextMessage", &body)?;
        let row = data.get(0).unwrap_or(&data);
        at.output.answer(&data, |out| {
            let state = if number(row, "msg_is_send") == SENT { "sent" } else { "on its way" };
            writeln!(out, "{state}  {}", first(row, &["msg_id"]))
        })
    }
}

/// Returns the friend's key, which the call wants.
fn recipient(client: &Client, to: &str) -> Result<String, Error> {
    let contact = match to.parse::<Address>() {
        Ok(_) => lookup::contact(client, to)?,
        Err(_) => None,
    };
    let row = contact.ok_or_else(|| Error::NotFound(format!("{to} is no contact")))?;
    Ok(text(&row, "c_pub_curve").to_owned())
}
