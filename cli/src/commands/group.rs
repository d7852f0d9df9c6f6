//! `magpie group`: groups, their members, and who may do what in them. Who may is the node's to say.

use crate::{
    context::Context,
    error::Error,
    lookup,
    rows::{first, lines, list, number, said_yes},
};
use clap::ValueEnum;
use magpie_protocol::address::Address;
use serde_json::{Value, json};
use std::fmt::{self, Write};

/// `type` of `sync.updateGroupInfo` for the name.
const EDIT_NAME: i64 = 5;
/// `type` of `sync.updateGroupInfo` for the announcement.
const EDIT_ANNOUNCEMENT: i64 = 9;
/// `state` of a member that is in the group.
const MEMBER: i64 = 1;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Group {
    /// Make a group with friends
    New {
        name: String,
        #[arg(required = true, value_name = "MEMBER", value_parser = lookup::address)]
        members: Vec<Address>,
    },
    /// List groups
    List,
    /// Show one group
    Show(Gid),
    /// Show a group's settings
    Settings(Gid),
    /// List a group's members
    Members(Gid),
    /// Bring people into a group
    Add(Picked),
    /// Put members out of a group
    Remove(Picked),
    /// Leave a group
    Leave(Gid),
    /// End a group for everybody in it
    Dissolve(Gid),
    /// Change a group's name
    Rename {
        #[command(flatten)]
        gid: Gid,
        name: String,
    },
    /// Change what a group announces
    Announce {
        #[command(flatten)]
        gid: Gid,
        text: String,
    },
    /// Make members administrators, or take it back
    Admin {
        #[command(flatten)]
        gid: Gid,
        change: Change,
        #[arg(required = true, value_name = "MEMBER", value_parser = lookup::address)]
        members: Vec<Address>,
    },
    /// Make a member the owner
    Transfer {
        #[command(flatten)]
        gid: Gid,
        #[arg(value_name = "MEMBER", value_parser = lookup::address)]
        owner: Address,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Gid {
    /// The group's id
    #[arg(value_name = "GROUP", value_parser = lookup::id)]
    gid: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Picked {
    #[command(flatten)]
    gid: Gid,
    #[arg(required = true, value_name = "MEMBER", value_parser = lookup::address)]
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
            Self::New { name, members } => {
                let body = json!({"groupName": name, "itemList": people(&members)});
                let data = client.call("group", "createGroup", &body)?;
                at.output.answer(&data, |out| writeln!(out, "made {}", first(&data, &["g_id"])))
            }
            Self::List => {
                let rows = client.call("group", "getAllGroups", &json!({}))?;
                at.output.answer(&rows, |out| {
                    lines(out, &rows, |row| {
                        let name = first(row, &["g_name"]);
                        (first(row, &["g_id"]), format!("{name}  {}", state(row)))
                    })
                })
            }
            Self::Show(Gid { gid }) => {
                let row = lookup::group(&client, &gid)?
                    .ok_or_else(|| Error::NotFound(format!("{gid} is no group of this account")))?;
                at.output.answer(&row, |out| show(out, &row))
            }
            Self::Settings(Gid { gid }) => {
                let row = client.call("group", "getGroupConfigByGId", &json!({"gid": gid}))?;
                at.output.answer(&row, |out| settings(out, &row))
            }
            Self::Members(Gid { gid }) => {
                let body = json!({"gId": gid, "isGetPs": true});
                let rows = client.call("group", "getGroupItemByGid", &body)?;
                // Those who have left stay in the list, with another state.
                let is_member = |row: &&Value| number(row, "state") == MEMBER;
                let rows = list(&rows).iter().filter(is_member).cloned().collect();
                at.output.answer(&rows, |out| {
                    lines(out, &rows, |row| {
                        let name = first(row, &["g_ps", "g_nick"]);
                        (first(row, &["u_nd_add"]), format!("{name}{}", rank(row)))
                    })
                })
            }
            Self::Add(Picked { gid: Gid { gid }, members }) => {
                let said = format!("added {} to {gid}", members.len());
                let body = json!({"gId": gid, "mContacts": people(&members)});
                done("sync", "addGroupMemberWith", body, said)
            }
            Self::Remove(Picked { gid: Gid { gid }, members }) => {
                let said = format!("removed {} from {gid}", members.len());
                let body = json!({"gId": gid, "mSelectGroupItems": chosen(&members)});
                done("sync", "removeGroupMemberWith", body, said)
            }
            Self::Leave(Gid { gid }) => {
                done("group", "quiteGroup", json!({"gId": gid}), format!("left {gid}"))
            }
            Self::Dissolve(Gid { gid }) => {
                done("group", "dissolveGroup", json!({"gId": gid}), format!("dissolved {gid}"))
            }
            Self::Rename { gid: Gid { gid }, name } => {
                let said = format!("renamed {gid}");
                let body = json!({"gId": gid, "editContent": name, "type": EDIT_NAME});
                done("sync", "updateGroupInfo", body, said)
            }
            Self::Announce { gid: Gid { gid }, text } => {
                let said = format!("announced in {gid}");
                let body = json!({"gId": gid, "editContent": text, "type": EDIT_ANNOUNCEMENT});
                done("sync", "updateGroupInfo", body, said)
            }
            Self::Admin { gid: Gid { gid }, change, members } => {
                let said = format!("changed the administrators of {gid}");
                let list = chosen(&members);
                let body = json!({"gId": gid, "type": change as i64, "mSelectGroupItems": list});
                done("sync", "updateGroupWithAdmins", body, said)
            }
            Self::Transfer { gid: Gid { gid }, owner } => {
                let said = format!("{owner} owns {gid} once they accept");
                let body = json!({"gId": gid, "owner": {"u_nd_add": owner}});
                done("sync", "transferGroupWithGid", body, said)
            }
        }
    }
}

/// Returns people as calls name those who are to become members; the rest the node knows better.
pub(crate) fn people(addresses: &[Address]) -> Vec<Value> {
    addresses.iter().map(|address| json!({"cNdAdd": address})).collect()
}

/// Returns people as calls name members.
fn chosen(addresses: &[Address]) -> Vec<Value> {
    addresses.iter().map(|address| json!({"u_nd_add": address})).collect()
}

fn show(out: &mut String, row: &Value) -> fmt::Result {
    writeln!(out, "id     {}", first(row, &["g_id"]))?;
    writeln!(out, "name   {}", first(row, &["g_name"]))?;
    writeln!(out, "about  {}", first(row, &["g_info"]))?;
    writeln!(out, "state  {}", state(row))
}

fn settings(out: &mut String, row: &Value) -> fmt::Result {
    for (name, key) in [
        ("only administrators change name and avatar", "g_is_rename"),
        ("members are protected", "g_is_astrict"),
        ("only administrators write", "g_is_all_chat"),
        ("one may join by QR code", "g_is_qr_allow"),
        ("joining needs approval", "g_is_applied"),
    ] {
        writeln!(out, "{name:<42}  {}", if number(row, key) == 1 { "yes" } else { "no" })?;
    }
    writeln!(out, "{:<42}  {}", "members at most", number(row, "g_num"))?;
    writeln!(out, "{:<42}  {}", "administrators at most", number(row, "g_admin_num"))
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
