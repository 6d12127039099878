//! The end of a server, wanted or not, and what is found again.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::client::{Client, message};
use crate::served::{Served, wait_for};

#[test]
fn a_stop_is_no_disconnect_of_a_device_that_comes_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Served::start(folder.path());
    let (operator, token) = (server.operator.clone(), server.device.clone());
    let mut device = Client::log_in(server.address, &token);
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
    server.signal("INT");
    let folder = folder.path();
    wait_for("a database that is free", || {
        let mut again = crate::served::command(folder);
        // A server that is still there is said to be.
        let mut again = again.stderr(Stdio::null()).spawn().expect("it starts");
        thread::sleep(Duration::from_millis(300));
        let runs = again.try_wait().expect("a process").is_none();
        let _ = again.kill();
        let _ = again.wait();
        runs.then_some(())
    });
}

/// Power is not lost, but the process is gone, at any moment: what was answered is found again, and nobody is offline
/// who comes back.
#[test]
fn what_was_answered_survives_the_end_of_the_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let rounds: u32 = std::env::var("BLYNK_SIM_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(8);
    let first = Served::start(folder.path());
    let (operator, token) = (first.operator.clone(), first.device.clone());
    first.kill();
    let mut value = 0_u32;
    for round in 0..rounds {
        let mut command = crate::served::command(folder.path());
        command.args(["--messages-per-second", "65535"]);
        let server = Served::run(command).operated_by(&operator);
        let mut device = Client::log_in(server.address, &token);
        device.send(&message(17, 2, b"ver\x000.1\0h-beat\x0060"));
        assert_eq!(device.answer(), (2, 200));
        let path = format!("/external/api/get?token={token}&V1");
        if round > 0 {
            // A write that was not answered may be there, or not.
            let (status, text) = server.ask("GET", &path, "");
            let kept: u32 = if status == 200 { text.parse().expect("a number") } else { 0 };
            assert!(kept == value || kept == value + 1, "{kept} is kept, {value} was answered");
            value = kept;
        }
        let process = server.process();
        let murder = thread::spawn(move || {
            thread::sleep(Duration::from_millis(u64::from(round * 37 % 97)));
            crate::served::signal(process, "KILL");
        });
        let mut id = 3;
        // Until the process is gone.
        while let Some(answered) = device.try_write(id, value + 1) {
            assert!(answered);
            value += 1;
            id = if id > 60_000 { 3 } else { id + 2 };
        }
        murder.join().expect("a signal");
    }
    let server = Served::start(folder.path()).operated_by(&operator);
    let _device = Client::log_in(server.address, &token);
    let timeline = server.timeline(0);
    assert!(!timeline.contains(r#""key":"offline""#), "{timeline}");
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
