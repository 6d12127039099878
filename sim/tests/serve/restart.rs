//! The end of a server, wanted or not, and what is found again.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::client::{Client, message};
use crate::served::Served;

#[test]
fn a_stop_is_no_disconnect_of_a_device_that_comes_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Served::start(folder.path());
    let (operator, token) = (server.operator.clone(), server.device.clone());
    let mut device = Client::log_in(server.address, &token);
    be_impatient(&server);
    device.write(2, "1");
    assert!(server.stop().success());
    device.sees_end();
    let server = Served::start(folder.path()).operated_by(&operator);
    let _device = Client::log_in(server.address, &token);
    let timeline = server.timeline(0);
    assert!(timeline.contains("the server was down, and is up again"), "{timeline}");
    assert!(!timeline.contains(r#""key":"offline""#), "{timeline}");
}

#[test]
fn sigint_stops_as_well() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Served::start(folder.path());
    assert!(server.stop_by("INT").success());
}

/// A device that is disconnected is offline at once, of which a receiver that is not there is to be told: whoever takes a
/// restart for a disconnect is found out.
const IMPATIENT: &str = r#"{"name":"Default","contacts":{"owner":"http://127.0.0.1:1/"},"statuses":[{"key":"online"},
    {"key":"offline","after":0,"notify":{"channels":["webhook"],"to":["owner"]}}]}"#;

fn be_impatient(server: &Served) {
    assert_eq!(server.ask("PUT", "/api/v1/organization/template", IMPATIENT).0, 200);
}

