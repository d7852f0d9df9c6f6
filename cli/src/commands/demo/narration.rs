//! What the demo says: lines for people, in colour on a terminal, or one JSON object a line.

use super::told::Told;
use crate::{error::Error, output::Output};
use serde_json::{Value, json};

const BOLD: &str = "\x1b[1;36m";
const GREEN: &str = "\x1b[1;32m";
const RED: &str = "\x1b[1;31m";
const OFF: &str = "\x1b[0m";

/// Who tells the story.
#[derive(Debug, Clone, Copy)]
pub(super) struct Narrator {
    output: Output,
    chapter: &'static str,
    write: fn(&Output, &[u8]) -> Result<(), Error>,
}

impl Narrator {
    /// Returns a narrator before the first chapter, who speaks on stdout.
    pub(super) const fn new(output: Output) -> Self {
        Self { output, chapter: "", write: Output::raw }
    }

    /// Returns a narrator whom nobody hears.
    #[cfg(test)]
    pub(super) const fn unheard(output: Output) -> Self {
        Self { output, chapter: "", write: |_, _| Ok(()) }
    }

    /// Begins a chapter: its name for programs and its title for people.
    pub(super) fn chapter(&mut self, name: &'static str, title: &str) -> Result<(), Error> {
        self.chapter = name;
        if self.output.is_json() {
            return Ok(());
        }
        self.say(&format!("\n{}\n", self.paint(BOLD, title)))
    }

    /// Tells one step: its name and data for programs, its words for people.
    pub(super) fn step(&self, name: &str, says: &str, data: &Value) -> Result<(), Error> {
        if !self.output.is_json() {
            let tick = self.paint(GREEN, "✓");
            return self.say(&format!("  {tick} {says}\n"));
        }
        let mut line = json!({"chapter": self.chapter, "step": name, "says": says});
        if let (Some(line), Some(data)) = (line.as_object_mut(), data.as_object()) {
            line.extend(data.clone());
        }
        self.say(&Output::json_line(&line))
    }

    /// Says a line that programs have no use for.
    pub(super) fn aside(&self, says: &str) -> Result<(), Error> {
        if self.output.is_json() {
            return Ok(());
        }
        self.say(&format!("  {says}\n"))
    }

    /// Tells how it ended, with what became of everything.
    pub(super) fn last(&self, ok: bool, told: &Told) -> Result<(), Error> {
        if self.output.is_json() {
            return self.say(&Output::json_line(&told.data(ok)));
        }
        let word = if ok { self.paint(GREEN, "all is well") } else { self.paint(RED, "failed") };
        self.say(&format!("\n{word}: {}\n", told.lines().join(",\n  ")))
    }

    fn say(&self, text: &str) -> Result<(), Error> {
        (self.write)(&self.output, text.as_bytes())
    }

    fn paint(&self, color: &str, text: &str) -> String {
        if self.output.has_stdout_color() { format!("{color}{text}{OFF}") } else { text.to_owned() }
    }
}
