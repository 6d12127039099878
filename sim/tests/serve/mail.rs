//! Notifications that are mails.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::served::{Served, command, wait_for};
use crate::tls::certificate;

/// Takes one mail as a mail server does that says this of its recipient, and returns what was said to it.
fn take_mail(from: impl Read, mut answers: impl Write, of_recipient: &str) -> String {
    let mut answer = |text: &str| answers.write_all(format!("{text}\r\n").as_bytes()).expect("it is heard");
    let (mut all, mut is_letter) = (String::new(), false);
    answer("220 ready");
    for line in BufReader::new(from).lines() {
        let line = line.expect("text");
        all += &(line.clone() + "\n");
        match (is_letter, line.split(' ').next().unwrap_or_default()) {
            (true, ".") => {
                is_letter = false;
                answer("250 taken");
            }
            (false, "EHLO") => answer("250-here\r\n250 AUTH PLAIN"),
            (false, "AUTH") => answer("235 known"),
            (false, "MAIL") => answer("250 yes"),
            (false, "RCPT") => answer(of_recipient),
            (false, "DATA") => {
                is_letter = true;
                answer("354 go on");
            }
            (false, "QUIT") => {
                answer("221 bye");
                break;
            }
            // What the letter says, and what a tool that speaks TLS for us says beside.
            (true | false, _) => {}
        }
    }
    all
}

/// A server that tells of a device that is offline by mail, and has one try for it.
fn mailing(mut command: Command, url: &str) -> Served {
    command.args(["--smtp", url, "--mail-from", "House <house@example.org>", "--notification-tries", "1"]);
    let server = Served::run(command);
    let template = r#"{"name":"Default","contacts":{"owner":"ada@example.org"},"statuses":[{"key":"online"},
        {"key":"offline","after":0,"notify":{"channels":["email"],"to":["owner"],"text":"Look\nafter it"}}]}"#;
    assert_eq!(server.ask("PUT", "/api/v1/organization/template", template).0, 200);
    assert_eq!(server.ask("GET", &format!("/external/api/update?token={}&V1=1", server.device), "").0, 200);
    server
}

/// What was said to a mail server about one mail, by a server that tells of its device by mail.
fn told(of_recipient: &str, and_then: impl FnOnce(&Served)) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("smtp://{}", listener.local_addr().expect("bound"));
    let server = mailing(command(folder.path()), &url);
    let (stream, _) = listener.accept().expect("a mail");
    let said = take_mail(&stream, &stream, of_recipient);
    and_then(&server);
    said
}

fn is_delivered(server: &Served) {
    wait_for("delivery", || {
        server.see("notifications?deviceId=0").contains(r#""stage":"delivered""#).then_some(())
    });
}

#[test]
fn a_mail_is_handed_to_the_mail_server() {
    let mail = told("250 yes", is_delivered);
    for words in
        ["MAIL FROM:<house@example.org>", "RCPT TO:<ada@example.org>", "\nSubject: First device is Offline\n"]
    {
        assert!(mail.contains(words), "{mail}");
    }
    assert!(mail.contains("\n\nLook\nafter it\n.\n"), "{mail}");
    assert!(!mail.contains("AUTH"), "nobody was named: {mail}");
}

#[test]
fn what_a_mail_server_says_against_a_mail_is_told() {
    told("550 5.1.1 ada is not here", |server| {
        let dead = server.dead_letter();
        assert!(dead.contains(r#""lastFailure":"answered 550 5.1.1 ada is not here""#), "{dead}");
    });
}

/// Speaks TLS for a mail server, and says where.
fn secured(folder: &Path) -> (Child, String) {
    let mut openssl = Command::new("openssl")
        .args(["s_server", "-accept", "127.0.0.1:0", "-cert", "cert.pem", "-key", "key.pem", "-naccept", "1"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl starts");
    let output = openssl.stdout.as_mut().expect("piped");
    let (mut line, mut byte) = (String::new(), [0]);
    while !line.ends_with('\n') || !line.starts_with("ACCEPT") {
        if line.ends_with('\n') {
            line.clear();
        }
        output.read_exact(&mut byte).expect("it says where it listens");
        line.push(byte[0].into());
    }
    let (_, port) = line.trim().rsplit_once(':').expect("a port");
    let port = port.into();
    (openssl, port)
}

#[test]
#[ignore = "needs openssl; .ci/run installs it"]
fn a_password_is_told_to_nobody_but_a_mail_server_with_a_certificate() {
    let deliver = |trusted: bool| {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(certificate(folder.path()), "openssl makes a certificate");
        let (mut openssl, port) = secured(folder.path());
        let mut command = command(folder.path());
        if trusted {
            command.env("SSL_CERT_FILE", "cert.pem");
        }
        let server = mailing(command, &format!("smtps://house:p%40ss@localhost:{port}"));
        let (from, to) = (openssl.stdout.take().expect("piped"), openssl.stdin.take().expect("piped"));
        let said = std::thread::spawn(move || take_mail(from, to, "250 yes"));
        if trusted {
            is_delivered(&server)
        } else {
            drop(server.dead_letter())
        }
        openssl.kill().expect("it ran");
        openssl.wait().expect("it ended");
        said.join().expect("it is heard")
    };
    let said = deliver(true);
    // What comes before the name and between it and the password is a zero.
    assert!(said.contains("\nAUTH PLAIN AGhvdXNlAHBAc3M=\n") && said.contains("\nDATA\n"), "{said}");
    let said = deliver(false);
    assert!(!said.contains("EHLO") && !said.contains("AUTH"), "{said}");
}
