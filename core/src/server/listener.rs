//! Where connections come from.

use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use crate::time::Duration;

/// Something that connections arrive at: a TCP socket, a simulated network, pipes in memory.
pub trait Listener: Send + 'static {
    /// An open connection. Reading nothing means FIN; an error while reading means RST.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Waits for the next connection. A failure that concerns one connection, or passes, is the listener's own matter.
    /// Dropping the future loses no connection.
    fn accept(&mut self) -> impl Future<Output = (Self::Stream, SocketAddr)> + Send;
}

/// How long to wait when the machine is out of sockets; connections wait in the backlog meanwhile.
const OUT_OF_SOCKETS: Duration = Duration::from_millis(100);

impl Listener for TcpListener {
    type Stream = TcpStream;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            match TcpListener::accept(self).await {
                Ok((stream, address)) => {
                    // Answers are small and somebody waits for each. A socket that refuses is closed already, and
                    // its session will find out.
                    let _ = stream.set_nodelay(true);
                    return (stream, address);
                }
                Err(error) if is_about_one_connection(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "cannot accept connections");
                    sleep(OUT_OF_SOCKETS.into()).await;
                }
            }
        }
    }
}

fn is_about_one_connection(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted)
}
