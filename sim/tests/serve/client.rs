//! A device on a real socket.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::served::PATIENCE;

pub(crate) struct Client(pub(crate) TcpStream);

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.set_nodelay(true).expect("connected");
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

    /// The server closes, in order or not.
    pub(crate) fn sees_end(&mut self) {
        if let Err(error) = self.0.read_to_end(&mut Vec::new()) {
            let is_open = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
            assert!(!is_open, "the server has not closed within {PATIENCE:?}");
        }
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
