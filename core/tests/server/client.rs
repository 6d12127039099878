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

    pub(crate) async fn try_send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).await
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

    /// The next message that the server sends by itself, or as values.
    pub(crate) async fn message(&mut self) -> (Command, u16, String) {
        let mut bytes = vec![0; HEADER_LEN];
        self.0.read_exact(&mut bytes).await.expect("a message");
        let length = usize::from(u16::from_be_bytes([bytes[3], bytes[4]]));
        bytes.resize(HEADER_LEN + length, 0);
        self.0.read_exact(&mut bytes[HEADER_LEN..]).await.expect("a whole message");
        match decode(&mut bytes.as_slice(), u16::MAX) {
            Ok(Some(Frame::Request { command, id, body })) => {
                (command, id.get(), String::from_utf8_lossy(body).into_owned())
            }
            other => panic!("a message was due, not {other:?}"),
        }
    }

    /// Everything until the server closes the connection, even if it is cut off.
    pub(crate) async fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        let _ = self.0.read_to_end(&mut bytes).await;
        String::from_utf8(bytes).expect("text")
    }

    /// Everything up to this text.
    pub(crate) async fn reads_until(&mut self, end: &str) -> String {
        let mut text = String::new();
        while !text.ends_with(end) {
            text.push(char::from(self.0.read_u8().await.expect("more text")));
        }
        text
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

pub(crate) fn sync(id: u16) -> Vec<u8> {
    request(Command::HwSync, id, b"")
}

pub(crate) fn set_status(id: u16, status: &str) -> Vec<u8> {
    request(Command::Internal, id, format!("status\0{status}").as_bytes())
}

pub(crate) fn announcement(id: u16, heartbeat: u64) -> Vec<u8> {
    request(Command::Internal, id, format!("ver\x001.4.0\0h-beat\0{heartbeat}").as_bytes())
}
