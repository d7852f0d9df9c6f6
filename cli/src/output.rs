//! Data goes to stdout, talk goes to stderr. With `--json` stdout holds one JSON value and
//! nothing else; without it, text for people, in which nobody else's text can steer the terminal.

use crate::{args::Global, error::Error, exit::Exit};
use serde_json::Value;
use std::{
    env, fmt,
    io::{self, IsTerminal, Write},
};

/// How this run talks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
    color: bool,
    stdout_color: bool,
}

impl Output {
    /// Reads `--json`, `--no-color`, `NO_COLOR`, and whether stderr is a terminal.
    pub(crate) fn new(global: &Global) -> Self {
        let plain = global.no_color
            || env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self {
            json: global.json,
            color: !plain && io::stderr().is_terminal(),
            stdout_color: !plain && io::stdout().is_terminal(),
        }
    }

    /// Tells whether what goes to stderr may have colours.
    pub(crate) const fn has_color(&self) -> bool {
        self.color
    }

    /// Tells whether stdout is for programs.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// Tells whether what goes to stdout may have colours.
    pub(crate) const fn has_stdout_color(&self) -> bool {
        self.stdout_color
    }

    /// Prints an answer: `data` with `--json`, else what `human` writes.
    pub(crate) fn answer(
        &self,
        data: &Value,
        human: impl FnOnce(&mut String) -> fmt::Result,
    ) -> Result<(), Error> {
        let mut text = String::new();
        if self.json {
            text = json_visible(&data.to_string());
        } else {
            human(&mut text).expect("a String takes everything");
        }
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        self.raw(text.as_bytes())
    }

    /// Returns `data` as one line of JSON, fit for a terminal.
    pub(crate) fn json_line(data: &Value) -> String {
        format!("{}\n", json_visible(&data.to_string()))
    }

    /// Prints `data` alone, as JSON: one line with `--json`, else indented.
    pub(crate) fn data(&self, data: &Value) -> Result<(), Error> {
        self.answer(data, |text| {
            text.push_str(&json_visible(&format!("{data:#}")));
            Ok(())
        })
    }

    /// Prints bytes as they are.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Result<(), Error> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(Error::Stdout)
    }

    /// Tells a failure on stderr.
    pub(crate) fn complain(&self, error: &Error) {
        if error.exit() == Exit::Ok {
            return;
        }
        let (on, off) = if self.color { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
        for line in error.to_string().lines() {
            // Nowhere is left to tell that stderr is closed.
            let _ = writeln!(io::stderr(), "{on}magpie:{off} {}", visible(line));
        }
    }
}

/// Escapes what JSON may hold as it is and a terminal obeys; it stands only inside JSON strings.
fn json_visible(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if (c.is_control() && c != '\n') || turns(c) {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// Says whether a character turns the direction of writing or breaks lines.
const fn turns(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// Returns the text with everything escaped that moves a cursor, changes colours, breaks the line
/// or turns the direction of writing: names and messages come from strangers.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || turns(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{json_visible, visible};
    use serde_json::{Value, json};

    #[test]
    fn strangers_text_cannot_steer_the_terminal() {
        assert_eq!(
            visible("早 \x1b[2J\u{9b}1m\r\n\u{202e}x"),
            "早 \\u{1b}[2J\\u{9b}1m\\r\\n\\u{202e}x"
        );
        assert_eq!(visible("恭喜发财 🧧 it's"), "恭喜发财 🧧 it's");
    }

    #[test]
    fn json_stays_json_with_the_same_value() {
        let value = json!({"a\u{9b}": ["\u{7f}\u{202e}早\u{1b}\n"]});
        for text in [value.to_string(), format!("{value:#}")] {
            let shown = json_visible(&text);
            assert!(!shown.contains(['\u{9b}', '\u{7f}', '\u{202e}']), "{shown}");
            assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), value);
        }
    }
}
