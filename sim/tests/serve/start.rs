//! The first start, and every later one.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use crate::client::{Client, message};
use crate::served::{PATIENCE, Served, command, signal};

#[test]
fn one_command_brings_up_a_server_with_a_page_and_a_device() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Served::start(folder.path());
    let page = format!("http://{}/#token={}", server.address, server.operator);
    assert!(server.banner.contains(&page), "{}", server.banner);
    assert_eq!((server.operator.len(), server.device.len()), (32, 32));
    let (status, body) = server.ask("GET", "/", "");
    assert!(status == 200 && body.contains("<title>blynk-sim</title>"), "{body}");
    let _device = Client::log_in(server.address, &server.device);
    assert!(server.see("device?deviceId=0").contains(r#""state":"connected""#));
}

#[test]
fn a_token_is_printed_once_and_not_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Served::start(folder.path());
    let token = first.operator.clone();
    assert!(first.stop().success());
    let kept = fs::read(folder.path().join("blynk-sim.db")).expect("the database");
    assert!(!kept.windows(token.len()).any(|part| part == token.as_bytes()));
    let second = restarted(folder.path(), &[]).operated_by(&token);
    assert!(!second.banner.contains("operator") && !second.banner.contains("device  "), "{}", second.banner);
    second.see("devices");
    assert!(second.stop().success());
    let third = restarted(folder.path(), &["--new-admin-token"]);
    third.see("devices");
    let old = third.operated_by(&token);
    assert_eq!(old.ask("GET", "/api/v1/organization/devices", "").0, 401);
}

/// Whoever stands in another folder than the service would get the token of a database that nobody uses.
#[test]
fn a_token_is_replaced_only_where_there_is_one() {
    let folder = tempfile::tempdir().expect("a folder");
    check_refused(folder.path(), &["--new-admin-token"], 3, "there is no database blynk-sim.db, and so no");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    let state = folder.path().join("state");
    fs::create_dir(&state).expect("a folder");
    let first = Served::run({
        let mut command = command(folder.path());
        command.env("STATE_DIRECTORY", &state);
        command
    });
    let token = first.operator.clone();
    assert!(first.stop().success() && state.join("blynk-sim.db").exists());
    let second = Served::run({
        let mut command = command(folder.path());
        command.arg("--new-admin-token").env("STATE_DIRECTORY", &state);
        command
    });
    assert_ne!(second.operator, token);
    second.see("devices");
}

fn restarted(folder: &std::path::Path, arguments: &[&str]) -> Served {
    let mut command = command(folder);
    command.args(arguments);
    Served::run(command)
}

#[test]
fn the_database_is_for_its_owner_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let _server = Served::start(folder.path());
    for name in ["blynk-sim.db", "blynk-sim.db-wal"] {
        let mode = fs::metadata(folder.path().join(name)).expect(name).permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name} has {mode:o}");
    }
}

/// It was printed to nobody.
#[test]
fn a_token_that_nobody_was_shown_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Served::start(folder.path());
    let token = server.operator.clone();
    server.stop();
    let mut deaf = Command::new(env!("CARGO_BIN_EXE_blynk-sim"));
    deaf.args(["serve", "--listen", "127.0.0.1:0", "--new-admin-token"]).current_dir(folder.path());
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a full disk");
    let output = deaf.stdout(full).stderr(Stdio::piped()).output().expect("it ends");
    let told = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.code() == Some(3) && told.contains("nobody reads the new tokens"), "{told}");
    let server = Served::start(folder.path()).operated_by(&token);
    server.see("devices");
}

/// What a server that does not come up says, and exits with.
fn check_refused(folder: &std::path::Path, arguments: &[&str], code: i32, words: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_blynk-sim"));
    let command =
        command.arg("serve").args(arguments).current_dir(folder).env("BLYNK_SIM_LISTEN", "127.0.0.1:0");
    let process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
    let id = process.id();
    // One that comes up against expectation must not be waited for.
    let (done, is_done) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        if is_done.recv_timeout(PATIENCE).is_err() {
            signal(id, "KILL");
        }
    });
    let output = process.wait_with_output().expect("it ends");
    let _ = done.send(());
    let told = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(code), "{told}");
    assert!(told.contains(words), "{told}");
}

