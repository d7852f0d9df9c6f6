//! `magpie contact`: friends, requests to become one, and who is blocked.

use crate::{
    client::Client,
    context::Context,
    error::Error,
    lookup,
    rows::{first, lines, list, number},
};
use magpie_protocol::address::Address;
use serde_json::{Value, json};
use std::fmt::{self, Write};

/// Rows per page of the blocked list.
const BLOCKED_PAGE: usize = 100;
/// Pages of the blocked list that are read at most.
const BLOCKED_PAGES_MAX: usize = 100;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Contact {
    /// List friends
    List,
    /// Ask somebody to be a friend
    Add {
        #[arg(value_parser = lookup::address)]
        address: Address,
        /// What the other reads beside the request
        #[arg(long, value_name = "TEXT", default_value = "")]
        message: String,
        /// How this account calls the other
        #[arg(long, value_name = "TEXT", default_value = "")]
        remark: String,
    },
    /// List requests that others made
    Requests,
    /// Accept a request
    Accept {
        #[arg(value_parser = lookup::address)]
        address: Address,
        /// How this account calls the other
        #[arg(long, value_name = "TEXT", default_value = "")]
        remark: String,
    },
    /// Show one friend
    Show {
        #[arg(value_parser = lookup::address)]
        address: Address,
    },
    /// Change how this account calls a friend
    Remark {
        #[arg(value_parser = lookup::address)]
        address: Address,
        text: String,
    },
    /// Stop being friends
    Delete {
        #[arg(value_parser = lookup::address)]
        address: Address,
    },
    /// Take nothing from an account any more
    Block {
        #[arg(value_parser = lookup::address)]
        address: Address,
    },
    /// Undo block
    Unblock {
        #[arg(value_parser = lookup::address)]
        address: Address,
    },
    /// List blocked accounts
    Blocked,
}

impl Contact {
    pub(crate) fn run(self, at: &Context) -> Result<(), Error> {
        let client = at.client()?;
        let done = |method: &str, body: Value, said: String| -> Result<(), Error> {
            let data = client.call("contact", method, &body)?;
            at.output.answer(&data, |out| writeln!(out, "{said}"))
        };
        match self {
            Self::List => {
                let rows = client.call("contact", "getContacts", &json!({}))?;
                at.output.answer(&rows, |out| {
                    lines(out, &rows, |row| {
                        (first(row, &["c_nd_add"]), first(row, &["c_ps", "c_nic"]))
                    })
                })
            }
            Self::Requests => {
                let rows = client.call("contact", "getApplyList", &json!({}))?;
                at.output.answer(&rows, |out| {
                    lines(out, &rows, |row| {
                        let says = first(row, &["applyRemark"]);
                        (first(row, &["nodeId"]), format!("{}  {says}", first(row, &["nickname"])))
                    })
                })
            }
            Self::Blocked => {
                let rows = Value::Array(blocked(&client)?);
                at.output.answer(&rows, |out| {
                    lines(out, &rows, |row| (first(row, &["ndAdd"]), first(row, &["nic"])))
                })
            }
            Self::Show { address } => {
                let row = lookup::contact(&client, &address.to_string())?
                    .ok_or_else(|| Error::NotFound(format!("{address} is no contact")))?;
                at.output.answer(&row, |out| show(out, &row))
            }
            Self::Add { address, message, remark } => done(
                "addFriend",
                json!({"nodeId": address, "content": message, "remark": remark}),
                format!("asked {address}"),
            ),
            Self::Accept { address, remark } => done(
                "agreeApplySync",
                json!({"nodeId": address, "remark": remark}),
                format!("accepted {address}"),
            ),
            Self::Remark { address, text } => done(
                "updateRemake",
                json!({"nodeId": address, "remake": text, "isUpdateP2p": true}),
                format!("remarked {address}"),
            ),
            Self::Delete { address } => {
                done("deleteFriend", json!({"nodeId": address}), format!("deleted {address}"))
            }
            Self::Block { address } => {
                done("onBlack", json!({"nodeId": address}), format!("blocked {address}"))
            }
            Self::Unblock { address } => {
                done("deleteBlack", json!({"nodeId": address}), format!("unblocked {address}"))
            }
        }
    }
}

fn blocked(client: &Client) -> Result<Vec<Value>, Error> {
    let mut all = Vec::new();
    for page in 1..=BLOCKED_PAGES_MAX {
        let body = json!({"keyword": "", "page": page, "size": BLOCKED_PAGE});
        let rows = client.call("contact", "getBlacklist", &body)?;
        all.extend_from_slice(list(&rows));
        if list(&rows).len() < BLOCKED_PAGE {
            break;
        }
    }
    Ok(all)
}

fn show(out: &mut String, row: &Value) -> fmt::Result {
    writeln!(out, "address  {}", first(row, &["c_nd_add"]))?;
    writeln!(out, "name     {}", first(row, &["c_nic"]))?;
    writeln!(out, "remark   {}", first(row, &["c_ps"]))?;
    writeln!(out, "curve    {}", first(row, &["c_pub_curve"]))?;
    writeln!(out, "blocked  {}", if number(row, "c_black_state") == 1 { "yes" } else { "no" })
}
