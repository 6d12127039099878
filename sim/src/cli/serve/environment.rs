//! Variables of the environment that look like options and are none: without a word they would do nothing.
//!
//! Owns what is said of them. What they mean is the [options](super::options)'.

use std::collections::BTreeSet;
use std::ffi::OsStr;

use blynk_reports::printable::printable;
use clap::{Command, CommandFactory};

use crate::cli::Arguments;
use crate::scenario::nearest;

/// What every variable of this program begins with.
const PREFIX: &str = "BLYNK_SIM_";

/// Warns of each variable that nothing here reads.
pub(super) fn warn_of_unknown() {
    let known = known(&Arguments::command());
    let mut given: Vec<_> = std::env::vars_os().map(|(name, _)| name).collect();
    given.sort();
    given
        .iter()
        .filter_map(|name| complaint(name, &known))
        .for_each(|complaint| tracing::warn!("{complaint}"));
}

/// The variables of all commands, in lower case and without what they all begin with.
fn known(program: &Command) -> BTreeSet<String> {
    let own = program.get_arguments().filter_map(|argument| argument.get_env()?.to_str());
    let own = own.filter_map(|name| name.strip_prefix(PREFIX)).map(str::to_lowercase);
    own.chain(program.get_subcommands().flat_map(known)).collect()
}

/// What is said of a variable, if anything is.
fn complaint(name: &OsStr, known: &BTreeSet<String>) -> Option<String> {
    let name = name.to_string_lossy();
    let word = name.strip_prefix(PREFIX)?.to_lowercase();
    // In other letters it is another variable.
    if known.contains(&word) && *name == PREFIX.to_owned() + &word.to_uppercase() {
        return None;
    }
    let meant = nearest(&word, known.iter().map(String::as_str));
    let meant = meant.map(|meant| format!(", did you mean `{PREFIX}{}`?", meant.to_uppercase()));
    Some(format!("nothing reads the variable `{}`{}", printable(&name), meant.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<&str>) {
        let told = complaint(OsStr::new(name), &known(&Arguments::command()));
        assert_eq!(told.as_deref(), expected, "{name}");
    }

    #[test]
    fn a_variable_that_is_misspelt_is_told_with_the_one_that_was_meant() {
        let words =
            "nothing reads the variable `BLYNK_SIM_LOGIN_TIMOUT`, did you mean `BLYNK_SIM_LOGIN_TIMEOUT`?";
        check("BLYNK_SIM_LOGIN_TIMOUT", Some(words));
        let words = "nothing reads the variable `BLYNK_SIM_listen`, did you mean `BLYNK_SIM_LISTEN`?";
        check("BLYNK_SIM_listen", Some(words));
        check("BLYNK_SIM_WEATHER", Some("nothing reads the variable `BLYNK_SIM_WEATHER`"));
        check("BLYNK_SIM_", Some("nothing reads the variable `BLYNK_SIM_`"));
    }

    #[test]
    fn nothing_is_said_of_what_is_read_or_of_others() {
        check("BLYNK_SIM_LOGIN_TIMEOUT", None);
        check("BLYNK_SIM_CONFIG", None);
        check("LOGIN_TIMOUT", None);
        check("NO_COLOR", None);
    }
}
