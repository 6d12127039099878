//! A headless Chromium, driven by its own protocol over a socket of this machine: one tab that opens files.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};

/// One that says nothing for so long hangs: the test fails instead of hanging with it.
const PATIENCE: Duration = Duration::from_secs(60);

/// One tab.
pub(crate) struct Chromium {
    socket: WebSocket<TcpStream>,
    session: Option<String>,
    calls: u64,
    /// Since the page was opened.
    events: Vec<(String, Value)>,
    /// Of all pages before.
    complaints: Vec<String>,
    // It ends before its profile goes.
    _process: Process,
    _profile: TempDir,
}

/// Ends with whoever has it, also if that fails.
struct Process(Child);

impl Chromium {
    /// Starts it.
    ///
    /// # Panics
    /// If it is not installed or does not start.
    pub(crate) fn start() -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let process = Command::new("chromium")
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-extensions",
            ])
            .args(["--remote-debugging-port=0", "--force-color-profile=srgb", "--hide-scrollbars"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("Chromium is installed (Debian: `apt-get install chromium`)");
        let mut process = Process(process);
        let lines = BufReader::new(process.0.stderr.take().expect("its complaints")).lines();
        let (sender, listening) = mpsc::channel();
        // What it complains of later nobody reads, but somebody must take it.
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some((_, address)) = line.split_once("DevTools listening on ") {
                    let _: Result<(), _> = sender.send(address.trim().to_owned());
                }
            }
        });
        let address = listening.recv_timeout(PATIENCE).expect("Chromium says where it listens");
        let host = address.trim_start_matches("ws://").split('/').next().expect("a host and a port");
        let stream = TcpStream::connect(host).expect("it listens there");
        stream.set_read_timeout(Some(PATIENCE)).expect("it is not zero");
        let (socket, _) = tungstenite::client(&address, stream).expect("it speaks its protocol");
        let mut chromium = Self {
            socket,
            session: None,
            calls: 0,
            events: Vec::new(),
            complaints: Vec::new(),
            _process: process,
            _profile: profile,
        };
        let target = chromium.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attached = chromium
            .call("Target.attachToTarget", json!({ "targetId": target["targetId"], "flatten": true }));
        chromium.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            chromium.call(&format!("{domain}.enable"), json!({}));
        }
        chromium
    }

    /// Opens a file, and is back when it is loaded.
    pub(crate) fn open(&mut self, file: &Path) {
        self.complaints();
        let file = fs::canonicalize(file).expect("the file is there");
        self.call("Page.navigate", json!({ "url": format!("file://{}", file.display()) }));
        self.wait_for("Page.loadEventFired");
        // And painted.
        self.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))");
    }

    /// What an expression comes to.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let parameters = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let result = self.call("Runtime.evaluate", parameters);
        assert!(result.get("exceptionDetails").is_none(), "{expression}: {result}");
        result["result"]["value"].clone()
    }

    /// The text that an expression comes to.
    pub(crate) fn text(&mut self, expression: &str) -> String {
        self.evaluate(expression).as_str().unwrap_or_else(|| panic!("{expression} is no text")).to_owned()
    }

    /// The number that an expression comes to.
    pub(crate) fn number(&mut self, expression: &str) -> f64 {
        self.evaluate(expression).as_f64().unwrap_or_else(|| panic!("{expression} is no number"))
    }

    /// Types into what has the focus.
    pub(crate) fn type_text(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text }));
    }

    /// Presses a key.
    pub(crate) fn press(&mut self, key: &str) {
        for kind in ["rawKeyDown", "keyUp"] {
            self.call("Input.dispatchKeyEvent", json!({ "type": kind, "key": key, "code": key }));
        }
    }

    /// Moves the pointer to the middle of an element, and scrolls there if need be.
    pub(crate) fn point_at(&mut self, selector: &str) {
        let middle = self.evaluate(&format!(
            "(() => {{ const it = document.querySelector({selector:?}); it.scrollIntoView({{ block: 'center' }});
               const box = it.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        ));
        self.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))");
        self.call(
            "Input.dispatchMouseEvent",
            json!({ "type": "mouseMoved", "x": middle[0], "y": middle[1] }),
        );
    }

    /// A window of this size, in this scheme of colours.
    pub(crate) fn look(&mut self, (width, height): (u32, u32), scheme: &str) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.call("Emulation.setDeviceMetricsOverride", size);
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.call("Emulation.setEmulatedMedia", json!({ "features": [feature] }));
    }

    /// Leaves a picture of what is seen, or of the whole page.
    pub(crate) fn screenshot(&mut self, file: &Path, whole: bool) {
        let shot = self.call("Page.captureScreenshot", json!({ "captureBeyondViewport": whole }));
        let picture = BASE64_STANDARD.decode(shot["data"].as_str().expect("a picture")).expect("base64");
        fs::write(file, picture).expect("the picture can be written");
    }

    /// Errors and warnings on the console of all pages that were opened, and what was asked of a network.
    pub(crate) fn complaints(&mut self) -> Vec<String> {
        // Whatever was said before is here with the answer.
        self.evaluate("0");
        let new = self.events.drain(..).filter_map(|(name, event)| complaint(&name, &event));
        self.complaints.extend(new);
        self.complaints.clone()
    }

    fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.calls += 1;
        let id = self.calls;
        let mut call = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            call["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(call.to_string())).expect("Chromium listens");
        loop {
            let answer = self.receive();
            if answer["id"] == id {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    fn wait_for(&mut self, event: &str) {
        while !self.events.iter().any(|(name, _)| name == event) {
            self.receive();
        }
    }

    /// The next message; events are kept.
    fn receive(&mut self) -> Value {
        let message = self.socket.read().expect("Chromium answers within a minute");
        let message: Value = serde_json::from_str(message.to_text().expect("text")).expect("JSON");
        if let Some(method) = message["method"].as_str() {
            self.events.push((method.to_owned(), message["params"].clone()));
        }
        message
    }
}

/// What an event says that should not be.
fn complaint(name: &str, event: &Value) -> Option<String> {
    match name {
        "Log.entryAdded" => Some(event["entry"]["text"].to_string()),
        "Runtime.exceptionThrown" => Some(event["exceptionDetails"].to_string()),
        "Runtime.consoleAPICalled" => Some(event["args"].to_string()),
        "Network.requestWillBeSent" => {
            let url = event["request"]["url"].as_str().unwrap_or_default();
            (!url.starts_with("file://")).then(|| format!("asks for {url}"))
        }
        _ => None,
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _: io::Result<()> = self.0.kill();
        let _ = self.0.wait();
    }
}
