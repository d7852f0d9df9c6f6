//! `magpie logout`: signs a running node out; it stays up and keeps fetching sealed mail.

use crate::{context::Context, error::Error, rows::said_yes};
use serde_json::json;
use std::fmt::Write;

#[derive(Debug, clap::Args)]
pub(crate) struct Logout {}

impl Logout {
    pub(crate) fn run(self, at: &Context) -> Result<(), Error> {
        let data = at.client()?.call("login", "exportLogout", &json!({}))?;
        said_yes(&data, "the node did not sign out")?;
        at.output.answer(&data, |out| writeln!(out, "signed out"))
    }
}
