//! Notifications that are mails.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use crate::served::{Served, command, wait_for};
use crate::tls::certificate;

/// Takes one mail as a mail server does that answers one command like this, and returns what was said to it.
fn take_mail(from: impl Read, mut answers: impl Write, (command, answered): (&str, &str)) -> String {
    // Whoever has hung up hears nothing, and says nothing either.
    let mut answer = |text: &str| drop(answers.write_all(format!("{text}\r\n").as_bytes()));
    let (mut all, mut is_letter) = (String::new(), false);
    answer("220 ready");
    for line in BufReader::new(from).lines() {
        let line = line.expect("text");
        all += &(line.clone() + "\n");
        match (is_letter, line.split(' ').next().unwrap_or_default()) {
            (false, told) if told == command => answer(answered),
            (true, ".") => {
                is_letter = false;
                answer(if command == "." { answered } else { "250 taken" });
            }
            (false, "EHLO") => answer("250-here\r\n250 AUTH PLAIN"),
            (false, "AUTH") => answer("235 known"),
            (false, "MAIL" | "RCPT" | "NOOP") => answer("250 yes"),
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

/// A mail server without an oddity.
const PLAIN: (&str, &str) = ("", "");

/// A server that tells of a device that is offline by mail.
fn mailing(mut command: Command, url: &str) -> Served {
    command.args(["--smtp", url, "--mail-from", "House <house@example.org>"]);
    let server = Served::run(command);
    let template = r#"{"name":"Default","contacts":{"owner":"ada@example.org"},"statuses":[{"key":"online"},
        {"key":"offline","after":0,"notify":{"channels":["email"],"to":["owner"],"text":"Look\nafter it"}}]}"#;
    assert_eq!(server.ask("PUT", "/api/v1/organization/template", template).0, 200);
    assert_eq!(server.ask("GET", &format!("/external/api/update?token={}&V1=1", server.device), "").0, 200);
    server
}

/// A mail server that answers one command like this, and where it is. It says what it was told by each who came.
fn mail_server(oddity: (&'static str, &'static str)) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = listener.local_addr().expect("bound").to_string();
    let (tell, said) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.expect("somebody comes");
            if tell.send(take_mail(&stream, &stream, oddity)).is_err() {
                break;
            }
        }
    });
    (place, said)
}

fn letter(server: &Served, words: &str) -> String {
    wait_for(words, || Some(server.see("notifications?deviceId=0")).filter(|told| told.contains(words)))
}

const DELIVERED: &str = r#""stage":"delivered""#;

#[test]
fn a_mail_is_handed_to_the_mail_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let (place, said) = mail_server(PLAIN);
    let server = mailing(command(folder.path()), &format!("smtp://{place}"));
    letter(&server, DELIVERED);
    let mail = said.recv().expect("a mail");
    for words in
        ["MAIL FROM:<house@example.org>", "RCPT TO:<ada@example.org>", "\nSubject: First device is Offline\n"]
    {
        assert!(mail.contains(words), "{mail}");
    }
    assert!(mail.contains("\n\nLook\nafter it\n.\n"), "{mail}");
    assert!(!mail.contains("AUTH"), "nobody was named: {mail}");
}

#[test]
fn a_mail_that_a_mail_server_refuses_for_good_is_a_dead_letter_at_once() {
    for (said, told) in [
        (("RCPT", "550 5.1.1 ada is not here"), "answered 550 5.1.1 ada is not here"),
        ((".", "554 5.6.0 it cannot be read"), "answered 554 5.6.0 it cannot be read"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let (place, _said) = mail_server(said);
        let server = mailing(command(folder.path()), &format!("smtp://{place}"));
        let dead = letter(&server, r#""stage":"dead""#);
        assert!(dead.contains(r#""reason":"refused","why":"its receiver refused it for good""#), "{dead}");
        assert!(dead.contains(&format!(r#""failedTries":1,"lastFailure":"{told}""#)), "{dead}");
    }
}

#[test]
fn a_mail_that_a_mail_server_does_not_take_now_is_tried_again() {
    for (said, told) in [
        (("RCPT", "450 4.2.1 later"), "answered 450 4.2.1 later"),
        // They are about us, and not about the mail.
        (("EHLO", "554 5.3.2 closed for today"), "answered 554 5.3.2 closed for today"),
        (("AUTH", "535 5.7.8 another password"), "answered 535 5.7.8 another password"),
        (("MAIL", "530 5.7.0 a password first"), "answered 530 5.7.0 a password first"),
        (("MAIL", "550 5.1.8 who is that"), "answered 550 5.1.8 who is that"),
        (("RCPT", "554 5.7.1 not from there"), "answered 554 5.7.1 not from there"),
        ((".", "554 no"), "answered 554 no"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let (place, _said) = mail_server(said);
        let server = mailing(command(folder.path()), &format!("smtp://house:secret@{place}"));
        let owed = letter(&server, &format!(r#""failedTries":1,"lastFailure":"{told}""#));
        assert!(owed.contains(r#""stage":"owed""#), "{owed}");
    }
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
        command.args(["--notification-tries", "1"]);
        if trusted {
            command.env("SSL_CERT_FILE", "cert.pem");
        }
        let server = mailing(command, &format!("smtps://house:p%40ss@localhost:{port}"));
        let (from, to) = (openssl.stdout.take().expect("piped"), openssl.stdin.take().expect("piped"));
        let said = std::thread::spawn(move || take_mail(from, to, PLAIN));
        if trusted {
            drop(letter(&server, DELIVERED))
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
