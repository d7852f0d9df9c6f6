//! `magpie device`: the device this node is.

use crate::{
    context::Context,
    error::Error,
    output::visible,
    rows::{number, text},
};
use serde_json::json;
use std::fmt::Write;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Device {
    /// Show this device: its id, its name in the network, where it listens, whether it is connected
    Show,
}

impl Device {
    pub(crate) fn run(self, at: &Context) -> Result<(), Error> {
        let Self::Show = self;
        let client = at.client()?;
        let machine = client.call("user", "getMachineId", &json!({}))?;
        let state = client.call("user", "connectionState", &json!({}))?;
        let connection = match number(&state, "value") {
            0 => "connecting",
            1 => "connected",
            _ => "disconnected",
        };
        let api = client.api();
        let data = json!({
            "machine_id": text(&machine, "value"), "connection": connection,
            "peer_id": api.peer_id, "listen": api.listen, "url": api.url, "pid": api.pid,
        });
        at.output.answer(&data, |out| {
            writeln!(out, "device      {}", visible(text(&machine, "value")))?;
            writeln!(out, "peer id     {}", visible(&api.peer_id))?;
            writeln!(out, "connection  {connection}")?;
            writeln!(out, "api         {} (process {})", visible(&api.url), api.pid)?;
            api.listen.iter().try_for_each(|at| writeln!(out, "listens on  {}", visible(at)))
        })
    }
}
