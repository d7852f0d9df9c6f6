//! `magpie login`: signs a running node in. What the password opens is the node's secret: the
//! answer looks the same for every one that opens something.

use crate::{context::Context, error::Error, rows, secrets::Source};
use serde::Serialize;
use serde_json::json;
use std::{fmt::Write, path::PathBuf};

#[derive(Debug, clap::Args)]
pub(crate) struct Login {
    /// Read the password from a file, or from stdin with -; otherwise it is asked for
    #[arg(long, value_name = "F|-")]
    password_file: Option<PathBuf>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExportLogin<'a> {
    password: &'a str,
    login_type: &'static str,
}

impl Login {
    pub(crate) fn run(self, at: &Context) -> Result<(), Error> {
        // First whether there is a node: nobody types a password for nothing.
        let client = at.client()?;
        client.call("login", "init", &json!({}))?;
        let password = Source::of(self.password_file.as_deref()).read("password")?;
        let login = ExportLogin { password: &password, login_type: "text" };
        client.call("login", "exportLogin", &login)?;
        let me = client.call("user", "getUserSingleInfo", &json!({}))?;
        at.output
            .answer(&me, |out| writeln!(out, "signed in as {}", rows::first(&me, &["u_nd_add"])))
    }
}
