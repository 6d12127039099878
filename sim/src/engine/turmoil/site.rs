//! A site: one host that carries many devices, a task each, which drives the device's [endpoint](crate::endpoint).

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::io;
use std::net::IpAddr;
use std::ops::Range;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use blynk_core::id::DeviceId;
use blynk_core::server::{Alarm, Clock};
use blynk_core::time::Instant;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::task::spawn_local;
use turmoil::net::TcpStream;

use super::network::{Network, PORT};
use super::news::News;
use super::ports::{Port, Ports};
use super::sideband::{Lag, Sent, Sideband};
use super::{Observer, SERVER};
use crate::endpoint::{Endpoint, Input, Output, ServerChange, Timer};
use crate::engine::Login;
use crate::network::{ConnectionId, FromServer, ToServer};
use crate::plan::{Deed, Plan, Step};

/// Bytes read at once.
const READ: usize = 1_024;

/// Runs the devices of a site until the host is crashed or the run ends.
pub(super) async fn run(
    plan: Arc<Plan>,
    devices: Range<usize>,
    observer: Observer,
    network: Network,
    news: News,
) -> Infallible {
    let clock = super::clock(plan.tick).await;
    let steps = steps(&plan, &devices);
    let site = Rc::new(Site {
        plan,
        server: turmoil::lookup(SERVER),
        clock,
        observer,
        network,
        news,
        ports: Ports::default(),
    });
    for (device, steps) in devices.zip(steps) {
        let device = DeviceId(u32::try_from(device).expect("fewer than 2^32 devices"));
        let mut task = DeviceTask::new(site.clone(), device, steps);
        // Lent, not given: a future holds what it is given twice.
        spawn_local(async move { task.run().await });
    }
    pending().await
}

/// What is done to each of these devices, by the places of the steps in the plan.
fn steps(plan: &Plan, devices: &Range<usize>) -> Vec<VecDeque<usize>> {
    let mut steps = vec![VecDeque::new(); devices.len()];
    for (place, step) in plan.steps.iter().enumerate() {
        if let Deed::Device(device, _) = step.deed
            && let Some(own) = (device.0 as usize).checked_sub(devices.start).and_then(|i| steps.get_mut(i))
        {
            own.push_back(place);
        }
    }
    steps
}

/// What the devices of a site share.
struct Site {
    plan: Arc<Plan>,
    server: IpAddr,
    clock: Clock,
    observer: Observer,
    network: Network,
    news: News,
    ports: Ports,
}

/// The task of one device.
struct DeviceTask {
    site: Rc<Site>,
    device: DeviceId,
    endpoint: Endpoint,
    /// The steps of the plan that are still to come, by their places.
    steps: VecDeque<usize>,
    dialling: Vec<Dialling>,
    /// Connections that the device, or the link for it, has not let go of.
    streams: Vec<Stream>,
    /// What is being delivered, encoded. Empty in between, but for its memory.
    bytes: Vec<u8>,
    alarm: Alarm,
    /// The instant of what it was told last: what the server says may reach its host late.
    told_at: Instant,
    /// Changes of the server that this device's links know of.
    changes_seen: usize,
    /// When the last of them was. Nothing that the server says later was said before.
    changed_at: Instant,
    /// Whether the server is up since. It reads nothing that is sent after it stopped.
    is_server_up: bool,
    lag: Lag,
    /// When the device said something last, as it feels it.
    said_at: Instant,
    /// When everything is here that the server says to that at once.
    answered_by: Instant,
    /// When the connection was dialled that the device is logged in on, as it was noted.
    live_since_dialling: Option<Instant>,
}

/// An open connection.
struct Stream {
    connection: ConnectionId,
    tcp: TcpStream,
    sideband: Sideband,
    port: Port,
    /// Its other side has ended it: nothing more can be read.
    ended: bool,
}

/// A connection that is being opened.
struct Dialling {
    connection: ConnectionId,
    dialled_at: Instant,
    stream: Opening,
}

type Opening = Pin<Box<dyn Future<Output = io::Result<(TcpStream, Port)>>>>;

/// Something that is due at an instant.
#[derive(Clone, Copy)]
enum Due {
    /// The next step of the plan.
    Step(Instant),
    Timer(Instant, Timer),
}

impl Due {
    const fn at(self) -> Instant {
        match self {
            Self::Step(at) | Self::Timer(at, _) => at,
        }
    }
}

