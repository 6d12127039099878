//! A flag goes before the environment, that before the file, and that before the default.

use std::fs;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::served::{Served, command, log_path};

#[test]
fn flags_go_before_the_environment_and_that_before_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("serve.toml"), "database = 'file.db'\nlogin-timeout = '200ms'\n")
        .expect("a file");
    let is_made = |name: &str| folder.path().join(name).exists();
    let mut by_file = command(folder.path());
    let server = Served::run({
        by_file.args(["--config", "serve.toml"]);
        by_file
    });
    // The file's login timeout: who says nothing is closed soon.
    let begun = Instant::now();
    Client::connect(server.address).sees_end();
    assert!(begun.elapsed() < Duration::from_secs(5), "the default is ten seconds: {:?}", begun.elapsed());
    drop(server);
    assert!(is_made("file.db") && !is_made("blynk-sim.db"));
    let mut by_environment = command(folder.path());
    by_environment.args(["--config", "serve.toml"]).env("BLYNK_SIM_DATABASE", "environment.db");
    drop(Served::run(by_environment));
    assert!(is_made("environment.db"));
    let mut by_flag = command(folder.path());
    by_flag.args(["--database", "flag.db"]).env("BLYNK_SIM_DATABASE", "none.db");
    drop(Served::run(by_flag));
    assert!(is_made("flag.db") && !is_made("none.db"));
}

#[test]
fn a_mistake_in_the_file_is_shown_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let check = |text: &str, words: &[&str]| {
        fs::write(folder.path().join("serve.toml"), text).expect("a file");
        let mut command = command(folder.path());
        command.args(["--config", "serve.toml"]).stderr(std::process::Stdio::piped());
        let output = command.output().expect("it starts");
        let told = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(2), "{told}");
        words.iter().for_each(|words| assert!(told.contains(words), "{told}"));
    };
    check("listn = '127.0.0.1:1'", &["serve.toml", "line 1", "unknown field `listn`"]);
    check("\nlogin-timeout = '10'", &["line 2", "\"10\" has no unit: write `10s` or `10m`"]);
    check("threads = 0", &["line 1", "nonzero"]);
    check("listen = ", &["line 1"]);
}

#[test]
fn a_variable_that_nothing_reads_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let misspelt = || {
        let mut command = command(folder.path());
        command.env("BLYNK_SIM_LOGIN_TIMOUT", "secret").env("BLYNK_SIM_LOGIN_TIMEOUT", "9s");
        command
    };
    let words =
        "nothing reads the variable `BLYNK_SIM_LOGIN_TIMOUT`, did you mean `BLYNK_SIM_LOGIN_TIMEOUT`?";
    for level in ["info", "off"] {
        let mut command = misspelt();
        command.args(["--log", level]);
        let server = Served::run(command);
        let banner = server.banner.clone();
        assert!(
            banner.contains(&format!("\n  unread    {words}\n")) && !banner.contains("secret"),
            "{banner}"
        );
        assert!(server.stop().success());
    }
    let mut refused = misspelt();
    refused.args(["--tls-cert", "cert.pem"]).stderr(std::process::Stdio::piped());
    let output = refused.output().expect("it ends");
    let told = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert_eq!(told, format!("error: --tls-cert needs --tls-key; {words}\n"));
}

#[test]
fn logs_are_lines_of_json_if_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = command(folder.path());
    command.args(["--log", "debug", "--log-format", "json"]);
    let server = Served::run(command);
    drop(Client::log_in(server.address, &server.device));
    assert!(server.stop().success());
    let log = fs::read_to_string(log_path(folder.path())).expect("a log");
    let lines: Vec<serde_yaml::Value> =
        log.lines().map(|line| serde_yaml::from_str(line).expect("JSON")).collect();
    let said: Vec<_> = lines.iter().filter_map(|line| line["message"].as_str()).collect();
    for words in ["serving", "logged in", "entered a status", "stopping", "stopped"] {
        assert!(said.contains(&words), "{log}");
    }
}

#[test]
fn logs_that_nobody_reads_stop_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut command = command(folder.path());
    command.args(["--log", "debug"]).stderr(writer);
    let server = Served::run(command);
    assert_eq!(server.ask("GET", &format!("/external/api/update?token={}&V1=1", server.device), "").0, 200);
    assert!(server.stop().success());
}
