//! What the demo says: lines for people, in colour on a terminal, or one JSON object a line.

use super::posted::Counts;
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
}

impl Narrator {
    /// Returns a narrator before the first chapter.
    pub(super) const fn new(output: Output) -> Self {
        Self { output, chapter: "" }
    }

    /// Begins a chapter: its name for programs and its title for people.
    pub(super) fn chapter(&mut self, name: &'static str, title: &str) -> Result<(), Error> {
        self.chapter = name;
        if self.output.is_json() {
            return Ok(());
        }
        self.output.raw(format!("\n{}\n", self.paint(BOLD, title)).as_bytes())
    }

    /// Tells one step: its name and data for programs, its words for people.
    pub(super) fn step(&self, name: &str, says: &str, data: &Value) -> Result<(), Error> {
        if !self.output.is_json() {
            let tick = self.paint(GREEN, "✓");
            return self.output.raw(format!("  {tick} {says}\n").as_bytes());
        }
        let mut line = json!({"chapter": self.chapter, "step": name, "says": says});
        if let (Some(line), Some(data)) = (line.as_object_mut(), data.as_object()) {
            line.extend(data.clone());
        }
        self.output.data(&line)
    }

    /// Says a line that programs have no use for.
    pub(super) fn aside(&self, says: &str) -> Result<(), Error> {
        if self.output.is_json() {
            return Ok(());
        }
        self.output.raw(format!("  {says}\n").as_bytes())
    }

    /// Tells how it ended, with what became of the messages.
    pub(super) fn last(&self, ok: bool, counts: Counts) -> Result<(), Error> {
        let Counts { sent, delivered, read } = counts;
        if self.output.is_json() {
            let messages = json!({"sent": sent, "delivered": delivered, "read": read});
            return self.output.data(&json!({"ok": ok, "messages": messages}));
        }
        let word = if ok { self.paint(GREEN, "all is well") } else { self.paint(RED, "failed") };
        let line = format!("\n{word}: {sent} messages sent, {delivered} delivered, {read} read\n");
        self.output.raw(line.as_bytes())
    }

    fn paint(&self, color: &str, text: &str) -> String {
        if self.output.has_stdout_color() { format!("{color}{text}{OFF}") } else { text.to_owned() }
    }
}
