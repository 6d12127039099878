//! What must become of users' commands to a device.
//!
//! Owns `pending V1`, `applied V1` and `blocked V1`.

use blynk_core::id::{NotAPin, Pin};

use super::told::Kind;
use crate::plan::{Commands, Expectation, ExpectedCommand, Turn, Window};
use crate::scenario::diagnostic::{Problem, listed};
use crate::scenario::keys::TURNS;
use crate::scenario::resolve::roster::Roster;
use crate::scenario::resolve::{Context, read};
use crate::scenario::syntax::{Entry, Node};

const KIND: Kind = Kind {
    example: "applied V1",
    help: "write what becomes of the command and its pin: `pending V1`, `applied V1` or `blocked V1`",
};

impl Context<'_> {
    pub(super) fn commands(&mut self, section: &Entry, roster: &Roster) -> Vec<Expectation> {
        let mut expectations = Vec::new();
        for told in self.told(section, &KIND, roster) {
            let texts = told.texts.iter();
            let commands = texts.filter_map(|(window, node)| self.keep(command(*window, node)));
            let expected: Vec<ExpectedCommand> = commands.collect();
            let span = &told.name.key_span;
            expectations.extend(told.devices.into_iter().map(|device| {
                let (expected, span) = (expected.clone(), span.clone());
                Expectation::Commands(Commands { device, expected, span })
            }));
        }
        expectations
    }
}

fn command(window: Window, node: &Node) -> Result<ExpectedCommand, Problem> {
    let text = read::text("commands", node)?;
    let words: Vec<&str> = text.split_whitespace().collect();
    let [turn, pin] = words.as_slice() else {
        return Err(Problem::error(&node.span, format!("`{text}` says nothing of a command")).help(KIND.help));
    };
    Ok(ExpectedCommand {
        window,
        turn: parse_turn(node, turn)?,
        pin: parse_pin(node, pin)?,
        span: node.span.clone(),
    })
}

fn parse_turn(node: &Node, text: &str) -> Result<Turn, Problem> {
    let names = || TURNS.iter().map(|turn| turn.name());
    TURNS.into_iter().find(|turn| turn.name() == text).ok_or_else(|| {
        Problem::error(&node.span, format!("a command never becomes `{text}`"))
            .did_you_mean(text, names())
            .help(format!("it is {}", listed(names())))
    })
}

fn parse_pin(node: &Node, text: &str) -> Result<Pin, Problem> {
    text.parse().map_err(|NotAPin| {
        Problem::error(&node.span, format!("`{text}` is not a pin")).help("write `V0` to `V255`")
    })
}
