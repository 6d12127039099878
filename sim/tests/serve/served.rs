//! A server process, and requests to it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Nothing here takes longer on a machine that works.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A running server. Ends with it.
pub(crate) struct Served {
    process: Child,
    pub(crate) address: SocketAddr,
    /// What it printed when it was ready.
    pub(crate) banner: String,
    /// The operators' token.
    pub(crate) operator: String,
    /// The first device's token.
    pub(crate) device: String,
}

/// The program, told to serve from this folder on a port that is free.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_blynk-sim"));
    command.args(["serve", "--listen", "127.0.0.1:0"]).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log(folder));
    command
}

/// Where the logs of a server go.
fn log(folder: &Path) -> fs::File {
    fs::OpenOptions::new().create(true).append(true).open(log_path(folder)).expect("a file")
}

pub(crate) fn log_path(folder: &Path) -> PathBuf {
    folder.join("log.txt")
}

impl Served {
    /// Starts a server on the database of this folder.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::run(command(folder))
    }

    pub(crate) fn run(mut command: Command) -> Self {
        let mut process = command.spawn().expect("the program starts");
        let mut output = BufReader::new(process.stdout.take().expect("piped"));
        let (mut banner, mut line) = (String::new(), String::new());
        while !line.starts_with("  stops") && output.read_line(&mut line).expect("text") > 0 {
            banner += &line;
            if !line.starts_with("  stops") {
                line.clear();
            }
        }
        let word_after = |label: &str| {
            let line = banner.lines().find(|line| line.starts_with(label));
            line.and_then(|line| line.split_whitespace().nth(1)).unwrap_or_default().to_owned()
        };
        let address = banner.split_whitespace().find_map(|word| word.trim_end_matches(',').parse().ok());
        let address = address.unwrap_or_else(|| panic!("no address in {banner:?}"));
        let (operator, device) = (word_after("  operator"), word_after("  device"));
        // Whoever does not read its output must not stop it.
        std::thread::spawn(move || output.read_to_end(&mut Vec::new()));
        Self { process, address, banner, operator, device }
    }

    /// Of a server that was started before, whose token is not printed again.
    pub(crate) fn operated_by(mut self, token: &str) -> Self {
        self.operator = token.into();
        self
    }

    /// The end of its process, which nothing announces.
    pub(crate) fn kill(mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        signal(self.process.id(), name);
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn stop(self) -> ExitStatus {
        self.stop_by("TERM")
    }

    /// Asks it to stop by this signal, and waits until it has.
    pub(crate) fn stop_by(self, signal: &str) -> ExitStatus {
        self.signal(signal);
        self.ended()
    }

    /// Waits until it ends by itself.
    pub(crate) fn ended(mut self) -> ExitStatus {
        wait_for("the end of the server", || self.process.try_wait().expect("a process"))
    }

    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }

    /// Status and body of a request.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        self.try_ask(method, path, body).expect("the server answers")
    }

    /// Status and body of a request. Nothing once the server is gone.
    pub(crate) fn try_ask(&self, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let (operator, length) = (&self.operator, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {operator}\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut response = String::new();
        stream.read_to_string(&mut response).ok()?;
        let (head, body) = response.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
        Some((status, body.to_owned()))
    }

    /// The body of an answer of the operators' API.
    pub(crate) fn see(&self, path: &str) -> String {
        let (status, body) = self.ask("GET", &format!("/api/v1/organization/{path}"), "");
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// What is told of notifications that came to nothing, once all tries of one have failed.
    pub(crate) fn dead_letter(&self) -> String {
        wait_for("dead letter", || {
            Some(self.see("notifications?dead=true")).filter(|told| told.contains(r#""reason":"tries""#))
        })
    }

    /// The timeline of a device, the newest first.
    pub(crate) fn timeline(&self, device: u32) -> String {
        self.see(&format!("device/timeline?deviceId={device}&size=500"))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) fn signal(process: u32, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status();
    assert!(sent.expect("there is `kill`").success(), "the signal is sent");
}

/// Waits until something is there.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "no {what} within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
