//! `blynk-sim serve`: the real server on a real port, with a database in a file.
//!
//! Owns the process around the server: options, the database's file, signals, logs, what is printed. The server itself is
//! the one that scenarios run against.

mod environment;
mod files;
mod first;
mod log;
mod options;
mod retention;
mod secrets;
mod signals;
mod systemd;

use std::fmt::Display;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use blynk_core::http::OperatorToken;
use blynk_core::notify::{Courier, Mail};
use blynk_core::server::{Clock, Ports, Security, Server};
use blynk_core::settings::Settings;
use blynk_core::store::{Durability, Sqlite, StoreError};
use blynk_core::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::{self, Runtime};

use super::Exit;
use super::print::Printer;
use first::First;
use log::Journal;
use options::{Config, Flags, Smtp};

/// Under load, what comes within this is made durable at once: a device hardly feels it, and commits are dear.
const BETWEEN_COMMITS: Duration = Duration::from_millis(5);

/// Connections that may wait to be accepted, if the system allows it. After a restart all devices come at once, and whoever
/// finds no room tries again after a second.
const BACKLOG: u32 = 4_096;

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    #[command(flatten)]
    flags: Flags,
}

/// Why the server cannot run, and what the process ends with.
struct Failure(Exit, String);

/// The database of this process alone.
struct Database {
    store: Sqlite,
    path: PathBuf,
    /// Held as long as the process lives.
    _lock: File,
}

impl Serve {
    pub(super) fn execute(self, printer: &mut Printer) -> Exit {
        let mut unread = environment::unread();
        let served = Config::read(self.flags).and_then(|config| serve(printer, &config, &mut unread));
        match served {
            Ok(()) => Exit::Passed,
            // What was not told yet may be why.
            Err(Failure(exit, why)) => exit.said(printer, [vec![why], unread].concat().join("; ")),
        }
    }
}

/// Takes what is to be said of variables, and says it.
fn serve(printer: &mut Printer, config: &Config, unread: &mut Vec<String>) -> Result<(), Failure> {
    log::start(config);
    if let Some(copy) = &config.backup {
        back_up(printer, &config.database, copy)?;
        unread.drain(..).for_each(|complaint| printer.line(complaint));
        return Ok(());
    }
    if config.new_admin_token && !config.database.exists() {
        return Err(Failure::no_database(&config.database));
    }
    let mut database = Database::open(config)?;
    let origin = database.store.origin().map_err(|error| Failure::store(&config.database, &error))?;
    let notifier = courier(config, origin)?;
    let runtime = runtime(config).map_err(|error| Failure::could_not("start", &error))?;
    let addresses = Addresses::listen(&runtime, config)?;
    let store_failed = |error: StoreError| Failure::store(&config.database, &error);
    let first = First::draw(&mut database.store, config.new_admin_token).map_err(store_failed)?;
    // Who reads that it stops on a signal may send one at once.
    let stop = {
        let _inside = runtime.enter();
        signals::stop().map_err(|error| Failure::could_not("wait for signals", &error))?
    };
    addresses.announce(printer, &database.path, &first, std::mem::take(unread));
    // A token that nobody was shown would be lost.
    if first.is_news() && printer.is_broken() {
        return Err(Failure(Exit::CouldNotRun, "nobody reads the new tokens, so there are none".into()));
    }
    first.keep(&mut database.store).map_err(store_failed)?;
    runtime.block_on(run(config, database, addresses.ports, notifier, stop))
}

fn courier(config: &Config, origin: String) -> Result<Courier, Failure> {
    let refused = |option: &str, why: &dyn Display| Failure(Exit::Refused, format!("{option}: {why}"));
    let mail = config.smtp.as_ref().map(|Smtp { url, from }| Mail::new(url, from)).transpose();
    let mail = mail.map_err(|error| refused("--smtp and --mail-from", &error))?;
    Courier::new(config.gateway.as_deref(), mail, origin).map_err(|error| refused("--gateway", &error))
}

fn back_up(printer: &mut Printer, from: &Path, to: &Path) -> Result<(), Failure> {
    if to.symlink_metadata().is_ok() {
        let why = format!("cannot write the backup {}: it is there already; name another file", to.display());
        return Err(Failure(Exit::Refused, why));
    }
    Sqlite::back_up(from, to).map_err(|error| Failure::backup(to, &error))?;
    printer.line(format_args!("backed up {} to {}", from.display(), to.display()));
    Ok(())
}

