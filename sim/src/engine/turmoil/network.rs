//! TCP as the simulated world has it: turmoil's streams, and what they lack, which passes [beside](super::sideband) them.
//!
//! turmoil sends an RST for data that nobody will read, and never at will: the end of a connection that was torn at will
//! is marked, and read as an RST. It hands over between ticks: nothing is read before it was sent. The ends of a
//! connection find each other by the address of the dialling side, which is unique while the connection lives.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, ready};

use blynk_core::server::{Alarm, Clock, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use turmoil::net::{TcpListener, TcpStream};

use super::sideband::{Readable, Sideband};

/// Where the server listens.
pub(super) const PORT: u16 = 8_080;

/// The network that all hosts share.
#[derive(Clone, Debug, Default)]
pub(super) struct Network {
    /// Of the connections that the server has accepted and not let go of.
    sidebands: Arc<Mutex<BTreeMap<SocketAddr, Sideband>>>,
}

impl Network {
    /// Listens on the current host.
    pub(super) async fn listen(&self) -> io::Result<TcpListener> {
        TcpListener::bind((IpAddr::V4(Ipv4Addr::UNSPECIFIED), PORT)).await
    }

    /// Accepts what comes there, by this clock.
    pub(super) fn accept(self, listener: TcpListener, clock: Clock) -> Accepting {
        Accepting { listener, network: self, clock }
    }

    /// What passes beside a connection that was dialled.
    pub(super) fn beside(&self, stream: &TcpStream) -> Sideband {
        let dialled_from = stream.local_addr().expect("turmoil's streams know their address");
        // A server that is gone by now has let go of it.
        self.sidebands().get(&dialled_from).cloned().unwrap_or_default()
    }

    fn sidebands(&self) -> MutexGuard<'_, BTreeMap<SocketAddr, Sideband>> {
        self.sidebands.lock().expect("nobody panics with the lock held")
    }
}

/// The server's listener.
pub(super) struct Accepting {
    listener: TcpListener,
    network: Network,
    clock: Clock,
}

impl Listener for Accepting {
    type Stream = Accepted;

    async fn accept(&mut self) -> (Accepted, SocketAddr) {
        let (stream, peer) = self.listener.accept().await.expect("turmoil's listener does not fail");
        let (sideband, network, clock) = (Sideband::default(), self.network.clone(), self.clock);
        network.sidebands().insert(peer, sideband.clone());
        (Accepted { stream, peer, sideband, network, clock, alarm: None }, peer)
    }
}

/// The server's end of a connection.
#[derive(Debug)]
pub(super) struct Accepted {
    stream: TcpStream,
    peer: SocketAddr,
    sideband: Sideband,
    network: Network,
    clock: Clock,
    /// When what turmoil has handed over was sent, while it may not be read yet.
    alarm: Option<Alarm>,
}

impl Accepted {
    /// Reads what there is, and returns how many bytes that is.
    fn poll_read_all(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<usize>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        Poll::Ready(Ok(buffer.filled().len() - before))
    }

    /// Reads at most so many bytes, and returns how many.
    fn poll_read_part(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
        most: usize,
    ) -> Poll<io::Result<usize>> {
        let room = most.min(buffer.remaining());
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(room));
        let length = ready!(self.poll_read_all(cx, &mut part))?;
        buffer.advance(length);
        Poll::Ready(Ok(length))
    }
}

impl AsyncRead for Accepted {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            let now = this.clock.now();
            let length = match this.sideband.readable(now) {
                Readable::From(sent_at) => {
                    let alarm = this.alarm.get_or_insert_with(|| Alarm::new(this.clock));
                    ready!(alarm.poll_at(cx, sent_at));
                    this.alarm = None;
                    continue;
                }
                Readable::Bytes(most) => ready!(this.poll_read_part(cx, buffer, most))?,
                Readable::End => ready!(this.poll_read_all(cx, buffer))?,
            };
            // What was sent before the connection was torn arrives before the RST.
            if length == 0 && this.sideband.is_torn() {
                return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
            }
            this.sideband.read(now, length);
            return Poll::Ready(Ok(()));
        }
    }
}

impl AsyncWrite for Accepted {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let length = ready!(Pin::new(&mut this.stream).poll_write(cx, bytes))?;
        this.sideband.answer(this.clock.now(), length);
        Poll::Ready(Ok(length))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
        this.sideband.answer(this.clock.now(), 0);
        Poll::Ready(Ok(()))
    }
}

impl Drop for Accepted {
    fn drop(&mut self) {
        let mut sidebands = self.network.sidebands();
        // Another connection may have been dialled from there since.
        if sidebands.get(&self.peer).is_some_and(|it| it.is(&self.sideband)) {
            sidebands.remove(&self.peer);
        }
    }
}
