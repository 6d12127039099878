//! Networks whose connections fail in ways of their own.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use blynk_core::server::Listener;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

use crate::network::{Network, PipeListener, Pipes};

/// Connections that take nothing from the server.
pub(crate) type Stuck = Faulty<false>;
/// Connections whose bugs blow up in the server's face when they carry the word `panic`.
pub(crate) type Panicking = Faulty<true>;

pub(crate) struct Faulty<const PANICS: bool>(Pipes);

impl<const PANICS: bool> Network for Faulty<PANICS> {
    const REAL_TIME: bool = false;
    type Listener = FaultyListener<PANICS>;
    type Stream = DuplexStream;

    async fn open() -> (Self, FaultyListener<PANICS>) {
        let (pipes, listener) = Pipes::open().await;
        (Self(pipes), FaultyListener(listener))
    }

    async fn connect(&self) -> DuplexStream {
        self.0.connect().await
    }
}

pub(crate) struct FaultyListener<const PANICS: bool>(PipeListener);

impl<const PANICS: bool> Listener for FaultyListener<PANICS> {
    type Stream = FaultyStream<PANICS>;

    async fn accept(&mut self) -> (FaultyStream<PANICS>, SocketAddr) {
        let (stream, address) = self.0.accept().await;
        (FaultyStream(stream), address)
    }
}

pub(crate) struct FaultyStream<const PANICS: bool>(DuplexStream);

impl<const PANICS: bool> AsyncRead for FaultyStream<PANICS> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.0).poll_read(cx, buffer);
        let said = buffer.filled().windows(5).any(|bytes| bytes == b"panic");
        assert!(!(PANICS && said), "a bug that a test makes happen");
        read
    }
}

impl<const PANICS: bool> AsyncWrite for FaultyStream<PANICS> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if PANICS { Pin::new(&mut self.0).poll_write(cx, bytes) } else { Poll::Ready(Ok(0)) }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
