//! What scripts, pages and devices without a connection ask of the hub, and what they are answered.

use std::net::SocketAddr;

use super::{Hub, Output};
use crate::command::{Controls, Verdict};
use crate::id::{CommandId, DeviceId, NotificationId, Pin, Token};
use crate::lifecycle::{self, Status};
use crate::outbox::Turn;
use crate::session::PinValue;
use crate::store::Write;
use crate::time::Instant;
use crate::timeline::{Event, Setter};

/// Names a question, so that its answer finds back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallId(pub u64);

/// A question or an order from outside any session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Whom it is about.
    pub about: About,
    /// What is wanted.
    pub wish: Wish,
}

/// Names a device, and says who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The device itself, or a script that holds its token.
    Token(Token),
    /// An operator or a user, whose right was checked before.
    Device(DeviceId),
}

/// What is wanted of the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Data: values of pins, or none where it is data that is kept nowhere.
    Report {
        /// Pins and values.
        values: Vec<(Pin, Box<str>)>,
        /// Where it comes from.
        address: SocketAddr,
    },
    /// The latest values of these pins; none named: of all that have one.
    Get(Vec<Pin>),
    /// Whether a session speaks for the device.
    IsConnected,
    /// A status that stands later in the chain.
    SetStatus(Box<str>),
    /// A value for a pin, by a user.
    Command(Pin, Box<str>),
}

/// An answer to a [`Call`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done,
    /// Values, in order of pins.
    Values(Vec<(Pin, Box<str>)>),
    /// Whether a session speaks for the device.
    Connected(bool),
    /// What became of the command.
    Commanded(CommandId, Verdict),
    /// The new device.
    Added(DeviceId),
    /// The notification is tried, and this is when.
    Ordered(Turn),
}

/// Why a [`Call`] is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No device has this token.
    #[error("Invalid token.")]
    InvalidToken,
    /// No device has this number.
    #[error("Device with identifier {} is not found.", .0.0)]
    NoSuchDevice(DeviceId),
    /// No template has this name.
    #[error("Template {0} is not found.")]
    NoSuchTemplate(Box<str>),
    /// The template cannot be removed.
    #[error("Template {name} cannot be removed: {} it. Give what follows it another template first.", follow(*devices))]
    TemplateFollowed {
        /// Its name.
        name: Box<str>,
        /// How many devices follow it.
        devices: usize,
    },
    /// It was to be a new one.
    #[error("Template {0} is there already.")]
    TemplateTaken(Box<str>),
    /// It is not what was seen of it any more.
    #[error("Template {0} was changed or removed meanwhile: look at it again.")]
    TemplateChanged(Box<str>),
    /// No notification has this number, or its device is gone.
    #[error("Notification with identifier {} is not found.", .0.0)]
    NoSuchNotification(NotificationId),
    /// It cannot be tried again.
    #[error("Notification {} was delivered.", .0.0)]
    Delivered(NotificationId),
    /// It was owed a moment ago.
    #[error("Notification {} has come to its end meanwhile: look again how.", .0.0)]
    Ended(NotificationId),
    /// Nobody whom the device may notify has this name.
    #[error("Neither the device nor its template has a contact {0}: give one of them such a contact first.")]
    NoContact(Box<str>),
    /// As many are owed as may be.
    #[error("The outbox is full: as many notifications are owed as may be.")]
    OutboxFull,
    /// Another device has this token.
    #[error("Another device has this token.")]
    TokenTaken,
    /// The pin was never written.
    #[error("Pin {0} has no value.")]
    NoValue(Pin),
    /// The value is longer than the server takes.
    #[error("The value of {pin} has {length} bytes; at most {limit} are allowed.")]
    ValueTooLong {
        /// Its pin.
        pin: Pin,
        /// Its length.
        length: usize,
        /// The most.
        limit: u16,
    },
    /// The device's template has no such status that it could be set to now.
    #[error("Status {status} cannot be set now; allowed: {}.", listed(allowed))]
    StatusNotAllowed {
        /// What was asked for.
        status: Box<str>,
        /// The keys that could be set.
        allowed: Vec<Box<str>>,
    },
    /// The status of the device blocks commands.
    #[error("The device does not take commands while its status is {status}.")]
    Blocked {
        /// What people call the status.
        status: Box<str>,
    },
}

