//! Connections of the load, from as many addresses as it takes.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use rustix::fd::OwnedFd;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, socket_with};

/// So many addresses are connected from in turn: a port that was just in use cannot be used at once again, and each address
/// has ports of its own.
const ADDRESSES: u32 = 1_000;

/// Opens the connection of this number.
pub(crate) fn open(number: u32, to: SocketAddr) -> OwnedFd {
    let host = number % ADDRESSES + 256;
    let from = Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 0, 0, 0)) + host);
    let opened = socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None)
        .and_then(|socket| bind(&socket, &SocketAddr::from((from, 0))).map(|()| socket))
        .and_then(|socket| connect(&socket, &to).map(|()| socket));
    opened.map_err(io::Error::from).expect("the server listens")
}
