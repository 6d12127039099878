//! The bare echo: what the network and tokio cost without any server. One read, one write, no state.

use std::io::Write;
use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::runtime;

/// The argument that makes this program an echo.
pub(crate) const ARGUMENT: &str = "--echo";

pub(crate) fn is_wanted() -> bool {
    std::env::args().any(|argument| argument == ARGUMENT)
}

/// Says where it listens, and echoes until its process is ended.
pub(crate) fn run() {
    let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.expect("threads can be started").block_on(async {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port");
        let listener = socket.listen(4_096).expect("a free port");
        println!("echo on {}", listener.local_addr().expect("it is bound"));
        std::io::stdout().flush().expect("somebody reads it");
        loop {
            let (mut stream, _) = listener.accept().await.expect("connections come");
            stream.set_nodelay(true).expect("it is connected");
            tokio::spawn(async move {
                let mut buffer = [0; 4_096];
                while let Ok(length @ 1..) = stream.read(&mut buffer).await {
                    if stream.write_all(&buffer[..length]).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
}