/// What woke the task.
enum Wake {
    Step(usize),
    Server(ServerChange),
    Dialled(ConnectionId, Instant, io::Result<(TcpStream, Port)>),
    Arrived(ConnectionId, Arrived),
    /// Something was due then.
    Timeout(Instant),
}

/// Something comes out of a stream.
struct Arrived {
    what: FromServer,
    /// When the server said so, as the device feels it, unless the stream ended without a word.
    said_at: Option<Instant>,
}

impl DeviceTask {
    fn new(site: Rc<Site>, device: DeviceId, steps: VecDeque<usize>) -> Self {
        Self {
            endpoint: Endpoint::new(&site.plan, device),
            alarm: Alarm::new(site.clock),
            site,
            device,
            steps,
            dialling: Vec::new(),
            streams: Vec::new(),
            bytes: Vec::new(),
            told_at: Instant::ZERO,
            changes_seen: 0,
            changed_at: Instant::ZERO,
            is_server_up: true,
            lag: Lag::default(),
            said_at: Instant::ZERO,
            answered_by: Instant::ZERO,
            live_since_dialling: None,
        }
    }

    /// One place to wait for input and one to wait for room: the future is as large as the deepest of them.
    async fn run(&mut self) {
        loop {
            let (now, step) = poll_fn(|cx| self.poll_input(cx)).await;
            while let Some(place) = self.perform(now, step) {
                // A connection that the server has closed says so when it is read.
                let _ = self.streams[place].tcp.write_all(&self.bytes).await;
            }
        }
    }

    /// Ready when the endpoint has heard something; with the time, and the step of the plan that it was.
    fn poll_input(&mut self, cx: &mut Context<'_>) -> Poll<(Instant, Option<usize>)> {
        let wake = ready!(self.poll_wake(cx));
        let now = self.site.clock.now();
        let step = if let Wake::Step(step) = wake { Some(step) } else { None };
        self.hear(now, wake);
        Poll::Ready((now, step))
    }

    /// In the order of instants, though what the server says comes only when its tick is over. At one instant: first the
    /// scenario's steps, then what arrives, then what is due.
    fn poll_wake(&mut self, cx: &mut Context<'_>) -> Poll<Wake> {
        let now = self.site.clock.now();
        if let Poll::Ready(wake) = self.poll_streams(cx, |stream| stream.sideband.is_answered()) {
            return Poll::Ready(wake);
        }
        match self.next_due().filter(|due| self.heeded_at(*due) <= now) {
            Some(Due::Step(_)) => return Poll::Ready(self.take_step()),
            Some(Due::Timer(at, _)) if at < now => return Poll::Ready(Wake::Timeout(at)),
            Some(Due::Timer(..)) | None => {}
        }
        if let Poll::Ready(change) = self.site.news.poll_change(cx, Some(self.device), self.changes_seen) {
            return Poll::Ready(Wake::Server(change));
        }
        if let Poll::Ready(wake) = self.poll_dialling(cx) {
            return Poll::Ready(wake);
        }
        if let Poll::Ready(wake) = self.poll_streams(cx, |_| true) {
            return Poll::Ready(wake);
        }
        let Some(due) = self.next_due() else { return Poll::Pending };
        ready!(self.alarm.poll_at(cx, self.heeded_at(due)));
        match due {
            Due::Timer(at, _) => Poll::Ready(Wake::Timeout(at)),
            Due::Step(_) => self.poll_wake(cx),
        }
    }

    fn take_step(&mut self) -> Wake {
        Wake::Step(self.steps.pop_front().expect("a step that is due is still to come"))
    }

    /// What is due next of its own accord.
    fn next_due(&self) -> Option<Due> {
        let step = self.steps.front().map(|step| Due::Step(self.site.plan.steps[*step].at));
        let timer = self.endpoint.poll_timeout().map(|(at, timer)| Due::Timer(at, timer));
        step.into_iter().chain(timer).min_by_key(|due| due.at())
    }

    /// Steps and the device's own timers wait until the end of their tick for answers to what the device has said before:
    /// those are older, and might change what comes of it.
    fn heeded_at(&self, due: Due) -> Instant {
        match due {
            Due::Timer(at, Timer::Network) => at,
            // At one instant the step comes before what arrives.
            Due::Step(at) if at <= self.said_at => at,
            Due::Step(at) | Due::Timer(at, Timer::Party(_)) => {
                at.max(self.answered_by.min(self.end_of_tick(at)))
            }
        }
    }

