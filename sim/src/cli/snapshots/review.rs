//! `blynk-sim review`: shows what differs in pending snapshots, and accepts or rejects them one by one.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use console::{Key, Term};

use super::Snapshots;
use crate::cli::print::Printer;
use crate::cli::{Exit, files};
use crate::numerals::{count, some};
use crate::scenario::{Options, load};
use crate::shell;
use crate::snapshot::difference::{Difference, Line, Other, Sign};
use crate::snapshot::{is_snapshot, without_marks};

/// Arguments of `review`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Review {
    /// Scenario files, or folders of them.
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
}

/// A snapshot that waits to be accepted.
struct Pending {
    scenario: PathBuf,
    snapshots: Snapshots,
    accepted: Option<String>,
    text: String,
}

/// All that wait, and whether they may all be accepted.
struct Found {
    pending: Vec<Pending>,
    is_whole: bool,
}

/// What the user makes of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Accept,
    Reject,
    Skip,
    Quit,
}

const QUESTION: &str = "accept (a), reject (r), skip (s) or quit (q)?";

impl Review {
    pub(in crate::cli) fn execute(self, printer: &mut Printer) -> Exit {
        let (pending, exit) = match self.pending(printer) {
            Ok(Found { pending, is_whole: true }) if pending.is_empty() => {
                return Exit::NothingMatched.said(printer, "no snapshot is pending here");
            }
            Ok(Found { pending, is_whole }) => (pending, if is_whole { Exit::Passed } else { Exit::Refused }),
            Err(exit) => return exit,
        };
        if io::stdin().is_terminal() && io::stdout().is_terminal() {
            let terminal = Term::stdout();
            let asked = ask_of_all(printer, &pending, &mut || answer(&terminal));
            return if asked == Exit::Passed { exit } else { asked };
        }
        for (place, it) in pending.iter().enumerate() {
            show(printer, it, place, pending.len());
            let path = it.scenario.display().to_string();
            printer.line(format_args!("to accept it: blynk-sim accept {}", shell::word(&path)));
            printer.line(format_args!("to reject it: remove {}\n", files::shown(&it.snapshots.pending)));
        }
        exit
    }

    /// Whatever waits and may be accepted; of the rest it is said why not.
    fn pending(&self, printer: &mut Printer) -> Result<Found, Exit> {
        let mut found = Found { pending: Vec::new(), is_whole: true };
        for scenario in files::find_all(printer, &self.paths)? {
            let snapshots = Snapshots::of(&scenario);
            match snapshots.waiting() {
                Ok(None) => {}
                Ok(Some(text)) => {
                    // One that cannot be read is none: what waits takes its place.
                    let accepted = snapshots.read().ok().flatten().filter(|text| is_snapshot(text));
                    found.pending.push(Pending { scenario, snapshots, accepted, text });
                }
                Err(why) => {
                    printer.complain(why);
                    found.is_whole = false;
                }
            }
        }
        Ok(found)
    }
}

/// Shows one after the other, and does with each as it is `answer`ed.
fn ask_of_all(
    printer: &mut Printer,
    pending: &[Pending],
    answer: &mut dyn FnMut() -> io::Result<Answer>,
) -> Exit {
    for (place, it) in pending.iter().enumerate() {
        show(printer, it, place, pending.len());
        printer.line(QUESTION);
        let done = match answer() {
            Ok(Answer::Accept) => it.snapshots.accept(&it.text).map(|()| "accepted"),
            Ok(Answer::Reject) => it.snapshots.settle().map(|()| "rejected"),
            Ok(Answer::Skip) => Ok("skipped"),
            Ok(Answer::Quit) => return Exit::Passed,
            Err(error) => return Exit::CouldNotRun.said(printer, format_args!("cannot read a key: {error}")),
        };
        match done {
            Ok(done) => printer.line(format_args!("{done} {}\n", files::shown(&it.snapshots.accepted))),
            Err(error) => {
                let path = it.snapshots.accepted.display();
                return Exit::CouldNotRun.said(printer, format_args!("cannot write {path}: {error}"));
            }
        }
    }
    Exit::Passed
}

/// Waits for a key that means something.
fn answer(terminal: &Term) -> io::Result<Answer> {
    loop {
        if let Some(answer) = meaning(&terminal.read_key()?) {
            return Ok(answer);
        }
    }
}

