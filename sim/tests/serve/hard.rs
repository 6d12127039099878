//! Peers that mean no good, or are broken. None of them takes down a good device.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::client::{Client, message};
use crate::served::{PATIENCE, Served, command, wait_for};

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
pub(crate) fn is_well(server: &Served, device: &mut Client) {
    let begun = Instant::now();
    device.send(&message(6, 7, b""));
    assert_eq!(device.answer(), (7, 200));
    assert!(begun.elapsed() < Duration::from_secs(3), "a ping takes {:?}", begun.elapsed());
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
    silent.into_iter().for_each(|mut silent| drop(silent.sees_end()));
    is_well(&server, &mut device);
    // The device's, and that of the question.
    wait_for("end of the silent", || {
        server.ask("GET", "/metrics", "").1.contains("\nblynk_connections 2\n").then_some(())
    });
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
    let (_folder, server, mut device) =
        served(&["--connection-limit", "20", "--connections-per-address", "20", "--login-timeout", "2s"]);
    let crowd: Vec<_> = (0..200).map(|_| Client::connect(server.address)).collect();
    let begun = Instant::now();
    let mut last = TcpStream::connect(server.address).expect("it listens");
    last.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let _ = last.read(&mut [0]);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    device.send(&message(6, 7, b""));
    assert_eq!(device.answer(), (7, 200));
    crowd.into_iter().for_each(|mut one| drop(one.sees_end()));
    is_well(&server, &mut device);
    assert!(!server.ask("GET", "/metrics", "").1.contains("total{limit=\"all\"} 0\n"));
}

#[test]
fn one_address_cannot_take_every_place() {
    let limits = ["--connection-limit", "40", "--connections-per-address", "10", "--login-timeout", "5s"];
    let (_folder, server, mut device) = served(&limits);
    let crowd: Vec<_> = (0..100).map(|_| Client::connect_as(2, server.address)).collect();
    // Whoever comes from elsewhere finds room, and whoever is there is served.
    drop(Client::log_in(server.address, &server.device));
    device.sees_end();
    let mut device = Client::log_in(server.address, &server.device);
    let metrics = server.ask("GET", "/metrics", "").1;
    assert!(metrics.contains("\nblynk_connections_turned_away_total{limit=\"address\"} 90\n"), "{metrics}");
    assert!(metrics.contains("\nblynk_connections_turned_away_total{limit=\"all\"} 0\n"), "{metrics}");
    device.send(&message(6, 7, b""));
    assert_eq!(device.answer(), (7, 200));
    // Those that are gone leave their places.
    drop(crowd);
    let token = server.device.as_bytes();
    wait_for("a place", || {
        let mut again = Client::connect_as(2, server.address);
        again.0.write_all(&message(29, 1, token)).ok()?;
        (again.sees_first() == Some(0)).then_some(())
    });
}

#[test]
fn whoever_tries_many_tokens_is_not_answered_and_a_right_one_is_let_in() {
    let (_folder, server, mut device) = served(&["--failures-per-address", "3", "--login-timeout", "1s"]);
    let try_token = |host: u8, letter: u8| {
        let mut wrong = Client::connect_as(host, server.address);
        wrong.send(&message(29, 1, &[letter; 32]));
        wrong.sees_end()
    };
    let refused = [0, 0, 1, 0, 9];
    assert_eq!([b'a', b'b', b'c'].map(|letter| try_token(2, letter)), [refused; 3]);
    let begun = Instant::now();
    assert_eq!(try_token(2, b'd'), Vec::<u8>::new());
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(try_token(3, b'd'), refused);
    is_well(&server, &mut device);
    let mut right = Client::connect_as(2, server.address);
    right.send(&message(29, 1, server.device.as_bytes()));
    assert_eq!(right.answer(), (1, 200));
}

#[test]
fn requests_without_proof_are_not_answered_for_ever() {
    let (_folder, server, mut device) = served(&["--failures-per-address", "3", "--login-timeout", "1s"]);
    let ask = |host: u8, path: &str, operator: &str| {
        let mut peer = Client::connect_as(host, server.address);
        let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
        peer.send(format!("{head}authorization: Bearer {operator}\r\n\r\n").as_bytes());
        let answer = String::from_utf8(peer.sees_end()).expect("text");
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    let devices = "/api/v1/organization/devices";
    assert_eq!([1, 2].map(|n| ask(2, devices, &format!("wrong-token-no-{n:018}"))), ["401", "401"]);
    let as_device = format!("/external/api/get?token={}&V1", "x".repeat(32));
    assert_eq!(ask(2, &as_device, ""), "400");
    assert_eq!([ask(2, &as_device, ""), ask(2, devices, "wrong-wrong-wrong-wrong")], ["", ""]);
    assert_eq!(ask(2, devices, &server.operator), "200");
    assert_eq!(ask(3, devices, "wrong-wrong-wrong-wrong"), "401");
    is_well(&server, &mut device);
    assert!(server.ask("GET", "/metrics", "").1.contains("\nblynk_requests_withheld_total 2\n"));
}

#[test]
fn half_of_anything_is_given_up_in_time() {
    let (_folder, server, mut device) =
        served(&["--login-timeout", "1s", "--connections-per-address", "2000"]);
    let before = memory(server.process());
    let login = message(29, 1, server.device.as_bytes());
    let path = "/api/v1/organization/device";
    let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n", server.operator);
    let body = format!("{head}content-length: 9000\r\n\r\n{{\"name\":\"");
    let halves =
        [&b""[..], &login[..3], &login[..30], &head.as_bytes()[..9], head.as_bytes(), body.as_bytes()];
    let open = |host: u8, half: &[u8], is_finished: bool| {
        let mut peer = Client::connect_as(host, server.address);
        let _ = peer.0.write_all(half);
        if is_finished {
            let _ = peer.0.shutdown(std::net::Shutdown::Write);
        }
        peer
    };
    let mut peers = Vec::new();
    for n in 0..600_usize {
        let host = u8::try_from(2 + n % 100).expect("small");
        peers.push(open(host, halves[n % halves.len()], n % 4 == 0));
    }
    is_well(&server, &mut device);
    let begun = Instant::now();
    peers.into_iter().for_each(|mut peer| drop(peer.sees_end()));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    is_well(&server, &mut device);
    let metrics = wait_for("the end of all others", || {
        Some(server.ask("GET", "/metrics", "").1)
            .filter(|metrics| metrics.contains("\nblynk_connections 2\n"))
    });
    assert!(metrics.contains("\nblynk_devices_connected 1\n"), "{metrics}");
    let grown = memory(server.process()).saturating_sub(before);
    assert!(grown < 24_000, "{grown} KB");
}

#[test]
fn who_comes_and_goes_all_the_time_stops_nobody() {
    let (_folder, server, mut device) = served(&[]);
    let address = server.address;
    let knockers: Vec<_> = (0..2)
        .map(|n| {
            std::thread::spawn(move || {
                (0..1_500).for_each(|_| {
                    let peer = Client::connect(address);
                    // Unread answers, or none: some ends are a FIN, and some a RST.
                    let _ = (&peer.0).write_all(&message(6, 1, b"").repeat(n * 3));
                });
            })
        })
        .collect();
    while !knockers.iter().all(std::thread::JoinHandle::is_finished) {
        is_well(&server, &mut device);
        // A good device is no flood.
        std::thread::sleep(Duration::from_millis(40));
    }
    is_well(&server, &mut device);
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
pub(crate) fn memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
    line.split_whitespace().next().and_then(|size| size.parse().ok()).expect("a number")
}
