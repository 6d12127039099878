//! A network whose connections take nothing from the server.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use blynk_core::server::Listener;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

use crate::network::{Network, PipeListener, Pipes};

pub(crate) struct Stuck(Pipes);

impl Network for Stuck {
    const REAL_TIME: bool = false;
    type Listener = StuckListener;
    type Stream = DuplexStream;

    async fn open() -> (Self, StuckListener) {
        let (pipes, listener) = Pipes::open().await;
        (Self(pipes), StuckListener(listener))
    }

    async fn connect(&self) -> DuplexStream {
        self.0.connect().await
    }
}

pub(crate) struct StuckListener(PipeListener);

impl Listener for StuckListener {
    type Stream = StuckStream;

    async fn accept(&mut self) -> (StuckStream, SocketAddr) {
        let (stream, address) = self.0.accept().await;
        (StuckStream(stream), address)
    }
}

pub(crate) struct StuckStream(DuplexStream);

impl AsyncRead for StuckStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for StuckStream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(0))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
