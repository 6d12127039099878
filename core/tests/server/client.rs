//! A client that sends what a test says and waits for what a test expects.

use std::io;

use blynk_core::id::DeviceId;
use blynk_core::protocol::{Answer, Command, Frame, HEADER_LEN, MessageId, decode, encode};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::token;

pub(crate) struct Client<S>(pub(crate) S);

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.expect("the connection is open");
    }

    pub(crate) async fn answer(&mut self) -> (u16, Answer) {
        let mut bytes = [0; HEADER_LEN];
        self.0.read_exact(&mut bytes).await.expect("an answer");
        match decode(&mut bytes.as_slice(), 0) {
            Ok(Some(Frame::Response { id, answer })) => (id.get(), answer),
            other => panic!("an answer was due, not {other:?}"),
        }
    }

    /// These bytes get this answer.
    pub(crate) async fn check(&mut self, bytes: &[u8], id: u16, answer: Answer) {
        self.send(bytes).await;
        assert_eq!(self.answer().await, (id, answer));
    }

    /// The server closes the connection and sends nothing before.
    pub(crate) async fn sees_fin(&mut self) {
        assert_eq!(self.0.read(&mut [0]).await.expect("no reset"), 0);
    }

    pub(crate) async fn finish(&mut self) {
        self.0.shutdown().await.expect("the connection is open");
    }

    /// Sends, and never reads.
    pub(crate) async fn shout(mut self, bytes: Vec<u8>) -> io::Result<()> {
        self.0.write_all(&bytes).await
    }
}

impl Client<TcpStream> {
    pub(crate) fn reset(self) {
        self.0.set_zero_linger().expect("the connection is open");
    }
}

fn request(command: Command, id: u16, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let id = MessageId::new(id).expect("not zero");
    encode(Frame::Request { command, id, body }, &mut bytes);
    bytes
}

pub(crate) fn login(device: DeviceId) -> Vec<u8> {
    request(Command::HwLogin, 1, token(device).as_bytes())
}

pub(crate) fn ping(id: u16) -> Vec<u8> {
    request(Command::Ping, id, b"")
}

pub(crate) fn write(id: u16) -> Vec<u8> {
    request(Command::Hardware, id, b"vw\x001\x0022.5")
}

pub(crate) fn announcement(id: u16, heartbeat: u64) -> Vec<u8> {
    request(Command::Internal, id, format!("ver\x001.4.0\0h-beat\0{heartbeat}").as_bytes())
}
