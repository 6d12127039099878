//! Thousands of devices that are connected and say nothing.

#[path = "../../benches/load/socket.rs"]
mod socket;

use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use blynk_core::id::{DeviceId, Token};
use blynk_core::lifecycle::{Chain, Template};
use blynk_core::store::{Identity, Sqlite, Store, Write};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::client::{Client, message};
use crate::hard::{is_well, memory};
use crate::served::{PATIENCE, Served, wait_for};

/// So many, if the system allows as many files.
const CROWD: u32 = 10_000;

/// So many come at a time.
const AT_ONCE: usize = 100;

/// Files that this process needs for other things.
const OTHERS: u64 = 100;

/// What a connection may hold of the server's memory. A release build holds less: see `benches/load`.
const MOST: u64 = 4_000;

#[test]
fn a_crowd_of_idle_devices_holds_little_and_slows_nobody_down() {
    let folder = tempfile::tempdir().expect("a folder");
    let crowd = CROWD.min(u32::try_from(files() - OTHERS).unwrap_or(CROWD));
    fill(&folder.path().join("blynk-sim.db"), crowd + 1);
    let server = Served::start(folder.path());
    let mut good = Client::log_in(server.address, token(0).as_str());
    let before = memory(server.process());
    let numbers: Vec<_> = (1..=crowd).collect();
    let idle: Vec<_> = numbers.chunks(AT_ONCE).flat_map(|numbers| enter(&server, numbers)).collect();
    let each = memory(server.process()).saturating_sub(before) * 1_024 / u64::from(crowd);
    assert!(each <= MOST, "each of {crowd} holds {each} bytes");
    is_well(&server, &mut good);
    drop(idle);
    let connections =
        || server.ask("GET", "/metrics", "").1.contains("\nblynk_connections 2\n").then_some(());
    wait_for("end of the crowd", connections);
    is_well(&server, &mut good);
}

/// As many as this process may open, and now can.
fn files() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum {
        setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
            .expect("up to there it may be raised");
    }
    maximum.unwrap_or(u64::MAX)
}

fn token(device: u32) -> Token {
    Token::parse(format!("{device:032}").as_bytes()).expect("32 digits")
}

fn fill(database: &Path, devices: u32) {
    let template = Write::Template(Arc::new(Template::new("Default", Chain::default())));
    let devices = (0..devices).map(|device| {
        let identity = Identity {
            name: "".into(),
            token: token(device),
            template: "Default".into(),
            contacts: [].into(),
        };
        Write::Device(DeviceId(device), identity)
    });
    let writes: Vec<_> = [template].into_iter().chain(devices).collect();
    Sqlite::open(database).and_then(|mut store| store.commit(&writes)).expect("a database");
}

/// Devices that log in, from many addresses, and say nothing more.
fn enter(server: &Served, numbers: &[u32]) -> Vec<Client> {
    let connect = |number: &u32| {
        let mut client = Client(TcpStream::from(socket::open(*number, server.address)));
        client.0.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        client.send(&message(29, 1, token(*number).as_bytes()));
        client
    };
    let mut clients: Vec<_> = numbers.iter().map(connect).collect();
    clients.iter_mut().for_each(|client| assert_eq!(client.answer(), (1, 200)));
    clients
}
