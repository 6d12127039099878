//! The words of the command line, before they are understood.

use std::ffi::OsString;

/// The same words, but `--restart-grace -1s` is written `--restart-grace=-1s`. No flag is called by a digit, so this is a
/// value, and whoever is told what is wrong with it is helped more than by "unexpected argument '-1'".
pub(super) fn joined(words: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut joined: Vec<OsString> = Vec::new();
    let mut are_flags_over = false;
    for word in words {
        are_flags_over |= word == "--";
        match joined.last_mut().filter(|last| !are_flags_over && is_open(last) && is_negative(&word)) {
            Some(flag) => {
                flag.push("=");
                flag.push(word);
            }
            None => joined.push(word),
        }
    }
    joined
}

/// A long flag without a value.
fn is_open(word: &OsString) -> bool {
    word.to_str().is_some_and(|word| word.starts_with("--") && !word.contains('='))
}

fn is_negative(word: &OsString) -> bool {
    let rest = word.to_str().and_then(|word| word.strip_prefix('-'));
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;
    use crate::cli::Arguments;

    fn check(line: &str, expected: &str) {
        let words = joined(line.split(' ').map(OsString::from));
        assert_eq!(words, expected.split(' ').map(OsString::from).collect::<Vec<_>>());
    }

    #[test]
    fn what_begins_with_a_dash_and_a_digit_is_a_value_of_the_flag_before_it() {
        check("serve --restart-grace -1s --threads 2", "serve --restart-grace=-1s --threads 2");
        check("run a.yaml --seed -7", "run a.yaml --seed=-7");
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        check("serve --threads=2 -1", "serve --threads=2 -1");
        check("serve --restart-grace --threads 2", "serve --restart-grace --threads 2");
        check("run -k -1", "run -k -1");
        check("run -- --seed -1", "run -- --seed -1");
        check("run - -1", "run - -1");
    }

    #[test]
    fn no_flag_is_called_by_a_digit() {
        let program = Arguments::command();
        let all = program.get_subcommands().flat_map(clap::Command::get_arguments);
        let shorts: Vec<_> = all.chain(program.get_arguments()).filter_map(clap::Arg::get_short).collect();
        assert!(!shorts.is_empty() && !shorts.iter().any(char::is_ascii_digit), "{shorts:?}");
    }

    #[test]
    fn a_length_of_time_that_is_negative_is_refused_as_such() {
        let program = Arguments::command();
        let serve = program.find_subcommand("serve").expect("a command");
        let is_time = |argument: &&clap::Arg| {
            argument.get_value_names().is_some_and(|names| names.iter().any(|name| name == "TIME"))
        };
        let flags: Vec<_> = serve.get_arguments().filter(is_time).filter_map(clap::Arg::get_long).collect();
        assert!(flags.contains(&"restart-grace") && flags.len() >= 5, "{flags:?}");
        for flag in flags {
            let line = ["blynk-sim", "serve", &format!("--{flag}"), "-1s"].map(OsString::from);
            let error = Arguments::try_parse_from(joined(line)).expect_err("no time is negative").to_string();
            assert!(error.contains(&format!("--{flag} <TIME>': \"-1s\" is negative")), "{error}");
        }
    }
}
