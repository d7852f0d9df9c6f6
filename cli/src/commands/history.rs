//! `magpie history`: the last messages of a conversation, the oldest first.

use crate::{
    card,
    context::Context,
    conversation::{last_messages, text_of},
    error::Error,
    lookup,
    output::visible,
    rows::{first, number},
};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;
use std::fmt::{self, Write};

#[derive(Debug, clap::Args)]
pub(crate) struct History {
    /// A friend's address or a group's id
    #[arg(value_parser = lookup::id)]
    with: String,
    /// How many messages
    #[arg(long, value_name = "N", default_value_t = 20,
          value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
}

impl History {
    pub(crate) fn run(self, at: &Context) -> Result<(), Error> {
        let rows = last_messages(&at.client()?, &self.with, self.limit)?;
        let zone = TimeZone::system();
        at.output.answer(&Value::Array(rows.clone()), |out| {
            rows.iter().try_for_each(|row| line(out, row, &zone))
        })
    }
}

fn line(out: &mut String, row: &Value, zone: &TimeZone) -> fmt::Result {
    let when = match Timestamp::from_millisecond(number(row, "created_time")) {
        Ok(time) => time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => "no time".into(),
    };
    let who = match number(row, "msg_source") {
        0 => "me".into(),
        2 => "*".into(),
        _ => first(row, &["cps", "nic", "origin_nic", "c_nd_add"]),
    };
    let what = match text_of(row) {
        Some(text) => shown_lines(&text),
        None => card::said(row)
            .unwrap_or_else(|| format!("[message of type {}]", number(row, "msg_type"))),
    };
    writeln!(out, "{when}  {who}: {what}")
}

/// Returns a text fit for a terminal. Its own line ends are kept, indented, so that no line can
/// pretend to be another message.
fn shown_lines(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(visible).collect();
    lines.join("\n    ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(row: &Value) -> String {
        let mut out = String::new();
        line(&mut out, row, &TimeZone::UTC).unwrap();
        out
    }

    #[test]
    fn texts_and_other_kinds_become_lines() {
        let mut row = json!({"created_time": 1_744_354_200_335_i64, "msg_source": 1, "nic": "bob",
            "msg_type": 1, "msg_cry": "{\"text\":\"hi\\n2025 me: no\\u001b[2J\"}"});
        assert_eq!(shown(&row), "2025-04-11 06:50  bob: hi\n    2025 me: no\\u{1b}[2J\n");
        row["msg_source"] = 0.into();
        row["msg_cry"] = json!({"text": "object"});
        assert_eq!(shown(&row), "2025-04-11 06:50  me: object\n");
        row["msg_type"] = 3.into();
        assert_eq!(shown(&row), "2025-04-11 06:50  me: [message of type 3]\n");
        row["msg_type"] = 18.into();
        row["msg_cry"] = json!({"uid": "ab12", "amount": 5, "msgType": 1});
        assert!(shown(&row).ends_with("  me: [transfer of 0.00000005 coins: ab12]\n"));
        row["created_time"] = i64::MAX.into();
        assert!(shown(&row).starts_with("no time"));
    }
}
