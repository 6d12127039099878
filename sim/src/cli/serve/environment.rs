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

/// What is to be said of each variable that nothing here reads.
pub(super) fn unread() -> Vec<String> {
    let known = known(&Arguments::command());
    let mut given: Vec<_> = std::env::vars_os().collect();
    given.sort();
    given.iter().filter_map(|(name, value)| complaint(name, value, &known)).collect()
}

/// The variables of all commands, in lower case and without what they all begin with.
fn known(program: &Command) -> BTreeSet<String> {
    let own = program.get_arguments().filter_map(|argument| argument.get_env()?.to_str());
    let own = own.filter_map(|name| name.strip_prefix(PREFIX)).map(str::to_lowercase);
    own.chain(program.get_subcommands().flat_map(known)).collect()
}

/// What is said of a variable, if anything is.
fn complaint(name: &OsStr, value: &OsStr, known: &BTreeSet<String>) -> Option<String> {
    let name = name.to_string_lossy();
    let word = name.strip_prefix(PREFIX)?.to_lowercase();
    if is_of_a_neighbour(&word, &value.to_string_lossy()) {
        return None;
    }
    // In other letters it is another variable.
    if known.contains(&word) && *name == PREFIX.to_owned() + &word.to_uppercase() {
        return None;
    }
    let meant = nearest(&word, known.iter().map(String::as_str));
    let meant = meant.map(|meant| format!(", did you mean `{PREFIX}{}`?", meant.to_uppercase()));
    Some(format!("nothing reads the variable `{}`{}", printable(&name), meant.unwrap_or_default()))
}

/// Whether Kubernetes, or a link of Docker, tells where a service called `blynk-sim` is: nobody wrote that.
fn is_of_a_neighbour(word: &str, value: &str) -> bool {
    word.starts_with("service_") || word.starts_with("port_") || (word == "port" && value.contains("://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<&str>) {
        check_with(name, "", expected);
    }

    fn check_with(name: &str, value: &str, expected: Option<&str>) {
        let told = complaint(OsStr::new(name), OsStr::new(value), &known(&Arguments::command()));
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

    #[test]
    fn nothing_is_said_of_what_tells_where_a_service_is() {
        for (name, value) in [
            ("BLYNK_SIM_SERVICE_HOST", "10.43.7.1"),
            ("BLYNK_SIM_SERVICE_PORT", "8080"),
            ("BLYNK_SIM_SERVICE_PORT_HTTP", "8080"),
            ("BLYNK_SIM_PORT", "tcp://10.43.7.1:8080"),
            ("BLYNK_SIM_PORT_8080_TCP", "tcp://10.43.7.1:8080"),
            ("BLYNK_SIM_PORT_8080_TCP_ADDR", "10.43.7.1"),
        ] {
            check_with(name, value, None);
        }
        // That is what somebody wrote who wants another port.
        check_with("BLYNK_SIM_PORT", "9000", Some("nothing reads the variable `BLYNK_SIM_PORT`"));
    }
}