    /// When the next tick begins.
    fn end_of_tick(&self, at: Instant) -> Instant {
        let tick = self.site.plan.tick;
        Instant::ZERO + tick * (at.as_millis() / tick.as_millis() + 1)
    }

    fn poll_dialling(&mut self, cx: &mut Context<'_>) -> Poll<Wake> {
        for Dialling { connection, dialled_at, stream } in &mut self.dialling {
            if let Poll::Ready(dialled) = stream.as_mut().poll(cx) {
                return Poll::Ready(Wake::Dialled(*connection, *dialled_at, dialled));
            }
        }
        Poll::Pending
    }

    fn poll_streams(&mut self, cx: &mut Context<'_>, which: impl Fn(&Stream) -> bool) -> Poll<Wake> {
        for stream in self.streams.iter_mut().filter(|stream| !stream.ended && which(stream)) {
            if let Poll::Ready(arrived) = stream.poll_arrival(cx) {
                return Poll::Ready(Wake::Arrived(stream.connection, arrived));
            }
        }
        Poll::Pending
    }

    fn hear(&mut self, now: Instant, wake: Wake) {
        match wake {
            Wake::Step(step) => self.step(step),
            Wake::Server(change) => self.on_server_change(now, change),
            Wake::Dialled(connection, dialled_at, dialled) => {
                self.on_dialled(now, connection, dialled_at, dialled);
            }
            Wake::Arrived(connection, arrived) => self.on_arrived(now, connection, arrived),
            // What was due before it was told something is due after that.
            Wake::Timeout(due) => self.tell(due.max(self.told_at), Input::Timeout),
        }
    }

    fn tell(&mut self, at: Instant, input: Input<'_>) {
        self.told_at = at;
        self.endpoint.handle_input(at, input);
        self.note_login(at);
    }

    /// Notes a login that was accepted by what the endpoint has just heard.
    fn note_login(&mut self, at: Instant) {
        let dialled_at = self.endpoint.live_since_dialling();
        if dialled_at == self.live_since_dialling {
            return;
        }
        self.live_since_dialling = dialled_at;
        if let Some(dialled_at) = dialled_at {
            self.site.observer.logged_in(Login { device: self.device, dialled_at, answered_at: at });
        }
    }

    fn step(&mut self, step: usize) {
        let site = self.site.clone();
        let Step { at, deed: Deed::Device(_, action) } = &site.plan.steps[step] else {
            unreachable!("a site has the steps of its devices")
        };
        self.tell(*at, Input::Action(action));
    }

    fn on_server_change(&mut self, now: Instant, change: ServerChange) {
        self.changes_seen += 1;
        self.changed_at = now;
        self.is_server_up = change == ServerChange::Started;
        self.tell(now, Input::Server(change));
    }

    /// Opening a connection takes a tick. No device shall feel that.
    fn on_dialled(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        dialled_at: Instant,
        dialled: io::Result<(TcpStream, Port)>,
    ) {
        self.dialling.retain(|dialling| dialling.connection != connection);
        let what = match dialled {
            Ok((tcp, port)) => {
                let sideband = self.site.network.beside(&tcp);
                sideband.open(self.lag.clone());
                // A device has one nearly always.
                self.streams.reserve_exact(1);
                self.streams.push(Stream { connection, tcp, sideband, port, ended: false });
                FromServer::Connected
            }
            Err(_) => FromServer::Refused,
        };
        self.arrive(now, dialled_at, connection, what);
    }

    /// What ended without a word did so at the end of the tick before.
    fn on_arrived(&mut self, now: Instant, connection: ConnectionId, Arrived { what, said_at }: Arrived) {
        self.arrive(now, said_at.unwrap_or(now - self.site.plan.tick), connection, what);
    }

    /// Something arrives now that the device hears at another instant.
    fn arrive(&mut self, now: Instant, at: Instant, connection: ConnectionId, what: FromServer) {
        self.site.observer.arrived(now, self.device, connection, &what);
        self.tell(at.max(self.changed_at), Input::FromServer(connection, what));
    }

