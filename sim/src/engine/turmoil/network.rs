//! TCP as the simulated world has it: turmoil's streams, and the RST that they lack.
//!
//! turmoil sends an RST for data that nobody will read, and never at will. Tearing a connection at will needs a signal beside the stream,
//! keyed by the address of the dialling side, which is unique while the connection lives.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use blynk_core::server::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use turmoil::net::{TcpListener, TcpStream};

/// Where the server listens.
pub(super) const PORT: u16 = 8_080;

/// The network that all hosts share.
#[derive(Clone, Debug, Default)]
pub(super) struct Network {
    torn: Arc<Mutex<BTreeMap<SocketAddr, Signal>>>,
}

/// Whether a connection was torn, and whom to wake when it is.
#[derive(Debug, Default)]
struct Signal {
    torn: bool,
    waker: Option<Waker>,
}

impl Network {
    /// Listens on the current host.
    pub(super) async fn listen(self, port: u16) -> io::Result<Accepting> {
        let listener = TcpListener::bind((IpAddr::V4(Ipv4Addr::UNSPECIFIED), port)).await?;
        Ok(Accepting { listener, network: self })
    }

    /// Tears the connection that was dialled from this address: its other side sees RST, unless it is gone already.
    pub(super) fn tear(&self, dialled_from: SocketAddr) {
        let mut signals = self.signals();
        let Some(signal) = signals.get_mut(&dialled_from) else { return };
        signal.torn = true;
        if let Some(waker) = signal.waker.take() {
            waker.wake();
        }
    }

    fn poll_torn(&self, cx: &mut Context<'_>, dialled_from: SocketAddr) -> Poll<io::Error> {
        let mut signals = self.signals();
        let signal = signals.get_mut(&dialled_from).expect("a connection has a signal while it lives");
        if signal.torn {
            return Poll::Ready(io::ErrorKind::ConnectionReset.into());
        }
        signal.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    fn signals(&self) -> MutexGuard<'_, BTreeMap<SocketAddr, Signal>> {
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
        self.network.signals().insert(peer, Signal::default());
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
        let read = Pin::new(&mut this.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            // What was sent before the connection was torn arrives before the RST.
            return read;
        }
        match this.network.poll_torn(cx, this.peer) {
            Poll::Ready(error) => Poll::Ready(Err(error)),
            Poll::Pending => read,
        }
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
        self.network.signals().remove(&self.peer);
    }
}