fn meaning(key: &Key) -> Option<Answer> {
    let letter = if let Key::Char(letter) = key { letter.to_ascii_lowercase() } else { ' ' };
    match letter {
        'a' => Some(Answer::Accept),
        'r' => Some(Answer::Reject),
        's' => Some(Answer::Skip),
        'q' => Some(Answer::Quit),
        _ => None,
    }
}

fn show(printer: &mut Printer, pending: &Pending, place: usize, of: usize) {
    let Pending { scenario, accepted, text, .. } = pending;
    let bold = Style::new().bold();
    printer.line(format_args!("{bold}{} of {of}  {}{bold:#}", place + 1, files::shown(scenario)));
    let Some(accepted) = accepted else {
        let none = match pending.snapshots.accepted.exists() {
            true => "the accepted one is damaged",
            false => "none is accepted yet",
        };
        printer.line(format_args!("{none}; it would be"));
        without_marks(text).for_each(|line| printer.line(line));
        return;
    };
    let difference = Difference::between(accepted, text);
    difference.lines.iter().for_each(|line| printer.line(coloured(line)));
    printer.line(others(&names(scenario, &difference.others), difference.is_of_members_only()));
}

/// By their names, as everywhere else, if the scenario can be read.
fn names(scenario: &Path, others: &[Other]) -> Vec<String> {
    let loaded = files::read_file(scenario).ok().and_then(|source| load(source, &Options::default()).ok());
    let name = |other: &Other| loaded.as_ref().map_or(other.to_string(), |loaded| other.name(&loaded.plan));
    others.iter().map(name).collect()
}

fn coloured(line: &Line) -> String {
    let style = match line.sign {
        Sign::About => Style::new().bold(),
        Sign::Same => Style::new(),
        Sign::Moved => AnsiColor::Yellow.on_default(),
        Sign::Gone => AnsiColor::Red.on_default(),
        Sign::New => AnsiColor::Green.on_default(),
    };
    format!("{style}{line}{style:#}")
}

/// Who went another way, though nothing else tells of it.
fn others(names: &[String], is_all: bool) -> String {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let are_single = names.iter().all(|name| !name.contains(".."));
    match names.len() {
        0 if is_all => "nothing but the digest differs".into(),
        0 => String::new(),
        number if are_single => {
            format!("{} went another way: {}", count(number as u64, "device"), some(&names))
        }
        _ => format!("some of these went another way: {}", some(&names)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_mean_what_the_question_says() {
        for (key, expected) in
            [('a', Answer::Accept), ('r', Answer::Reject), ('s', Answer::Skip), ('q', Answer::Quit)]
        {
            assert!(QUESTION.contains(&format!("({key})")));
            assert_eq!(meaning(&Key::Char(key)), Some(expected));
        }
        assert_eq!(meaning(&Key::Enter), None);
    }

    /// Which files are left of three scenarios, each with a pending snapshot, after these answers.
    fn left_after(answers: &[Answer]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["a", "b", "c"] {
            let scenario = folder.path().join(format!("{name}.yaml"));
            std::fs::write(&scenario, "").expect("a file");
            Snapshots::of(&scenario).propose("# T\n", "").expect("a file");
        }
        let mut printer = Printer::new(clap::ColorChoice::Never);
        let review = Review { paths: vec![folder.path().to_owned()] };
        let pending = review.pending(&mut printer).expect("the files can be read").pending;
        let mut answers = answers.iter().copied();
        let exit = ask_of_all(&mut printer, &pending, &mut || Ok(answers.next().expect("an answer")));
        assert_eq!(exit, Exit::Passed);
        let entries = std::fs::read_dir(folder.path()).expect("a folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
        let mut left: Vec<_> = names.filter(|name| name.contains("timeline")).collect();
        left.sort();
        left
    }

    #[test]
    fn each_answer_is_of_one_snapshot() {
        assert_eq!(
            left_after(&[Answer::Accept, Answer::Reject, Answer::Skip]),
            ["a.yaml.timeline", "c.yaml.timeline.new"]
        );
    }

    #[test]
    fn who_quits_leaves_the_rest_as_it_is() {
        assert_eq!(
            left_after(&[Answer::Accept, Answer::Quit]),
            ["a.yaml.timeline", "b.yaml.timeline.new", "c.yaml.timeline.new"]
        );
    }
}
