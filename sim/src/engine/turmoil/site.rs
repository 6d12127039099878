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
use super::{Observer, SERVER};
use crate::endpoint::{Endpoint, Input, Output, ServerChange};
use crate::engine::Login;
use crate::network::{ConnectionId, FromServer, ToServer};
use crate::plan::{Deed, Plan};

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
    dialling: Vec<(ConnectionId, Dialling)>,
    /// Connections that the device, or the link for it, has not let go of.
    streams: Vec<Stream>,
    /// What is being delivered, encoded. Empty in between, but for its memory.
    bytes: Vec<u8>,
    alarm: Alarm,
    /// Changes of the server that this device's links know of.
    changes_seen: usize,
    /// When the connection was dialled that the device is logged in on, as it was noted.
    live_since_dialling: Option<Instant>,
}

/// An open connection.
struct Stream {
    connection: ConnectionId,
    tcp: TcpStream,
    port: Port,
    /// Its other side has ended it: nothing more can be read.
    ended: bool,
}

type Dialling = Pin<Box<dyn Future<Output = io::Result<(TcpStream, Port)>>>>;

/// What woke the task.
enum Wake {
    Step(usize),
    Server(ServerChange),
    Dialled(ConnectionId, io::Result<(TcpStream, Port)>),
    Arrived(ConnectionId, FromServer),
    Timeout,
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
            changes_seen: 0,
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

    /// At one instant: first the scenario's steps, then what arrives, then what is due.
    fn poll_wake(&mut self, cx: &mut Context<'_>) -> Poll<Wake> {
        let now = self.site.clock.now();
        if let Some(step) = self.next_step().filter(|step| self.site.plan.steps[*step].at <= now) {
            self.steps.pop_front();
            return Poll::Ready(Wake::Step(step));
        }
        if let Poll::Ready(change) = self.site.news.poll_change(cx, Some(self.device), self.changes_seen) {
            return Poll::Ready(Wake::Server(change));
        }
        if let Poll::Ready(wake) = self.poll_stream(cx) {
            return Poll::Ready(wake);
        }
        let timeout = self.endpoint.poll_timeout().map(|(deadline, _)| deadline);
        let next = self.next_step().map(|step| self.site.plan.steps[step].at);
        match timeout.into_iter().chain(next).min() {
            // A step that has become due meanwhile is found at the next call.
            Some(at) => self.alarm.poll_at(cx, at).map(|()| Wake::Timeout),
            None => Poll::Pending,
        }
    }

    fn next_step(&self) -> Option<usize> {
        self.steps.front().copied()
    }

    fn poll_stream(&mut self, cx: &mut Context<'_>) -> Poll<Wake> {
        for (connection, dialling) in &mut self.dialling {
            if let Poll::Ready(dialled) = dialling.as_mut().poll(cx) {
                return Poll::Ready(Wake::Dialled(*connection, dialled));
            }
        }
        for stream in self.streams.iter_mut().filter(|stream| !stream.ended) {
            if let Poll::Ready(what) = stream.poll_arrival(cx) {
                return Poll::Ready(Wake::Arrived(stream.connection, what));
            }
        }
        Poll::Pending
    }

    fn hear(&mut self, now: Instant, wake: Wake) {
        match wake {
            Wake::Step(step) => self.step(now, step),
            Wake::Server(change) => self.on_server_change(now, change),
            Wake::Dialled(connection, dialled) => self.on_dialled(now, connection, dialled),
            Wake::Arrived(connection, what) => self.arrive(now, connection, what),
            Wake::Timeout => self.tell(now, Input::Timeout),
        }
    }

    fn tell(&mut self, now: Instant, input: Input<'_>) {
        self.endpoint.handle_input(now, input);
        self.note_login(now);
    }

    /// Notes a login that was accepted by what the endpoint has just heard.
    fn note_login(&mut self, now: Instant) {
        let dialled_at = self.endpoint.live_since_dialling();
        if dialled_at == self.live_since_dialling {
            return;
        }
        self.live_since_dialling = dialled_at;
        if let Some(dialled_at) = dialled_at {
            self.site.observer.logged_in(Login { device: self.device, dialled_at, answered_at: now });
        }
    }

    fn step(&mut self, now: Instant, step: usize) {
        let site = self.site.clone();
        let Deed::Device(_, action) = &site.plan.steps[step].deed else {
            unreachable!("a site has the steps of its devices")
        };
        self.tell(now, Input::Action(action));
    }

    fn on_server_change(&mut self, now: Instant, change: ServerChange) {
        self.changes_seen += 1;
        self.tell(now, Input::Server(change));
    }

    fn on_dialled(&mut self, now: Instant, connection: ConnectionId, dialled: io::Result<(TcpStream, Port)>) {
        self.dialling.retain(|(dialled, _)| *dialled != connection);
        let what = match dialled {
            Ok((tcp, port)) => {
                // A device has one nearly always.
                self.streams.reserve_exact(1);
                self.streams.push(Stream { connection, tcp, port, ended: false });
                FromServer::Connected
            }
            Err(_) => FromServer::Refused,
        };
        self.arrive(now, connection, what);
    }

    fn arrive(&mut self, now: Instant, connection: ConnectionId, what: FromServer) {
        self.site.observer.arrived(now, self.device, connection, &what);
        // What the server sends within a tick is delivered after it. No device shall feel that: otherwise every ping
        // would keep the delay of the handshake.
        self.tell(now - self.site.plan.tick, Input::FromServer(connection, what));
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
                    self.site.observer.stepped(now, Some(self.device), step, remark);
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
            return self.endpoint.handle_input(now, Input::FromServer(connection, FromServer::Refused));
        };
        let dialling = TcpStream::connect((self.site.server, PORT));
        self.dialling.reserve_exact(1);
        self.dialling.push((connection, Box::pin(async { Ok((dialling.await?, port)) })));
    }

    /// Returns the place of the stream, if there are bytes to be written to it.
    fn deliver(&mut self, now: Instant, connection: ConnectionId, what: &ToServer) -> Option<usize> {
        let Some(place) = self.place(connection) else {
            self.stop_dialling(connection);
            return None;
        };
        self.bytes.clear();
        what.encode(&mut self.bytes);
        // What is sent on a connection that the server has ended is heard by nobody.
        if !self.streams[place].ended {
            self.site.observer.delivered(now, self.device, connection, what, self.bytes.len());
        }
        match what {
            ToServer::Message(_) => return Some(place),
            ToServer::Fin => self.streams.remove(place).shut(),
            ToServer::Reset => self.site.network.tear(self.streams.remove(place).tcp),
        }
        None
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
        if let Some(place) = self.dialling.iter().position(|(dialled, _)| *dialled == connection) {
            let (_, dialling) = self.dialling.remove(place);
            spawn_local(async move {
                if let Ok((tcp, port)) = dialling.await {
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
    fn poll_arrival(&mut self, cx: &mut Context<'_>) -> Poll<FromServer> {
        let mut chunk = [0; READ];
        let mut buffer = ReadBuf::new(&mut chunk);
        let what = match ready!(Pin::new(&mut self.tcp).poll_read(cx, &mut buffer)) {
            Ok(()) if buffer.filled().is_empty() => FromServer::Fin,
            Ok(()) => return Poll::Ready(FromServer::Bytes(buffer.filled().into())),
            Err(_) => FromServer::Reset,
        };
        self.ended = true;
        Poll::Ready(what)
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
