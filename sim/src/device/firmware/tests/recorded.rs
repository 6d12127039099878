//! A library at a server that does one thing, and what was recorded of the real one there.

use super::*;

/// What the server does.
#[derive(Clone, Copy)]
pub(super) enum Server {
    /// It answers everything at once.
    Answers,
    /// It answers the login and the device info, and nothing else.
    FallsSilent,
    /// It answers the login and nothing else.
    IgnoresInfo,
    /// It answers nothing.
    Mute,
    /// It answers a login with this.
    Refuses(Answer),
    /// It answers everything, and ends each session after so many seconds.
    Ends(Loss, u64),
    /// It ends each connection with the login.
    EndsLogins(Loss),
    /// Nobody listens.
    Away,
}

/// How far a recorded time may be from the machine's: a turn of the loop is up to 50 ms, the library counts on from
/// where that came, and so it adds up.
const ROUNDING: u64 = 250;

/// What could not be seen from outside.
pub(super) const UNSEEN: u64 = u64::MAX;

/// A library with this heartbeat, whose application writes that often, in milliseconds.
pub(super) struct Recorded {
    firmware: Firmware,
    server: Server,
    /// When the server ends the connection.
    ends_at: Option<Instant>,
    log: Vec<String>,
    /// Of the messages, as on the wire.
    ids: Vec<u16>,
}

impl Recorded {
    pub(super) fn new(client: Client, heartbeat: u64, writes: Option<u64>, server: Server) -> Self {
        let sends = writes.map(Duration::from_millis);
        let firmware = of(client, Duration::from_secs(heartbeat), sends);
        let mut recorded = Self { firmware, server, ends_at: None, log: Vec::new(), ids: Vec::new() };
        recorded.input(second(0), Input::Order(Order::Connect));
        recorded
    }

    /// Demands that this is done until then and nothing else: `2.2s ping`, and beside it when the real library did it, in
    /// milliseconds from its first connection.
    pub(super) fn did(&mut self, end: u64, expected: &[(&str, u64)]) {
        self.run_until(second(end));
        assert_eq!(self.log, expected.iter().map(|(line, _)| *line).collect::<Vec<_>>());
        for (line, recorded) in expected {
            let (at, _) = line.split_once(' ').expect("a moment");
            let is_near = millis(at).abs_diff(*recorded) <= ROUNDING;
            assert!(is_near || *recorded == UNSEEN, "{line}: recorded at {recorded} ms");
        }
    }

    pub(super) fn run_until(&mut self, end: Instant) {
        loop {
            let due = self.firmware.poll_timeout().map(|(at, _)| at).filter(|at| *at <= end);
            // What arrives comes first.
            match (self.ends_at.filter(|at| *at <= end), due) {
                (Some(at), due) if due.is_none_or(|due| at <= due) => self.end(at),
                (_, Some(at)) => self.input(at, Input::Timeout),
                (_, None) => return,
            }
        }
    }

    pub(super) fn input(&mut self, now: Instant, input: Input<'_>) {
        self.firmware.handle_input(now, input);
        while let Some(output) = self.firmware.poll_output() {
            self.on_output(now, output);
        }
    }

    pub(super) fn log(&self) -> &[String] {
        &self.log
    }

    pub(super) fn ids(&self) -> &[u16] {
        &self.ids
    }

    pub(super) fn is_idle(&self) -> bool {
        self.firmware.is_idle()
    }

    fn on_output(&mut self, now: Instant, output: Output) {
        match output {
            Output::Dial => {
                self.log.push(format!("{now} dial"));
                let is_away = matches!(self.server, Server::Away);
                self.arrive(now, if is_away { Arrival::Refused } else { Arrival::Connected });
            }
            Output::Send(message) => {
                self.log.push(format!("{now} {}", message.content.name()));
                self.ids.push(message.id.get());
                self.answer(now, &message);
            }
            Output::Close | Output::Abandon => {
                self.ends_at = None;
                self.log.push(format!("{now} {output:?}").to_lowercase());
            }
            Output::Request(_) | Output::Noted(_) | Output::Remark(_) => panic!("no library does {output:?}"),
        }
    }

    fn answer(&mut self, now: Instant, message: &Message) {
        let is_login = matches!(message.content, Content::Login(_) | Content::OldLogin(_));
        let is_info = matches!(message.content, Content::Info { .. });
        let answers = is_login || is_info || message.content == Content::Ping;
        match self.server {
            Server::Answers if answers => self.say(now, message.id, Answer::OK),
            Server::FallsSilent if is_login || is_info => self.say(now, message.id, Answer::OK),
            Server::IgnoresInfo if is_login => self.say(now, message.id, Answer::OK),
            Server::Refuses(answer) if is_login => self.say(now, message.id, answer),
            Server::Ends(_, after) if is_login => {
                self.ends_at = Some(now + Duration::from_secs(after));
                self.say(now, message.id, Answer::OK);
            }
            // What is written after the end is heard by nobody.
            Server::Ends(..) if answers && self.ends_at.is_some() => self.say(now, message.id, Answer::OK),
            Server::EndsLogins(loss) if is_login => self.arrive(now, loss.into()),
            Server::Answers
            | Server::FallsSilent
            | Server::IgnoresInfo
            | Server::Mute
            | Server::Refuses(_)
            | Server::Ends(..)
            | Server::EndsLogins(_)
            | Server::Away => {}
        }
    }

    fn say(&mut self, now: Instant, id: MessageId, answer: Answer) {
        let mut bytes = Vec::new();
        encode(Frame::Response { id, answer }, &mut bytes);
        self.arrive(now, Arrival::Bytes(&bytes));
    }

    fn end(&mut self, now: Instant) {
        self.ends_at = None;
        let Server::Ends(loss, _) = self.server else { panic!("only such a server ends sessions") };
        self.arrive(now, loss.into());
        while let Some(output) = self.firmware.poll_output() {
            self.on_output(now, output);
        }
    }

    fn arrive(&mut self, now: Instant, arrival: Arrival<'_>) {
        self.firmware.handle_input(now, Input::Arrival(arrival));
    }
}

impl From<Loss> for Arrival<'_> {
    fn from(loss: Loss) -> Self {
        match loss {
            Loss::Fin => Self::Fin,
            Loss::Reset => Self::Reset,
        }
    }
}

/// `2.2s` and `200ms`.
fn millis(at: &str) -> u64 {
    if let Some(millis) = at.strip_suffix("ms") {
        return millis.parse().expect("milliseconds");
    }
    let (minutes, seconds) = at.split_once('m').unwrap_or(("0", at));
    let seconds: f64 = seconds.strip_suffix('s').unwrap_or("0").parse().expect("seconds");
    minutes.parse::<u64>().expect("minutes") * 60_000 + (seconds * 1_000.0).round() as u64
}
