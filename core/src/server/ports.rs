//! The ports of a served process: one that is plain, and perhaps one that speaks TLS.
//!
//! Owns handshakes. They take place in the task of the connection, within its login timeout, so that a peer that never
//! ends one stops nobody.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;
use tokio_rustls::{Accept, TlsAcceptor};

use super::listener::Listener;

/// Where devices and requests arrive.
#[derive(Debug)]
pub struct Ports {
    plain: TcpListener,
    secure: Option<(TcpListener, Security)>,
    /// Whose turn it is, so that neither port starves the other.
    secure_first: bool,
}

/// A certificate and its key.
#[derive(Clone)]
pub struct Security(TlsAcceptor);

/// Why a certificate and a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecurityError {
    /// The file of the certificate.
    #[error("the certificate {} cannot be read: {why}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The file of the key.
    #[error("the key {} cannot be read: {why}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// They do not fit.
    #[error("the key {} does not fit the certificate {}: {why}", key.display(), certificate.display())]
    Pair {
        /// The file of the key.
        key: PathBuf,
        /// The file of the certificate.
        certificate: PathBuf,
        /// What is wrong with them.
        why: String,
    },
}

impl Security {
    /// Reads a chain of certificates and a key, both PEM.
    ///
    /// # Errors
    /// If one cannot be read, or they do not fit.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, SecurityError> {
        let unreadable = |why| SecurityError::Certificate { path: certificate.into(), why };
        let chain =
            CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let chain = chain.map_err(|error| unreadable(error.to_string()))?;
        if chain.is_empty() {
            return Err(unreadable("there is none in it".into()));
        }
        let secret = PrivateKeyDer::from_pem_file(key);
        let secret =
            secret.map_err(|error| SecurityError::Key { path: key.into(), why: error.to_string() })?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, secret));
        let config = config.map_err(|error| SecurityError::Pair {
            key: key.into(),
            certificate: certificate.into(),
            why: error.to_string(),
        })?;
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }
}

impl std::fmt::Debug for Security {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Security(..)")
    }
}

impl Ports {
    /// A plain port, and perhaps a secure one.
    pub fn new(plain: TcpListener, secure: Option<(TcpListener, Security)>) -> Self {
        Self { plain, secure, secure_first: false }
    }
}

impl Listener for Ports {
    type Stream = Stream;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        let Some((secure, security)) = &mut self.secure else {
            let (stream, address) = Listener::accept(&mut self.plain).await;
            return (Stream::Plain(stream), address);
        };
        self.secure_first = !self.secure_first;
        let (mut plain, mut secure) =
            (pin!(Listener::accept(&mut self.plain)), pin!(Listener::accept(secure)));
        let mut poll_secure = |cx: &mut Context<'_>| {
            let arrived = secure.as_mut().poll(cx);
            arrived
                .map(|(stream, address)| (Stream::Secure(Box::new(Secure::new(security, stream))), address))
        };
        let first = self.secure_first;
        poll_fn(|cx| {
            if first && let Poll::Ready(arrived) = poll_secure(cx) {
                return Poll::Ready(arrived);
            }
            if let Poll::Ready((stream, address)) = plain.as_mut().poll(cx) {
                return Poll::Ready((Stream::Plain(stream), address));
            }
            if first { Poll::Pending } else { poll_secure(cx) }
        })
        .await
    }
}

/// A connection at one of the ports.
#[derive(Debug)]
pub enum Stream {
    /// As it is.
    Plain(TcpStream),
    /// Through TLS.
    Secure(Box<Secure>),
}

/// A connection that begins with a handshake.
pub struct Secure {
    state: State,
    /// So many bytes of the write that is under way were taken by TLS, and not yet all by the socket.
    taken: usize,
}

enum State {
    Shaking(Accept<TcpStream>),
    Open(TlsStream<TcpStream>),
    /// The handshake failed.
    Failed,
}

impl std::fmt::Debug for Secure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secure(..)")
    }
}

impl Secure {
    fn new(Security(acceptor): &Security, stream: TcpStream) -> Self {
        Self { state: State::Shaking(acceptor.accept(stream)), taken: 0 }
    }

    /// What TLS holds back is not written: nobody would ask it for that, and a command would be called applied that waits
    /// here. So a write is over when the socket has it, and whoever is told to wait comes again with the same bytes.
    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let taken = self.taken;
        let stream = ready!(self.poll_open(cx))?;
        let taken = if taken == 0 { ready!(Pin::new(&mut *stream).poll_write(cx, bytes))? } else { taken };
        let flushed = Pin::new(stream).poll_flush(cx);
        self.taken = if flushed.is_pending() { taken } else { 0 };
        ready!(flushed)?;
        Poll::Ready(Ok(taken))
    }

    /// The stream behind the handshake.
    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<&mut TlsStream<TcpStream>>> {
        if let State::Shaking(accept) = &mut self.state {
            self.state = match ready!(Pin::new(accept).poll(cx)) {
                Ok(stream) => State::Open(stream),
                Err(error) => {
                    tracing::debug!(%error, "no TLS");
                    State::Failed
                }
            };
        }
        Poll::Ready(match &mut self.state {
            State::Open(stream) => Ok(stream),
            State::Shaking(_) | State::Failed => Err(io::ErrorKind::ConnectionReset.into()),
        })
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Secure(secure) => {
                let read = Pin::new(ready!(secure.poll_open(cx))?).poll_read(cx, buffer);
                match ready!(read) {
                    // Many devices close their socket without a word of TLS: FIN all the same.
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(())),
                    read => Poll::Ready(read),
                }
            }
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Secure(secure) => secure.poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Secure(secure) => Pin::new(ready!(secure.poll_open(cx))?).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Secure(secure) => match &mut secure.state {
                State::Open(stream) => Pin::new(stream).poll_shutdown(cx),
                // There is nobody to say goodbye to.
                State::Shaking(_) | State::Failed => Poll::Ready(Ok(())),
            },
        }
    }
}