#[test]
fn what_cannot_be_served_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Served::start(folder.path());
    check_refused(folder.path(), &[], 3, "another server uses the database blynk-sim.db; stop it");
    std::os::unix::fs::symlink("blynk-sim.db", folder.path().join("other.db")).expect("a link");
    check_refused(folder.path(), &["--database", "other.db"], 3, "another server uses the database other.db");
    fs::hard_link(folder.path().join("blynk-sim.db"), folder.path().join("third.db")).expect("a link");
    check_refused(folder.path(), &["--database", "third.db"], 3, "another server uses the database third.db");
    let other = tempfile::tempdir().expect("a folder");
    let address = server.address.to_string();
    let taken = ["--listen", &address];
    check_refused(other.path(), &taken, 3, "Address already in use");
    check_refused(other.path(), &taken, 3, "--listen names another");
    let later = Served::start(other.path());
    assert_eq!((later.operator.len(), later.device.len()), (32, 32), "{}", later.banner);
    let (token, _) = (later.operator.clone(), later.stop());
    check_refused(other.path(), &[&taken[..], &["--new-admin-token"]].concat(), 3, "Address already in use");
    let later = Served::start(other.path()).operated_by(&token);
    later.see("devices");
    drop(later);
    fs::write(other.path().join("letter.txt"), "Dear Sir or Madam, ".repeat(99)).expect("a file");
    check_refused(other.path(), &["--database", "letter.txt"], 3, "not a database");
    check_refused(other.path(), &["--database", "letter.txt"], 3, "go back to a backup");
    check_refused(other.path(), &["--database", "none/x.db"], 3, "cannot use none/x.db: No such file");
    check_refused(other.path(), &["--database", "letter.txt/x.db"], 3, "cannot use letter.txt/x.db: Not a");
    check_refused(other.path(), &["--login-timeout", "10"], 2, "has no unit");
    check_refused(other.path(), &["--login-timeout", "0s"], 2, "would let nobody log in");
    check_refused(other.path(), &["--smtp", "smtp://127.0.0.1"], 2, "--smtp needs --mail-from");
    check_refused(other.path(), &["--smtp", "x", "--mail-from", "a@b.c"], 2, "it is no URL such as smtps://");
    check_refused(
        other.path(),
        &["--smtp", "imap://x", "--mail-from", "a@b.c"],
        2,
        "neither smtps:// nor smtp://",
    );
    check_refused(other.path(), &["--body-limit", "40000"], 2, "at most 32768 bytes");
    for wrong in ["0", "-1", "x", "1.5"] {
        let words = "write a whole number, at least 1";
        check_refused(other.path(), &[&format!("--notification-tries={wrong}")], 2, words);
    }
    check_refused(other.path(), &["--notification-tries", "70000"], 2, "it is more than this may be");
    check_refused(other.path(), &["--config", "none.toml"], 2, "none.toml");
}

#[test]
fn one_port_tells_devices_and_requests_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Served::start(folder.path());
    let mut device = Client::log_in(server.address, &server.device);
    device.write(2, "22.5");
    let path = format!("/external/api/get?token={}&V1", server.device);
    assert_eq!(server.ask("GET", &path, ""), (200, "22.5".into()));
    device.send(&message(6, 4, b""));
    assert_eq!(device.answer(), (4, 200));
}

fn readme() -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    fs::read_to_string(path).expect("the README")
}

/// The words of a text, without tokens and ports, which are others each time.
fn words(text: &str) -> Vec<String> {
    let word = |word: &str| match word.trim_end_matches(',') {
        word if word.contains("#token=") => "a page".to_owned(),
        word if word.parse::<std::net::SocketAddr>().is_ok() => "an address".to_owned(),
        word if word.len() == 32 => "a token".to_owned(),
        word => word.to_owned(),
    };
    text.split_whitespace().map(word).collect()
}

#[test]
fn the_first_start_reads_as_in_the_readme() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Served::start(folder.path());
    let readme = readme();
    let (_, shown) = readme.split_once("$ blynk-sim serve\n").expect("the README shows it");
    let (shown, _) = shown.split_once("```").expect("a block ends");
    assert_eq!(words(&server.banner), words(shown));
}

#[test]
fn the_options_of_the_readme_are_there() {
    let help =
        Command::new(env!("CARGO_BIN_EXE_blynk-sim")).args(["serve", "--help"]).output().expect("it starts");
    let help = String::from_utf8(help.stdout).expect("text");
    let readme = readme();
    let (_, section) = readme.split_once("## Serving real devices").expect("a section");
    let (section, _) = section.split_once("\n## ").expect("another section");
    let named: Vec<_> = section
        .split('`')
        .skip(1)
        .step_by(2)
        .filter_map(|code| code.split_whitespace().next().filter(|word| word.starts_with("--")))
        .collect();
    assert!(named.len() > 10, "{named:?}");
    for option in named {
        assert!(help.contains(option), "{option} is not in {help}");
    }
}
