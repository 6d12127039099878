//! A process under load: the server, or the bare echo.

use std::env;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::{memory, processor_time};
use crate::table::Work;
use crate::{echo, frames};

/// Ends with this.
pub(crate) struct Subject {
    process: Child,
    pub(crate) address: SocketAddr,
    kind: Kind,
}

enum Kind {
    Server,
    Echo,
}

impl Subject {
    /// The server on this database, with these options beside those that lift what would limit the load.
    pub(crate) fn server(database: &Path, options: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_blynk-sim"));
        command.args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--threads",
            "1",
            "--messages-per-second",
            "65535",
        ]);
        command.arg("--database").arg(database).args(options);
        Self::start(command, Kind::Server)
    }

    pub(crate) fn echo() -> Self {
        let mut command = Command::new(env::current_exe().expect("this program has a path"));
        command.arg(echo::ARGUMENT);
        Self::start(command, Kind::Echo)
    }

    fn start(mut command: Command, kind: Kind) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().expect("it can be run");
        let mut output = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut first = String::new();
        output.read_line(&mut first).expect("it is text");
        let address = first.split_whitespace().find_map(|word| word.trim_end_matches(',').parse().ok());
        // Whoever does not read its output must not stop it.
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        Self { process, address: address.expect("it says where it listens"), kind }
    }

    /// What it answers a message with, if all is well.
    pub(crate) fn answer_to(&self, message: &[u8]) -> Vec<u8> {
        match self.kind {
            Kind::Server => frames::ok(),
            Kind::Echo => message.into(),
        }
    }

    /// What it costs to do something, which returns how often it was done.
    pub(crate) fn watch(&self, work: impl FnOnce() -> u64) -> Work {
        let (before, begun) = (self.processor_time(), Instant::now());
        let done = work();
        Work { done, processor: self.processor_time() - before, real: begun.elapsed() }
    }

    fn processor_time(&self) -> Duration {
        processor_time(&self.process.id().to_string())
    }

    /// What it holds now, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        memory(&self.process.id().to_string(), "VmRSS")
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
    }
}
