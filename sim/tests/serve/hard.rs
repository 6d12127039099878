//! Peers that mean no good, or are broken. None of them takes down a good device.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::client::{Client, message};
use crate::served::{PATIENCE, Served, command};

/// A server with these options, and a good device on it.
fn served(arguments: &[&str]) -> (tempfile::TempDir, Served, Client) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = command(folder.path());
    command.args(arguments);
    let server = Served::run(command);
    let device = Client::log_in(server.address, &server.device);
    (folder, server, device)
}

/// The good device is served, and was never gone.
fn is_well(server: &Served, device: &mut Client) {
    let begun = Instant::now();
    device.send(&message(6, 7, b""));
    assert_eq!(device.answer(), (7, 200));
    assert!(begun.elapsed() < Duration::from_secs(1), "a ping takes {:?}", begun.elapsed());
    let timeline = server.timeline(0);
    assert!(!timeline.contains(r#""kind":"closed""#), "{timeline}");
}

#[test]
fn who_says_nothing_is_closed_in_time() {
    let (_folder, server, mut device) = served(&["--login-timeout", "500ms"]);
    let silent: Vec<_> = (0..300).map(|_| Client::connect(server.address)).collect();
    let mut slow = Client::connect(server.address);
    // A byte of a login now and then is no login.
    for byte in &message(29, 1, server.device.as_bytes())[..10] {
        if slow.0.write_all(&[*byte]).is_err() {
            break;
        }
        std::thread::sleep(Duration::from_millis(70));
    }
    slow.sees_end();
    silent.into_iter().for_each(|mut silent| silent.sees_end());
    is_well(&server, &mut device);
    let metrics = server.ask("GET", "/metrics", "").1;
    assert!(metrics.contains("\nblynk_connections 2\n"), "{metrics}");
}

#[test]
fn illegal_bytes_close_their_own_connection_alone() {
    let (_folder, server, mut device) = served(&[]);
    let oversized = [&[20, 0, 1, 0xff, 0xff][..], &[b'x'; 9_000]].concat();
    let id_zero = message(6, 0, b"");
    let unknown = message(99, 1, b"");
    let random: Vec<u8> =
        (0..4_096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8 | 0x80).collect();
    for bytes in [oversized, id_zero, unknown, random, vec![0; 100_000], vec![b'A'; 100_000]] {
        for _ in 0..20 {
            let mut bad = Client::connect(server.address);
            let _ = bad.0.write_all(&bytes);
            let _ = bad.0.shutdown(std::net::Shutdown::Write);
            bad.sees_end();
        }
    }
    is_well(&server, &mut device);
}

#[test]
fn a_flood_is_closed_and_nobody_else_is_slow() {
    let (_folder, server, mut device) = served(&[]);
    let path = "/api/v1/organization/device";
    let (_, created) = server.ask("POST", path, r#"{"templateName":"Default"}"#);
    let token = created.split('"').find(|part| part.len() == 32).expect("a token");
    let mut flood = Client::log_in(server.address, token);
    let _ = flood.0.write_all(&message(6, 2, b"").repeat(100_000));
    flood.sees_end();
    assert!(server.timeline(1).contains(r#""reason":"flood""#));
    is_well(&server, &mut device);
}

#[test]
fn wrong_tokens_are_slowed_down_and_a_right_one_is_let_in() {
    let (_folder, server, mut device) = served(&["--login-timeout", "1s"]);
    let mut last = Duration::ZERO;
    for _ in 0..7 {
        let begun = Instant::now();
        let mut wrong = Client::connect(server.address);
        wrong.send(&message(29, 1, &[b'x'; 32]));
        wrong.sees_end();
        last = begun.elapsed();
    }
    assert!(last >= Duration::from_secs(1), "{last:?}");
    is_well(&server, &mut device);
    drop(Client::log_in(server.address, &server.device));
}

#[test]
fn connections_above_the_limit_are_turned_away() {
    let (_folder, server, mut device) = served(&["--connection-limit", "20", "--login-timeout", "2s"]);
    let crowd: Vec<_> = (0..200).map(|_| Client::connect(server.address)).collect();
    let begun = Instant::now();
    let mut last = TcpStream::connect(server.address).expect("it listens");
    last.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let _ = last.read(&mut [0]);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    device.send(&message(6, 7, b""));
    assert_eq!(device.answer(), (7, 200));
    crowd.into_iter().for_each(|mut one| one.sees_end());
    is_well(&server, &mut device);
    assert!(!server.ask("GET", "/metrics", "").1.contains("blynk_connections_turned_away_total 0\n"));
}

#[test]
fn a_peer_that_reads_nothing_does_not_grow_the_server() {
    let (_folder, server, mut device) = served(&["--messages-per-second", "65535"]);
    let path = "/api/v1/organization/device";
    let (_, created) = server.ask("POST", path, r#"{"templateName":"Default"}"#);
    let token = created.split('"').find(|part| part.len() == 32).expect("a token");
    let mut deaf = Client::log_in(server.address, token);
    for pin in 0..32 {
        deaf.send(&message(20, 2, format!("vw\0{pin}\0{}", "x".repeat(1_000)).as_bytes()));
    }
    deaf.send(&message(6, 3, b""));
    assert_eq!(deaf.answer(), (3, 200));
    let before = memory(server.process());
    deaf.0.set_write_timeout(Some(Duration::from_millis(500))).expect("a timeout");
    // Each asks for 32 KB: 64 MB in all, of which a socket holds a few.
    for _ in 0..100 {
        if deaf.0.write_all(&message(16, 4, b"").repeat(20)).is_err() {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let grown = memory(server.process()).saturating_sub(before);
    assert!(grown < 8_000, "{grown} KB");
    is_well(&server, &mut device);
}

/// Resident memory of a process, in KB.
fn memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
    line.split_whitespace().next().and_then(|size| size.parse().ok()).expect("a number")
}