impl Hub {
    pub(super) fn on_call(&mut self, now: Instant, id: CallId, Call { about, wish }: Call) {
        let reply = self.device(about).and_then(|device| match wish {
            Wish::Report { values, address } => self.on_report(now, device, values, address),
            Wish::Get(pins) => self.on_get(device, &pins),
            Wish::IsConnected => Ok(Reply::Connected(self.live_session(device).is_some())),
            Wish::SetStatus(status) => {
                self.set_status(now, device, &status, about.setter()).map(|()| Reply::Done)
            }
            Wish::Command(pin, value) => self.on_command(now, device, pin, value),
        });
        self.outputs.push_back(Output::Reply(id, reply));
    }

    fn device(&self, about: About) -> Result<DeviceId, Refusal> {
        match about {
            About::Token(token) => self.registry.find(&token).ok_or(Refusal::InvalidToken),
            About::Device(id) => self.identity(id).map(|_| id).ok_or(Refusal::NoSuchDevice(id)),
        }
    }

    fn on_report(
        &mut self,
        now: Instant,
        device: DeviceId,
        values: Vec<(Pin, Box<str>)>,
        address: SocketAddr,
    ) -> Result<Reply, Refusal> {
        values.iter().try_for_each(|(pin, value)| self.fits(*pin, value))?;
        values.into_iter().for_each(|(pin, value)| self.write_value(device, pin, value));
        if self.live_session(device).is_none() {
            self.record(now, device, Event::Reported { address });
        }
        self.tell(now, device, lifecycle::Input::Reported);
        Ok(Reply::Done)
    }

    fn fits(&self, pin: Pin, value: &str) -> Result<(), Refusal> {
        let (length, limit) = (value.len(), self.settings.value_limit);
        if length <= usize::from(limit) { Ok(()) } else { Err(Refusal::ValueTooLong { pin, length, limit }) }
    }

    fn on_get(&self, device: DeviceId, pins: &[Pin]) -> Result<Reply, Refusal> {
        let known = self.control.values(device);
        let values: Vec<_> = known.filter(|(pin, _)| pins.is_empty() || pins.contains(pin)).collect();
        match pins.iter().find(|pin| !values.iter().any(|(known, _)| known == *pin)) {
            Some(pin) => Err(Refusal::NoValue(*pin)),
            None => Ok(Reply::Values(values.into_iter().map(|(pin, value)| (pin, value.into())).collect())),
        }
    }

    fn on_command(
        &mut self,
        now: Instant,
        device: DeviceId,
        pin: Pin,
        value: Box<str>,
    ) -> Result<Reply, Refusal> {
        self.fits(pin, &value)?;
        let command = self.control.number(pin, value);
        let (id, verdict) = (command.id, self.verdict(device));
        self.record(now, device, Event::Commanded { command: command.clone(), verdict });
        match verdict {
            Verdict::Blocked => {
                let status = self.status(device).map(Status::label).unwrap_or_default().into();
                return Err(Refusal::Blocked { status });
            }
            Verdict::Sent | Verdict::Pending | Verdict::Warned => {}
        }
        self.write_value(device, pin, command.value.clone());
        self.write(Write::Pending(device, command.clone()));
        if let Some(session) = self.live_session(device) {
            self.outputs.push_back(Output::Values(session, None, vec![PinValue::from(&command)]));
        }
        self.control.keep(device, command);
        Ok(Reply::Commanded(id, verdict))
    }

    /// What a user who commands the device now is told.
    fn verdict(&self, device: DeviceId) -> Verdict {
        let connected = self.live_session(device).is_some();
        match self.status(device).map_or(Controls::Allow, |status| status.controls) {
            Controls::Block => Verdict::Blocked,
            Controls::Allow | Controls::Warn if connected => Verdict::Sent,
            Controls::Allow => Verdict::Pending,
            Controls::Warn => Verdict::Warned,
        }
    }

    /// The status that the device is in.
    fn status(&self, device: DeviceId) -> Option<&Status> {
        let machine = self.registry.machine(device);
        Some(machine.template().chain.status(machine.standing()?.status))
    }
}

impl About {
    /// Who sets the status that this asks for.
    const fn setter(self) -> Setter {
        match self {
            Self::Token(_) => Setter::Device,
            Self::Device(_) => Setter::Operator,
        }
    }
}

fn follow(devices: usize) -> String {
    if devices == 1 { "1 device follows".into() } else { format!("{devices} devices follow") }
}

fn listed(keys: &[Box<str>]) -> String {
    if keys.is_empty() { "none".into() } else { keys.join(", ") }
}
