//! A device on a real socket.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use tokio::net::TcpSocket;
use tokio::runtime;

use crate::served::PATIENCE;

pub(crate) struct Client(pub(crate) TcpStream);

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.set_nodelay(true).expect("connected");
        Self(stream)
    }

    /// The first byte that the server says, if it says something before it closes.
    pub(crate) fn sees_first(&mut self) -> Option<u8> {
        let mut first = [0];
        self.0.read_exact(&mut first).ok().map(|()| first[0])
    }

    /// Connects as another host: each address of 127.0.0.0/8 is this machine's.
    pub(crate) fn connect_as(host: u8, address: SocketAddr) -> Self {
        let runtime = runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
        let stream = runtime.block_on(async {
            let socket = TcpSocket::new_v4()?;
            socket.bind((Ipv4Addr::new(127, 0, 0, host), 0).into())?;
            socket.connect(address).await?.into_std()
        });
        let stream = stream.expect("the server listens");
        stream.set_nonblocking(false).expect("connected");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        Self(stream)
    }

    /// Connects and logs in.
    pub(crate) fn log_in(address: SocketAddr, token: &str) -> Self {
        let mut client = Self::connect(address);
        client.send(&message(29, 1, token.as_bytes()));
        assert_eq!(client.answer(), (1, 200));
        client
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).expect("the connection is open");
    }

    /// Id and status of the next answer.
    pub(crate) fn answer(&mut self) -> (u16, u16) {
        let mut bytes = [0; 5];
        self.0.read_exact(&mut bytes).expect("an answer");
        assert_eq!(bytes[0], 0, "an answer, not {bytes:?}");
        (u16::from_be_bytes([bytes[1], bytes[2]]), u16::from_be_bytes([bytes[3], bytes[4]]))
    }

    /// Writes a value, and a ping by whose answer it is known to be taken.
    pub(crate) fn write(&mut self, id: u16, value: &str) {
        self.send(&message(20, id, format!("vw\x001\0{value}").as_bytes()));
        self.send(&message(6, id + 1, b""));
        assert_eq!(self.answer(), (id + 1, 200));
    }

    /// The server closes. Returns what it said before.
    pub(crate) fn sees_end(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        if let Err(error) = self.0.read_to_end(&mut rest) {
            let is_open = [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind());
            assert!(!is_open, "still open after {PATIENCE:?}");
        }
        rest
    }
}

pub(crate) fn message(command: u8, id: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).expect("short");
    [&[command][..], &id.to_be_bytes(), &length.to_be_bytes(), body].concat()
}

impl Client {
    /// Writes a number and asks for it, and says whether it was told: a write itself is never answered, but what is told
    /// is durable. Nothing once the server is gone.
    pub(crate) fn try_write(&mut self, id: u16, value: u32) -> Option<bool> {
        let write = message(20, id, format!("vw\x001\0{value}").as_bytes());
        self.0.write_all(&[write, message(16, id + 1, b"vr\x001")].concat()).ok()?;
        let expected = message(20, id + 1, format!("vw\x001\0{value}").as_bytes());
        let mut told = vec![0; expected.len()];
        self.0.read_exact(&mut told).ok()?;
        Some(told == expected)
    }
}
