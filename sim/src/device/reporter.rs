//! A device that speaks HTTP: a request for each report, and no connection in between.
//!
//! Owns intention, power and when it reports. The requests are made by [callers](super::Caller) on its link; what
//! meets silence is lost, and the next period says it anew.

use blynk_core::id::{Pin, Token};
use blynk_core::queue::Queue;
use blynk_core::time::{Duration, Instant};

use super::{Input, OWN_PIN, OWN_VALUE, Order, Output, Request, Timer, next_due};

/// The machine of one device that reports.
#[derive(Debug)]
pub struct Reporter {
    token: Token,
    /// How often it reports; without, only once when it begins.
    period: Option<Duration>,
    powered: bool,
    /// Whether it reports of its own accord.
    intends: bool,
    next_report: Option<Instant>,
    outputs: Queue<Output>,
}

impl Reporter {
    /// A powered device that does not intend to report.
    pub fn new(token: Token, period: Option<Duration>) -> Self {
        Self { token, period, powered: true, intends: false, next_report: None, outputs: Queue::new() }
    }

    /// Whether it has power.
    pub fn is_powered(&self) -> bool {
        self.powered
    }

    /// Takes one input. What comes of its requests is for those who make them.
    pub fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        match input {
            Input::Order(order) => self.on_order(now, order),
            Input::Arrival(_) => {}
            Input::Timeout => self.on_timeout(now),
        }
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call with [`Input::Timeout`], and why.
    pub fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        self.next_report.map(|at| (at, Timer::Write))
    }

    fn on_order(&mut self, now: Instant, order: Order<'_>) {
        match order {
            Order::Connect => self.on_connect(now),
            Order::Disconnect => self.on_disconnect(),
            Order::PowerOff => self.on_power_off(),
            Order::PowerOn => self.on_power_on(now),
            Order::Write { pin, value } => self.say(|device| device.report(pin, value)),
            Order::SetStatus(status) => self.say(|device| device.set_status(status)),
            Order::Sleep(status) => self.on_sleep(status),
            Order::SetHeartbeat(_) => self.remark("speaks HTTP: has no heartbeat"),
            Order::Garbage(..) => self.remark("speaks HTTP: no connection to send it on"),
        }
    }

    fn on_connect(&mut self, now: Instant) {
        if self.intends {
            return self.remark("reports already");
        }
        self.intends = true;
        if self.powered { self.begin(now) } else { self.remark("no power: reports when it is back") }
    }

    fn on_disconnect(&mut self) {
        if !self.intends {
            return self.remark("does not report");
        }
        self.stop();
    }

    fn on_power_off(&mut self) {
        if !self.powered {
            return self.remark("no power already");
        }
        self.powered = false;
        self.next_report = None;
    }

    fn on_power_on(&mut self, now: Instant) {
        if self.powered {
            return self.remark("powered already");
        }
        self.powered = true;
        if self.intends {
            self.begin(now);
        }
    }

    fn on_sleep(&mut self, status: &str) {
        self.stop();
        self.say(|device| device.set_status(status));
    }

    fn on_timeout(&mut self, now: Instant) {
        if let Some(due) = self.next_report.filter(|due| *due <= now) {
            self.report(OWN_PIN, OWN_VALUE);
            self.next_report = self.period.map(|period| next_due(due, period, now));
        }
    }

    /// Reports at once, and from then on each period.
    fn begin(&mut self, now: Instant) {
        self.report(OWN_PIN, OWN_VALUE);
        self.next_report = self.period.map(|period| next_due(now, period, now));
    }

    fn stop(&mut self) {
        self.intends = false;
        self.next_report = None;
    }

    fn say(&mut self, what: impl FnOnce(&mut Self)) {
        if self.powered { what(self) } else { self.remark("no power: discarded") }
    }

    fn report(&mut self, pin: Pin, value: &str) {
        let request = Request::Update { token: self.token, pin, value: value.into() };
        self.outputs.push_back(Output::Request(request.into()));
    }

    fn set_status(&mut self, status: &str) {
        let request = Request::SetStatus { token: self.token, status: status.into() };
        self.outputs.push_back(Output::Request(request.into()));
    }

    fn remark(&mut self, text: &'static str) {
        self.outputs.push_back(Output::Remark(text));
    }
}

#[cfg(test)]
mod tests;