/// Runs until the process is told to stop.
async fn run(
    config: &Config,
    database: Database,
    ports: Ports,
    notifier: Courier,
    stop: impl Future<Output = &'static str>,
) -> Result<(), Failure> {
    let Database { store, path, _lock } = database;
    let (operator, archive, clock) = prepare(&store, &path).map_err(|error| Failure::store(&path, &error))?;
    let connection_limit = files::connections(config.connection_limit, config.settings.connection_limit);
    let share = config.settings.connections_per_address.unwrap_or(connection_limit.div_ceil(4));
    let settings = Settings { connection_limit, connections_per_address: Some(share), ..config.settings };
    let server = Server {
        settings: Arc::new(settings),
        store,
        notifier,
        recorder: Journal,
        operator,
        archive,
        clock,
        pause: BETWEEN_COMMITS,
        tokens: Arc::new(secrets::draw_token),
    };
    systemd::tell(config.notify_socket.as_deref(), "READY=1");
    tracing::info!(database = %path.display(), "serving");
    let told = async {
        let signal = stop.await;
        systemd::tell(config.notify_socket.as_deref(), "STOPPING=1");
        tracing::info!(signal, "stopping");
    };
    let (retention, kept) = (config.retention, path.clone());
    let forgetting = tokio::spawn(async move { retention::keep_up(&kept, retention, clock).await });
    let ended = server.run(ports, told).await;
    forgetting.abort();
    match ended {
        Ok(()) => tracing::info!("stopped"),
        // What could not be kept was told to nobody; whoever is connected will dial again.
        Err(error) => {
            tracing::error!(%error, "the store failed: every connection was closed");
            return Err(Failure::store(&path, &error));
        }
    }
    Ok(())
}

/// Who may operate, what people read, and the time: never before what is recorded already.
fn prepare(store: &Sqlite, path: &Path) -> Result<(OperatorToken, Arc<Mutex<Sqlite>>, Clock), StoreError> {
    let digest = store.operator()?.expect("a database is given a token when it is opened");
    let archive = Arc::new(Mutex::new(Sqlite::open(path)?));
    let (now, newest) = (Clock::time_of_day(), store.newest_instant()?.unwrap_or_default());
    if newest > now {
        tracing::warn!(by = %newest.since(now), "this machine's clock is behind the newest record, from which time goes on");
    }
    Ok((OperatorToken::from_digest(digest), archive, Clock::starting_at(now.max(newest))))
}

fn runtime(config: &Config) -> std::io::Result<Runtime> {
    let mut builder = runtime::Builder::new_multi_thread();
    if let Some(threads) = config.threads {
        builder.worker_threads(threads.get());
    }
    builder.enable_all().build()
}

/// Where the server can be reached.
struct Addresses {
    ports: Ports,
    plain: SocketAddr,
    secure: Option<SocketAddr>,
}

impl Addresses {
    fn listen(runtime: &Runtime, config: &Config) -> Result<Self, Failure> {
        let (plain, address) = listen(runtime, config.listen, "--listen")?;
        let Some(tls) = &config.tls else {
            return Ok(Self { ports: Ports::new(plain, None), plain: address, secure: None });
        };
        let security = Security::read(&tls.certificate, &tls.key);
        let security = security.map_err(|error| Failure(Exit::Refused, error.to_string()))?;
        let (secure, secure_address) = listen(runtime, tls.listen, "--tls-listen")?;
        Ok(Self {
            ports: Ports::new(plain, Some((secure, security))),
            plain: address,
            secure: Some(secure_address),
        })
    }

    fn announce(&self, printer: &mut Printer, path: &Path, first: &First, unread: Vec<String>) {
        let address = self.plain;
        printer.line(format_args!(
            "blynk-sim serves devices and HTTP on {address}, database {}",
            path.display()
        ));
        if let Some(secure) = self.secure {
            printer.line(format_args!("  tls       {secure}"));
        }
        first.announce(printer, address);
        if !address.ip().is_loopback() {
            printer.line(
                "  exposed   without TLS: what devices and operators send, tokens included, can be read on the way; leave\n            \
                 --listen on loopback and expose --tls-listen instead",
            );
        }
        if [Some(address), self.secure].into_iter().flatten().any(|address| !address.ip().is_loopback()) {
            printer.line(
                "  exposed   to everybody who reaches the port: /metrics asks for no proof, and limits are for each address, so\n            \
                 many together can take every connection",
            );
        }
        unread.into_iter().for_each(|complaint| printer.line(format_args!("  unread    {complaint}")));
        printer.line("  stops     on SIGINT (Ctrl+C) and SIGTERM");
    }
}

