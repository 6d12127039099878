//! What systemd is told of a service of `Type=notify`.

#[cfg(target_os = "linux")]
use std::os::linux::net::SocketAddrExt;
#[cfg(target_os = "linux")]
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;

/// Tells the service manager, if there is one. That it does not hear is no reason not to serve.
pub(super) fn tell(socket: Option<&Path>, state: &str) {
    let Some(socket) = socket else { return };
    let sent = address(socket).and_then(|address| {
        let unbound = UnixDatagram::unbound()?;
        unbound.send_to_addr(state.as_bytes(), &address)
    });
    if let Err(error) = sent {
        tracing::warn!(%error, socket = %socket.display(), "cannot tell the service manager");
    }
}

/// A name that begins with `@` is one of no file, where there are such.
fn address(socket: &Path) -> std::io::Result<SocketAddr> {
    #[cfg(target_os = "linux")]
    if let Some(name) = socket.as_os_str().as_bytes().strip_prefix(b"@") {
        return SocketAddr::from_abstract_name(name);
    }
    SocketAddr::from_pathname(socket)
}
