//! `magpie config`: what a node would run with, and what is wrong with it.

use crate::{
    context::Context,
    error::Error,
    output::visible,
    settings::{SettingsFlags, load},
};
use serde_json::{Value, json};
use std::fmt::Write;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Config {
    /// Print every setting with where it comes from
    Print(SettingsFlags),
    /// Name every mistake in the settings
    Check(SettingsFlags),
}

impl Config {
    pub(crate) fn run(self, at: &Context) -> Result<(), Error> {
        match self {
            Self::Print(flags) => print(at, &flags),
            Self::Check(flags) => check(at, &flags),
        }
    }
}

fn print(at: &Context, flags: &SettingsFlags) -> Result<(), Error> {
    let loaded = load(&at.data_dir, flags).map_err(Error::Settings)?;
    let values = serde_json::to_value(&loaded.settings)
        .map_err(|error| Error::Failed(format!("a path is not UTF-8: {error}")))?;
    let mut data = json!({});
    for (key, origin) in &loaded.origins {
        let mut row = json!(origin);
        row["value"] = values[key].clone();
        data[key] = row;
    }
    at.output.answer(&data, |out| {
        loaded.origins.iter().try_for_each(|(key, origin)| {
            let value = match &values[key] {
                Value::Null => "(none)".into(),
                value => value.to_string(),
            };
            writeln!(out, "{key:<22} = {value}  # {}", visible(&origin.to_string()))
        })
    })
}

fn check(at: &Context, flags: &SettingsFlags) -> Result<(), Error> {
    match load(&at.data_dir, flags) {
        Ok(_) => at.output.answer(&json!({"ok": true, "mistakes": []}), |out| {
            writeln!(out, "the settings are good")
        }),
        Err(mistakes) => {
            let data = json!({"ok": false, "mistakes": mistakes});
            at.output.answer(&data, |_| Ok(()))?;
            Err(Error::Settings(mistakes))
        }
    }
}
