//! The two networks of the suite.

use std::future::{Future, pending};
use std::net::{Ipv4Addr, SocketAddr};

use blynk_core::server::Listener;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// Bytes that a pipe holds in each direction.
const PIPE: usize = 256;

/// Something that a server listens at and clients connect to.
pub(crate) trait Network: Sized {
    /// Whether tests on this network begin in real time: a paused clock would not wait for a socket.
    const REAL_TIME: bool;

    type Listener: Listener;
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    fn open() -> impl Future<Output = (Self, Self::Listener)>;

    fn connect(&self) -> impl Future<Output = Self::Stream>;
}

pub(crate) struct Tcp(SocketAddr);

impl Network for Tcp {
    const REAL_TIME: bool = true;
    type Listener = TcpListener;
    type Stream = TcpStream;

    async fn open() -> (Self, TcpListener) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        (Self(listener.local_addr().expect("bound")), listener)
    }

    async fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.0).await.expect("the server listens");
        stream.set_nodelay(true).expect("connected");
        stream
    }
}

pub(crate) struct Pipes(mpsc::UnboundedSender<DuplexStream>);

impl Network for Pipes {
    const REAL_TIME: bool = false;
    type Listener = PipeListener;
    type Stream = DuplexStream;

    async fn open() -> (Self, PipeListener) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), PipeListener(receiver))
    }

    async fn connect(&self) -> DuplexStream {
        let (near, far) = duplex(PIPE);
        self.0.send(far).expect("the server listens");
        near
    }
}

pub(crate) struct PipeListener(mpsc::UnboundedReceiver<DuplexStream>);

impl Listener for PipeListener {
    type Stream = DuplexStream;

    async fn accept(&mut self) -> (DuplexStream, SocketAddr) {
        match self.0.recv().await {
            Some(stream) => (stream, SocketAddr::from((Ipv4Addr::LOCALHOST, 1))),
            None => pending().await,
        }
    }
}
