//! The web page in a browser, with a device on a real socket.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::client::Client;
use crate::served::Served;

/// The script says what it waits for the device to do, and this does it.
#[test]
#[ignore = "needs Chromium, node and npm's playwright-core; .ci/run installs them"]
fn the_page_shows_a_device_going_through_its_statuses() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Served::start(folder.path());
    let clients =
        std::env::var_os("BLYNK_SIM_CLIENTS").expect("BLYNK_SIM_CLIENTS names where the browser's driver is");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serve/page.cjs");
    let mut browser = Command::new("node")
        .arg(script)
        .arg(format!("http://{}/#token={}", server.address, server.operator))
        .env("NODE_PATH", Path::new(&clients).join("node_modules"))
        .stdout(Stdio::piped())
        .spawn()
        .expect("node starts");
    let mut device = None;
    for line in BufReader::new(browser.stdout.take().expect("piped")).lines() {
        let line = line.expect("text");
        println!("{line}");
        match line.as_str() {
            "device: connect" => device = Some(Client::log_in(server.address, &server.device)),
            "device: write" => device.as_mut().expect("it is connected").write(2, "21.5"),
            "device: close" => drop(device.take()),
            _ => {}
        }
    }
    assert!(browser.wait().expect("it ends").success(), "what the browser found is printed above");
}