    /// Does what the endpoint wants, up to a message. That is encoded then, and to be written to the stream at the
    /// returned place.
    fn perform(&mut self, now: Instant, step: Option<usize>) -> Option<usize> {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Dial(connection) => self.dial(now, connection),
                Output::Deliver(connection, what) => {
                    if let Some(place) = self.deliver(now, connection, &what) {
                        return Some(place);
                    }
                }
                Output::Abandon(connection) => self.abandon(now, connection),
                Output::Acted(remark) => {
                    let step = step.expect("only a step of the plan is acted");
                    self.site.observer.stepped(self.told_at, Some(self.device), step, remark);
                }
                Output::Noted(noted) => self.site.observer.noted(now, self.device, noted),
            }
        }
        None
    }

    fn dial(&mut self, now: Instant, connection: ConnectionId) {
        self.site.observer.traced(now, self.device, connection, &"SYN");
        let Some(port) = self.site.ports.take() else {
            self.site.observer.out_of_ports(now);
            return self
                .endpoint
                .handle_input(self.told_at, Input::FromServer(connection, FromServer::Refused));
        };
        self.await_answer(now);
        let stream = TcpStream::connect((self.site.server, PORT));
        let stream = Box::pin(async { Ok((stream.await?, port)) });
        self.dialling.reserve_exact(1);
        self.dialling.push(Dialling { connection, dialled_at: self.told_at, stream });
    }

    /// Returns the place of the stream, if there are bytes to be written to it.
    fn deliver(&mut self, now: Instant, connection: ConnectionId, what: &ToServer) -> Option<usize> {
        let Some(place) = self.place(connection) else {
            self.stop_dialling(connection);
            return None;
        };
        self.bytes.clear();
        what.encode(&mut self.bytes);
        let stream = &self.streams[place];
        // What is sent on a connection that the server has ended is heard by nobody.
        if !stream.ended && self.is_server_up {
            self.site.observer.delivered(now, self.device, connection, what, self.bytes.len());
        }
        stream.sideband.send(self.bytes.len(), Sent { at: now, felt_at: self.told_at });
        match what {
            ToServer::Message(_) => {
                self.await_answer(now);
                return self.is_server_up.then_some(place);
            }
            ToServer::Fin => self.streams.remove(place).shut(),
            ToServer::Reset => self.streams.remove(place).tear(),
        }
        None
    }

    /// The server hears the device within this tick, and the device the server as the next one begins.
    fn await_answer(&mut self, now: Instant) {
        self.said_at = self.told_at;
        self.answered_by = self.end_of_tick(now);
    }

    fn abandon(&mut self, now: Instant, connection: ConnectionId) {
        self.site.observer.traced(now, self.device, connection, &"given up without a goodbye");
        match self.place(connection) {
            Some(place) => self.streams.remove(place).let_go(),
            None => self.stop_dialling(connection),
        }
    }

    /// The server may have accepted already. Then the connection is kept until it ends it; dropping the attempt would
    /// leave its port in use for ever.
    fn stop_dialling(&mut self, connection: ConnectionId) {
        if let Some(place) = self.dialling.iter().position(|dialling| dialling.connection == connection) {
            let Dialling { stream, .. } = self.dialling.remove(place);
            spawn_local(async move {
                if let Ok((tcp, port)) = stream.await {
                    outlive(tcp, port).await;
                }
            });
        }
    }

    fn place(&self, connection: ConnectionId) -> Option<usize> {
        self.streams.iter().position(|stream| stream.connection == connection)
    }
}

impl Stream {
    fn poll_arrival(&mut self, cx: &mut Context<'_>) -> Poll<Arrived> {
        let mut chunk = [0; READ];
        let mut buffer = ReadBuf::new(&mut chunk);
        let what = match ready!(Pin::new(&mut self.tcp).poll_read(cx, &mut buffer)) {
            Ok(()) if buffer.filled().is_empty() => FromServer::Fin,
            Ok(()) => FromServer::Bytes(buffer.filled().into()),
            Err(_) => FromServer::Reset,
        };
        self.ended = !matches!(what, FromServer::Bytes(_));
        Poll::Ready(Arrived { what, said_at: self.sideband.hear(buffer.filled().len()) })
    }

    /// The other side sees RST.
    fn tear(self) {
        self.sideband.tear();
    }

    /// Says that nothing more will be sent.
    fn shut(self) {
        let (from_server, to_server) = self.tcp.into_split();
        drop(to_server);
        if !self.ended {
            spawn_local(outlive(from_server, self.port));
        }
    }

    /// Keeps the connection open, as a device does that is gone without a goodbye. Dropping it would tell the server.
    fn let_go(self) {
        if !self.ended {
            spawn_local(outlive(self.tcp, self.port));
        }
    }
}

/// Until the server ends it; so long its port is in use. What it sends is read by nobody.
async fn outlive(mut stream: impl AsyncRead + Unpin, _port: Port) {
    while matches!(stream.read(&mut [0; 16]).await, Ok(1..)) {}
}
