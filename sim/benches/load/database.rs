//! A database with as many devices as are wanted.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use blynk_core::id::{DeviceId, SessionId, StatusIndex, Token};
use blynk_core::lifecycle::{Chain, Connection, Standing, State, Template};
use blynk_core::server::Clock;
use blynk_core::store::{Identity, Sqlite, Store, Write};
use blynk_core::time::Duration;
use blynk_core::timeline::{Cause, Change, Entry, Event};
use tempfile::TempDir;

/// Removed with it.
pub(crate) struct Database {
    folder: TempDir,
}

/// How far the devices are when the server starts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Past {
    /// They were never seen.
    New,
    /// They were connected and online when the server's process ended.
    Connected,
}

impl Database {
    pub(crate) fn with(devices: u32, past: Past) -> Self {
        let database = Self { folder: tempfile::tempdir().expect("a folder") };
        let mut store = Sqlite::open(database.path()).expect("a database");
        let heartbeat = Duration::from_secs(600);
        let template = Template { heartbeat, ..Template::new("load", Chain::default()) };
        let template = Write::Template(Arc::new(template));
        let devices = (0..devices).flat_map(|device| writes(DeviceId(device), past));
        store.commit(&std::iter::once(template).chain(devices).collect::<Vec<_>>()).expect("there is room");
        database
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("load.db")
    }

    /// Where others like it can be put.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

pub(crate) fn token(device: DeviceId) -> Token {
    Token::parse(format!("{:032}", device.0).as_bytes()).expect("32 digits")
}

fn writes(device: DeviceId, past: Past) -> Vec<Write> {
    let identity =
        Identity { name: "".into(), token: token(device), template: "load".into(), contacts: [].into() };
    let mut writes = vec![Write::Device(device, identity)];
    if past == Past::Connected {
        let (at, session) = (Clock::time_of_day(), SessionId(u64::from(device.0) + 1));
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000));
        let change = Change { from: None, to: StatusIndex::ONLINE, cause: Cause::Login };
        let state = State {
            connection: Connection::Connected { session, since: at },
            standing: Some(Standing { status: StatusIndex::ONLINE, since: at }),
            newest_session: Some(session),
            ..State::NEW
        };
        let entry = |event| Write::Entry(device, Entry { at, event });
        writes.extend([
            entry(Event::LoggedIn { session, address }),
            entry(Event::Status(change)),
            Write::State(device, state),
        ]);
    }
    writes
}