fn listen(
    runtime: &Runtime,
    address: SocketAddr,
    option: &str,
) -> Result<(TcpListener, SocketAddr), Failure> {
    let cannot = |error: std::io::Error| {
        let Failure(exit, why) = Failure::could_not(&format!("listen on {address}"), &error);
        Failure(exit, format!("{why}; {option} names another address and port"))
    };
    let listener = runtime.block_on(bind(address)).map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    Ok((listener, address))
}

async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A server that starts again need not wait until its old connections are forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

impl Database {
    /// Opens the file, and makes it if there is none.
    fn open(config: &Config) -> Result<Self, Failure> {
        let path = config.database.clone();
        keep_private(&path).map_err(|error| Failure::file(&path, &error))?;
        let lock = lock(&path)?;
        let durability = if config.power_safe { Durability::Power } else { Durability::Process };
        let store = Sqlite::open(&path).and_then(|store| store.with_durability(durability));
        Ok(Self { store: store.map_err(|error| Failure::store(&path, &error))?, path, _lock: lock })
    }
}

/// A new file is for this user alone: it will hold the tokens of devices. What SQLite puts beside it is like it.
fn keep_private(path: &Path) -> std::io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Two servers on one database would each believe to be the only one, whatever name they know it by. SQLite's own locks are
/// of another kind, and are lost when a file of theirs is closed: this one stays open as long as the process.
fn lock(path: &Path) -> Result<File, Failure> {
    let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => Failure(
            Exit::CouldNotRun,
            format!(
                "another server uses the database {}; stop it, or name another file with --database",
                path.display()
            ),
        ),
        TryLockError::Error(error) => Failure::could_not(&format!("lock {}", path.display()), &error),
    })?;
    Ok(file)
}

impl Failure {
    fn store(path: &Path, error: &StoreError) -> Self {
        let (what, path) = (error.to_string(), path.display().to_string());
        let about = if what.contains(&path) { String::new() } else { format!("{path}: ") };
        let way_out = match error {
            StoreError::Medium(_) => {
                "make sure that its folder can be written and the disk has room, and start again; what was told is kept"
            }
            StoreError::Content(_) => "go back to a backup, or name another file with --database",
            StoreError::Newer { .. } => {
                "start the version that wrote it, or a newer one, or name another file with --database"
            }
        };
        Self(Exit::CouldNotRun, format!("{about}{what}; {way_out}"))
    }

    /// Of the two files it names the one at which it failed.
    fn backup(to: &Path, error: &StoreError) -> Self {
        let to = to.display();
        let is_of_the_copy =
            |why: &str| [format!("{to}: "), format!("{to}.part: ")].iter().any(|at| why.starts_with(at));
        let why = match error {
            StoreError::Medium(why) if is_of_the_copy(why) => {
                format!(
                    "cannot write the backup {why}; name a file in a folder that is there, can be written and has room"
                )
            }
            StoreError::Medium(_) | StoreError::Content(_) | StoreError::Newer { .. } => error.to_string(),
        };
        Self(Exit::CouldNotRun, why)
    }

    /// Whoever replaces a token means one that there is: another folder has another database.
    fn no_database(path: &Path) -> Self {
        let why = format!(
            "--new-admin-token: there is no database {}, and so no token to replace; name the file of the server with \
             --database, or its folder with STATE_DIRECTORY. A new database is given a token without it",
            path.display()
        );
        Self(Exit::CouldNotRun, why)
    }

    fn file(path: &Path, error: &std::io::Error) -> Self {
        let Self(exit, why) = Self::could_not(&format!("use {}", path.display()), error);
        Self(exit, format!("{why}; --database names a file in a folder that is there and can be written"))
    }

    fn could_not(what: &str, error: &std::io::Error) -> Self {
        Self(Exit::CouldNotRun, format!("cannot {what}: {error}"))
    }
}
