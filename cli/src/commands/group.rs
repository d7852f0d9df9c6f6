//! `magpie group`: groups, their members, and who may do what in them.

use crate::{
    context::Context,
    error::Error,
    lookup,
    rows::{first, lines, number, said_yes},
};
use clap::ValueEnum;
use magpie_protocol::address::Address;
use serde_json::{Value, json};
use std::fmt::{self, Write};

/// `type` of `sync.updateGroupInfo` for the name.
const EDIT_NAME: i64 = 5;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Group {
    /// List groups
    List,
    /// Make a group with friends
    Create {
        name: String,
        #[arg(required = true, value_name = "ADDRESS", value_parser = lookup::address)]
        members: Vec<Address>,
    },
    /// Show one group
    Show(Gid),
    /// List a group's members
    Members(Gid),
    /// Bring friends into a group
    Invite(Picked),
    /// Put members out of a group
    Remove(Picked),
    /// Change a group's name
    Rename {
        #[command(flatten)]
        gid: Gid,
        name: String,
    },
    /// Make members administrators, or take it back
    Admin {
        #[command(flatten)]
        gid: Gid,
        change: Change,
        #[arg(required = true, value_name = "ADDRESS", value_parser = lookup::address)]
        members: Vec<Address>,
    },
    /// Make a member the owner
    Transfer {
        #[command(flatten)]
        gid: Gid,
        #[arg(value_name = "ADDRESS", value_parser = lookup::address)]
        owner: Address,
    },
    /// Leave a group
    Leave(Gid),
    /// End a group for everybody in it
    Dissolve(Gid),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Gid {
    /// The group's id
    #[arg(value_name = "GID", value_parser = lookup::id)]
    gid: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Picked {
    #[command(flatten)]
    gid: Gid,
    #[arg(required = true, value_name = "ADDRESS", value_parser = lookup::address)]
    members: Vec<Address>,
}

/// What happens to administrators; the numbers are `type` of `sync.updateGroupWithAdmins`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Change {
    /// Make administrators
    Add = 2,
    /// Take it back
    Remove = 3,
}

impl Group {
    pub(crate) fn run(self, at: &Context) -> Result<(), Error> {
        let client = at.client()?;
        let done = |module: &str, method: &str, body: Value, said: String| {
            let data = client.call(module, method, &body)?;
            said_yes(&data, "the node says no")?;
            at.output.answer(&data, |out| writeln!(out, "{said}"))
        };
        match self {
            Self::List => {
                let rows = client.call("group", "getAllGroups", &json!({}))?;
                at.output.answer(&rows, |out| {
                    lines(out, &rows, |row| {
                        let name = first(row, &["g_name"]);
                        (first(row, &["g_id"]), format!("{name}  {}", state(row)))
                    })
                })
            }
            Self::Create { name, members } => {
                let list = lookup::invitations(&client, &members)?;
                let body = json!({"groupName": name, "itemList": list});
                let data = client.call("group", "createGroup", &body)?;
                at.output.answer(&data, |out| match first(&data, &["g_id", "gId"]).as_str() {
                    "-" => writeln!(out, "created; `magpie group list` shows it"),
                    gid => writeln!(out, "created {gid}"),
                })
            }
            Self::Show(Gid { gid }) => {
                let row = lookup::group(&client, &gid)?
                    .ok_or_else(|| Error::NotFound(format!("{gid} is no group of this account")))?;
                at.output.answer(&row, |out| show(out, &row))
            }
            Self::Members(Gid { gid }) => {
                let rows = Value::Array(lookup::members(&client, &gid)?);
                at.output.answer(&rows, |out| {
                    lines(out, &rows, |row| {
                        let name = first(row, &["g_ps", "g_nick"]);
                        (first(row, &["u_nd_add"]), format!("{name}{}", rank(row)))
                    })
                })
            }
            Self::Invite(Picked { gid: Gid { gid }, members }) => {
                let list = lookup::invitations(&client, &members)?;
                let said = format!("invited {} to {gid}", members.len());
                let body = json!({"gId": gid, "mContacts": list});
                done("sync", "addGroupMemberWith", body, said)
            }
            Self::Remove(Picked { gid: Gid { gid }, members }) => {
                let list = lookup::chosen(&client, &gid, &members)?;
                let said = format!("removed {} from {gid}", members.len());
                let body = json!({"gId": gid, "mSelectGroupItems": list});
                done("sync", "removeGroupMemberWith", body, said)
            }
            Self::Rename { gid: Gid { gid }, name } => {
                let said = format!("renamed {gid}");
                let body = json!({"gId": gid, "editContent": name, "type": EDIT_NAME});
                done("sync", "updateGroupInfo", body, said)
            }
            Self::Admin { gid: Gid { gid }, change, members } => {
                let list = lookup::chosen(&client, &gid, &members)?;
                let said = format!("changed the administrators of {gid}");
                let body = json!({"gId": gid, "type": change as i64, "mSelectGroupItems": list});
                done("sync", "updateGroupWithAdmins", body, said)
            }
            Self::Transfer { gid: Gid { gid }, owner } => {
                let row = lookup::chosen(&client, &gid, &[owner])?.pop();
                let said = format!("{owner} owns {gid}");
                done("sync", "transferGroupWithGid", json!({"gId": gid, "owner": row}), said)
            }
            Self::Leave(Gid { gid }) => {
                done("group", "quiteGroup", json!({"gId": gid}), format!("left {gid}"))
            }
            Self::Dissolve(Gid { gid }) => {
                done("group", "dissolveGroup", json!({"gId": gid}), format!("dissolved {gid}"))
            }
        }
    }
}

fn show(out: &mut String, row: &Value) -> fmt::Result {
    writeln!(out, "id     {}", first(row, &["g_id"]))?;
    writeln!(out, "name   {}", first(row, &["g_name"]))?;
    writeln!(out, "about  {}", first(row, &["g_info"]))?;
    writeln!(out, "state  {}", state(row))
}

fn state(row: &Value) -> &'static str {
    match number(row, "state") {
        1 => "open",
        2 => "left",
        3 => "dissolved",
        4 => "being made",
        _ => "unknown",
    }
}

fn rank(row: &Value) -> &'static str {
    match (number(row, "g_is_owner"), number(row, "g_is_admin")) {
        (1, _) => "  (owner)",
        (_, 1) => "  (administrator)",
        _ => "",
    }
}
