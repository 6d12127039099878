//! TCP as the simulated world has it: turmoil's streams, and the RST that they lack.
//!
//! turmoil sends an RST for data that nobody will read, and never at will. Tearing a connection at will needs a mark beside
//! the stream: its end is an RST and no FIN. Marks are kept by the address of the dialling side, which is unique while the
//! connection lives.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, ready};

use blynk_core::server::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use turmoil::net::{TcpListener, TcpStream};

/// Where the server listens.
pub(super) const PORT: u16 = 8_080;

/// The network that all hosts share.
#[derive(Clone, Debug, Default)]
pub(super) struct Network {
    /// Connections that were torn, and that the server has not let go of.
    torn: Arc<Mutex<BTreeSet<SocketAddr>>>,
}

impl Network {
    /// Listens on the current host.
    pub(super) async fn listen(self, port: u16) -> io::Result<Accepting> {
        let listener = TcpListener::bind((IpAddr::V4(Ipv4Addr::UNSPECIFIED), port)).await?;
        Ok(Accepting { listener, network: self })
    }

    /// Tears a connection: when the stream is dropped, and with that ends, its other side sees RST.
    pub(super) fn tear(&self, stream: TcpStream) {
        let dialled_from = stream.local_addr().expect("turmoil's streams know their address");
        self.torn().insert(dialled_from);
    }

    fn torn(&self) -> MutexGuard<'_, BTreeSet<SocketAddr>> {
        self.torn.lock().expect("nobody panics with the lock held")
    }
}

/// The server's listener.
pub(super) struct Accepting {
    listener: TcpListener,
    network: Network,
}

impl Listener for Accepting {
    type Stream = Accepted;

    async fn accept(&mut self) -> (Accepted, SocketAddr) {
        let (stream, peer) = self.listener.accept().await.expect("turmoil's listener does not fail");
        // Another one was dialled from there before, and was torn when the server had let go of it.
        self.network.torn().remove(&peer);
        (Accepted { stream, peer, network: self.network.clone() }, peer)
    }
}

/// The server's end of a connection.
#[derive(Debug)]
pub(super) struct Accepted {
    stream: TcpStream,
    peer: SocketAddr,
    network: Network,
}

impl AsyncRead for Accepted {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut this.stream).poll_read(cx, buffer));
        // What was sent before the connection was torn arrives before the RST.
        let is_end = buffer.filled().len() == before;
        if is_end && this.network.torn().contains(&this.peer) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Poll::Ready(read)
    }
}

impl AsyncWrite for Accepted {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

impl Drop for Accepted {
    fn drop(&mut self) {
        self.network.torn().remove(&self.peer);
    }
}