/// Power is not lost, but the process is gone, at any moment: what was answered is found again, and nobody is offline
/// who comes back.
#[test]
fn what_was_answered_survives_the_end_of_the_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let rounds: u32 = std::env::var("BLYNK_SIM_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(8);
    let first = Served::start(folder.path());
    let (operator, token) = (first.operator.clone(), first.device.clone());
    be_impatient(&first);
    assert_eq!(first.ask("POST", "/api/v1/organization/device", r#"{"templateName":"Default"}"#).0, 201);
    first.kill();
    let (mut values, mut others) = (0, Others::default());
    for round in 0..rounds {
        let mut command = crate::served::command(folder.path());
        command.args(["--messages-per-second", "65535"]);
        let server = Served::run(command).operated_by(&operator);
        others.check(&server);
        let (mut device, last) = come_back(&server, &token, values);
        let other = Others::token(&server);
        let process = server.process();
        let murder = thread::spawn(move || {
            thread::sleep(Duration::from_millis(100 + u64::from(round * 137 % 397)));
            crate::served::signal(process, "KILL");
        });
        thread::scope(|scope| {
            scope.spawn(|| others.go_on(&server, &other));
            values = write_on(&mut device, last);
        });
        murder.join().expect("a signal");
    }
    assert!(values > 3 * rounds && others.done > rounds, "{values} values and {others:?} in {rounds} rounds");
    let server = Served::start(folder.path()).operated_by(&operator);
    others.check(&server);
    let _device = Client::log_in(server.address, &token);
    let timeline = server.timeline(0);
    assert!(!timeline.contains(r#""key":"offline""#), "{timeline}");
}

/// The device logs in, and finds the value that was answered before; returns the one that it finds.
fn come_back(server: &Served, token: &str, last: u32) -> (Client, u32) {
    let mut device = Client::log_in(server.address, token);
    device.send(&message(17, 2, b"ver\x000.1\0h-beat\x0060"));
    assert_eq!(device.answer(), (2, 200));
    let (status, text) = server.ask("GET", &format!("/external/api/get?token={token}&V1"), "");
    let kept: u32 = if status == 200 { text.parse().expect("a number") } else { 0 };
    // A write that was not answered may be there, or not.
    assert!(kept == last || kept == last + 1, "{kept} is kept, {last} was answered");
    (device, kept)
}

/// Writes one value after the other until the server is gone. Returns the last that was answered.
fn write_on(device: &mut Client, last: u32) -> u32 {
    let (mut value, mut id) = (last, 3);
    while let Some(answered) = device.try_write(id, value + 1) {
        assert!(answered);
        value += 1;
        id = if id > 60_000 { 3 } else { id + 2 };
    }
    value
}

/// What operators and another device do meanwhile.
#[derive(Debug, Default)]
struct Others {
    /// The last of each that was answered: the heartbeat of a template, the name of a device, a command to it.
    heartbeat: u32,
    name: u32,
    command: u32,
    /// How much was answered in all.
    done: u32,
}

impl Others {
    /// What the other device logs in with.
    fn token(server: &Served) -> String {
        let shown = server.see("device?deviceId=1");
        let (_, rest) = shown.split_once(r#""token":""#).expect("a token");
        rest[..32].to_owned()
    }

    /// One change after the other until the server is gone. The other device sends data, and is offline at once again.
    fn go_on(&mut self, server: &Served, token: &str) {
        let device = |path: &str| format!("/api/v1/organization/device{path}?deviceId=1");
        let report = format!("/external/api/update?token={token}&V9=1");
        for next in self.done + 1.. {
            let template = format!(
                r#"{{"name":"Other","heartbeat":{},"statuses":[{{"key":"online"}},{{"key":"offline"}}]}}"#,
                1 + next % 80_000
            );
            let name = format!(r#"{{"name":"n{next}"}}"#);
            let command = format!(r#"{{"pin":"V2","value":"{next}"}}"#);
            let mut is_done = |method, path: &str, body: &str| match server.try_ask(method, path, body) {
                Some((status, text)) => {
                    assert_eq!(status, 200, "{path}: {text}");
                    self.done += 1;
                    true
                }
                None => false,
            };
            if !is_done("GET", &report, "") || !is_done("PUT", "/api/v1/organization/template", &template) {
                return;
            }
            self.heartbeat = 1 + next % 80_000;
            if !is_done("PATCH", &device(""), &name) {
                return;
            }
            self.name = next;
            if !is_done("POST", &device("/command"), &command) {
                return;
            }
            self.command = next;
        }
    }

    /// What was answered is there, or else what was asked for next.
    fn check(&self, server: &Served) {
        if self.command == 0 {
            return;
        }
        let number = |text: &str, before: &str| -> u32 {
            let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}"));
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().expect("a number")
        };
        let device = server.see("device?deviceId=1");
        let template = server.see("template?name=Other");
        let kept = [
            (number(&device, r#""name":"n"#), self.name),
            (number(&device, r#""pending":{"V2":""#), self.command),
            (number(&template, r#""heartbeat":"#), self.heartbeat),
        ];
        assert!(kept.iter().all(|(kept, answered)| kept >= answered), "{kept:?} of {self:?}");
        assert!(server.timeline(1).contains(r#""kind":"notified""#));
    }
}

#[test]
fn the_service_manager_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("notify");
    let manager = std::os::unix::net::UnixDatagram::bind(&socket).expect("a socket");
    manager.set_read_timeout(Some(crate::served::PATIENCE)).expect("a timeout");
    let mut command: Command = crate::served::command(folder.path());
    command.env("NOTIFY_SOCKET", &socket).env("STATE_DIRECTORY", folder.path().join("."));
    let server = Served::run(command);
    let told = || {
        let mut bytes = [0; 64];
        let length = manager.recv(&mut bytes).expect("a word");
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    };
    assert_eq!(told(), "READY=1");
    assert!(server.stop().success());
    assert_eq!(told(), "STOPPING=1");
}

/// A file that may not grow is a disk that is full.
#[test]
fn a_full_disk_ends_the_server_and_what_was_told_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Served::start(folder.path());
    let (operator, token) = (first.operator.clone(), first.device.clone());
    assert!(first.stop().success());
    let limited = |blocks: u32| {
        let mut shell = Command::new("sh");
        let script =
            format!("ulimit -f {blocks}; trap '' XFSZ; exec \"$0\" serve --listen 127.0.0.1:0 \"$@\"");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_blynk-sim"), "--messages-per-second", "65535"]);
        let log = std::fs::File::create(folder.path().join("full.txt")).expect("a file");
        shell.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        shell
    };
    let server = Served::run(limited(800));
    let mut device = Client::log_in(server.address, &token);
    let mut told = 0;
    while let Some(is_told) = device.try_write(u16::try_from(told % 30_000).expect("small") * 2 + 2, told + 1)
    {
        assert!(is_told);
        told += 1;
        assert!(told < 100_000, "the disk is not full");
    }
    assert_eq!(server.ended().code(), Some(3));
    let said = std::fs::read_to_string(folder.path().join("full.txt")).expect("the log");
    assert!(said.contains("error: blynk-sim.db: the database cannot be used: "), "{said}");
    assert!(said.contains("the disk has room"), "{said}");
    // There is room again.
    let server = Served::start(folder.path()).operated_by(&operator);
    let (_, kept) = server.ask("GET", &format!("/external/api/get?token={token}&V1"), "");
    assert_eq!(kept, told.to_string());
}
