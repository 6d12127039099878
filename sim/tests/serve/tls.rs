//! TLS, and what is counted.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use crate::client::{Client, message};
use crate::served::{PATIENCE, Served, command, wait_for};

/// A certificate for localhost, by the tool that everybody has.
pub(crate) fn certificate(folder: &Path) -> bool {
    let made = Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem",
            "-days", "1",
        ])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .current_dir(folder)
        .stderr(Stdio::null())
        .status();
    made.is_ok_and(|status| status.success())
}

/// A server with a certificate of its own and these options, and where it speaks TLS.
fn secured(folder: &Path, options: &[&str]) -> (Served, SocketAddr) {
    assert!(certificate(folder), "openssl makes a certificate");
    let mut command = command(folder);
    command.args(["--tls-cert", "cert.pem", "--tls-key", "key.pem", "--tls-listen", "127.0.0.1:0"]);
    command.args(options);
    let server = Served::run(command);
    let secure = server.banner.lines().find_map(|line| line.strip_prefix("  tls")).expect("a second port");
    let secure = secure.trim().parse().expect("an address");
    (server, secure)
}

/// A device that speaks TLS by openssl and has sent its login, and what it is told to send next.
fn log_in(server: &Served, secure: SocketAddr) -> (Child, ChildStdin) {
    let mut client = Command::new("openssl")
        .args(["s_client", "-quiet", "-connect", &secure.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl starts");
    let mut input = client.stdin.take().expect("piped");
    input.write_all(&message(29, 1, server.device.as_bytes())).expect("it is taken");
    (client, input)
}

#[test]
#[ignore = "needs openssl; .ci/run installs it"]
fn devices_and_requests_find_tls() {
    let folder = tempfile::tempdir().expect("a folder");
    let (server, secure) = secured(folder.path(), &[]);
    let (mut client, _input) = log_in(&server, secure);
    let mut answer = [0; 5];
    client.stdout.as_mut().expect("piped").read_exact(&mut answer).expect("an answer");
    assert_eq!(answer, [0, 0, 1, 0, 200]);
    assert!(server.see("device?deviceId=0").contains(r#""state":"connected""#));
    // A process that is gone says goodbye to TCP, but not to TLS.
    client.kill().expect("it runs");
    client.wait().expect("it ends");
    wait_for("close", || server.timeline(0).contains(r#""reason":"closed""#).then_some(()));
    let page = Command::new("curl").args(["-sk", &format!("https://{secure}/")]).output().expect("curl");
    assert!(String::from_utf8_lossy(&page.stdout).contains("<title>blynk-sim</title>"));
    // Whoever speaks no TLS there stops nobody.
    let mut stranger = TcpStream::connect(secure).expect("it listens");
    stranger.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stranger.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("it is taken");
    let _ = stranger.read_to_end(&mut Vec::new());
    let _device = Client::log_in(server.address, &server.device);
}

/// A device that was slow for a while is sent all that was written to it, also what TLS held when the socket was full.
#[test]
#[ignore = "needs openssl; .ci/run installs it"]
fn nothing_stays_behind_in_tls() {
    let folder = tempfile::tempdir().expect("a folder");
    let (server, secure) = secured(folder.path(), &["--messages-per-second", "65535"]);
    let (mut client, mut input) = log_in(&server, secure);
    for pin in 0..32 {
        let value = format!("vw\0{pin}\0{}", "x".repeat(1_000));
        input.write_all(&message(20, 2, value.as_bytes())).expect("it is taken");
    }
    // Each asks for 32 KB. Nobody reads, so openssl takes nothing more, and then the socket does not either.
    for _ in 0..40 {
        input.write_all(&message(16, 3, b"").repeat(10)).expect("it is taken");
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = client.stdout.take().expect("piped");
    let rest = part_of_a_frame(output, Duration::from_secs(3));
    client.kill().expect("it runs");
    client.wait().expect("it ends");
    assert_eq!(rest, 0, "bytes of a frame whose rest did not come");
}

/// Reads until nothing comes for so long. Returns how many bytes came of a frame that is not whole.
fn part_of_a_frame(mut from: impl Read + Send + 'static, quiet: Duration) -> usize {
    let (sender, parts) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut part = vec![0; 65_536];
        while let Ok(length @ 1..) = from.read(&mut part) {
            let _ = sender.send(part[..length].to_vec());
        }
    });
    let mut unread = Vec::new();
    while let Ok(part) = parts.recv_timeout(quiet) {
        unread.extend(part);
        while let [command, _, _, high, low, ..] = unread[..] {
            let body = if command == 0 { 0 } else { usize::from(u16::from_be_bytes([high, low])) };
            if unread.len() < 5 + body {
                break;
            }
            unread.drain(..5 + body);
        }
    }
    unread.len()
}

#[test]
fn a_certificate_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("letter.txt"), "Dear Sir or Madam,").expect("a file");
    let check = |arguments: &[&str], words: &str| {
        let mut command = command(folder.path());
        let output = command.args(arguments).stderr(Stdio::piped()).output().expect("it starts");
        let told = String::from_utf8(output.stderr).expect("text");
        assert!(output.status.code() == Some(2) && told.contains(words), "{told}");
    };
    check(&["--tls-cert", "none.pem"], "--tls-cert needs --tls-key");
    check(&["--tls-listen", "127.0.0.1:0"], "--tls-listen needs --tls-cert and --tls-key");
    check(&["--tls-cert", "none.pem", "--tls-key", "none.pem"], "the certificate none.pem cannot be read");
    check(
        &["--tls-cert", "letter.txt", "--tls-key", "letter.txt"],
        "letter.txt cannot be read: there is none in it",
    );
}

#[test]
#[ignore = "needs openssl; .ci/run installs it"]
fn a_key_of_another_certificate_is_named() {
    let folders = [0, 1].map(|_| tempfile::tempdir().expect("a folder"));
    assert!(folders.iter().all(|folder| certificate(folder.path())), "openssl makes certificates");
    let mut command = command(folders[0].path());
    let key = folders[1].path().join("key.pem");
    let output =
        command.args(["--tls-cert", "cert.pem", "--tls-key"]).arg(&key).stderr(Stdio::piped()).output();
    let output = output.expect("it starts");
    let told = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(
        told.contains(&format!("the key {} does not fit the certificate cert.pem", key.display())),
        "{told}"
    );
}

#[test]
#[ignore = "needs openssl; .ci/run installs it"]
fn half_a_handshake_is_given_up_in_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let (server, secure) = secured(folder.path(), &["--login-timeout", "1s"]);
    // A record of a handshake that says that 512 bytes follow.
    let halves = [&b""[..], &[22], &[22, 3, 1, 2, 0, 1, 0, 1, 252]];
    let mut peers: Vec<_> = (0..150).map(|_| Client::connect(secure)).collect();
    for (peer, half) in peers.iter_mut().zip(halves.into_iter().cycle()) {
        peer.send(half);
    }
    let _device = Client::log_in(server.address, &server.device);
    let begun = Instant::now();
    peers.into_iter().for_each(|mut peer| drop(peer.sees_end()));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn what_happens_is_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Served::start(folder.path());
    let chain = r#"{"name":"Default","statuses":[{"key":"online"},{"key":"offline","after":0}]}"#;
    assert_eq!(server.ask("PUT", "/api/v1/organization/template", chain).0, 200);
    let mut wrong = Client::connect(server.address);
    wrong.send(&message(29, 1, &[b'x'; 32]));
    wrong.sees_end();
    let mut malformed = Client::connect(server.address);
    malformed.send(&message(29, 1, &[b'x'; 31]));
    malformed.sees_end();
    drop(Client::log_in(server.address, &server.device));
    let metrics = || server.ask("GET", "/metrics", "").1;
    // Where devices stand is looked at once a second.
    let told =
        wait_for("the end", || Some(metrics()).filter(|told| told.contains(r#"{status="offline"} 1"#)));
    for line in [
        "blynk_logins_total{outcome=\"accepted\"} 1",
        "blynk_logins_total{outcome=\"refused\"} 2",
        "blynk_closes_total{reason=\"closed\"} 1",
        "blynk_detection_seconds_bucket{le=\"1\"} 1",
        "blynk_devices{status=\"offline\"} 1",
        "blynk_devices_connected 0",
        "blynk_outbox 0",
    ] {
        assert!(told.lines().any(|known| known == line), "{line} is not in {told}");
    }
}

#[test]
fn a_backup_is_made_while_it_serves() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Served::start(folder.path());
    let mut device = Client::log_in(server.address, &server.device);
    assert_eq!(device.try_write(2, 7), Some(true));
    let backup = |name: &str| {
        let mut command = command(folder.path());
        command.args(["--backup", name]).stderr(Stdio::piped()).output().expect("it starts")
    };
    assert!(backup("copy.db").status.success());
    assert_eq!(backup("copy.db").status.code(), Some(2), "it is there already");
    let nowhere = backup("none/copy.db");
    let told = String::from_utf8(nowhere.stderr).expect("text");
    assert!(told.starts_with("error: cannot write the backup none/copy.db.part: No such file"), "{told}");
    assert_eq!(nowhere.status.code(), Some(3));
    let other = tempfile::tempdir().expect("a folder");
    fs::copy(folder.path().join("copy.db"), other.path().join("blynk-sim.db")).expect("a copy");
    let restored = Served::start(other.path()).operated_by(&server.operator);
    assert!(restored.see("device?deviceId=0").contains(r#""V1":"7""#));
}
