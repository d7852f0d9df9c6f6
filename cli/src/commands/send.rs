//! `magpie send`: one text to a friend or a group.

use crate::{
    context::Context,
    conversation::Conversation,
    error::Error,
    lookup,
    rows::{first, number},
    stdin::stdin,
};
use std::fmt::Write;

/// The longest text that is read from stdin, in bytes; what a message may hold the node knows.
const TEXT_BYTES_MAX: usize = 1024 * 1024;
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
        let data = Conversation::find(&client, &self.to)?.send(&client, &text)?;
        let row = data.get(0).unwrap_or(&data);
        at.output.answer(&data, |out| {
            let state = if number(row, "msg_is_send") == SENT { "sent" } else { "on its way" };
            writeln!(out, "{state}  {}", first(row, &["msg_id"]))
        })
    }
}
