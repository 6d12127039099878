//! What is told to people when a device enters a status, by which way and to whom.
//!
//! Owns the words, and what a device's notifications are counted by. Does not decide what is owed or when it is tried
//! again: that is the [outbox](crate::outbox); nor how it is delivered: that is the shell's.

mod failure;

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;

pub use failure::Failure;
use serde::{Deserialize, Serialize};

use crate::id::{DeviceId, NotificationId, StatusIndex};
use crate::time::{Duration, Instant};

/// Whether and how a status notifies (`lifecycle` section 9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notify {
    /// By which ways; each is tried for each recipient.
    pub channels: Vec<Channel>,
    /// Names of recipients, which contacts resolve to addresses.
    pub to: Vec<String>,
    /// What it says; by default device and status.
    pub text: Option<String>,
    /// At most one in this time, which begins with one that was delivered. Zero: no limit.
    pub limit: Duration,
    /// Only every n-th entry into the status notifies.
    pub every: NonZeroU32,
}

/// A way to reach somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// A mail.
    Email,
    /// A push message to a phone, by way of a gateway.
    Push,
    /// A text message, by way of a gateway.
    Sms,
    /// A request to a URL.
    Webhook,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Email, Self::Push, Self::Sms, Self::Webhook];

    /// As scenarios and reports spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Push => "push",
            Self::Sms => "sms",
            Self::Webhook => "webhook",
        }
    }
}

/// One message to one recipient by one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// The key by which a receiver recognises a repetition.
    pub id: NotificationId,
    /// Whose status it is about.
    pub device: DeviceId,
    /// The place of the status that was entered, in the chain of that time.
    pub status: StatusIndex,
    /// The key of that status.
    pub key: Box<str>,
    /// What people called it. Neither changes when the template does: what is owed is told as it was earned.
    pub label: Box<str>,
    /// When.
    pub entered_at: Instant,
    /// By which way.
    pub channel: Channel,
    /// The recipient's name.
    pub to: Box<str>,
    /// The recipient's address or URL; none if no contact has that name.
    pub address: Option<Box<str>>,
    /// What it says; by default device and status.
    pub text: Option<Box<str>>,
    /// It is not tried this soon after another of its status, from an earlier entry, was delivered. Zero: no limit.
    pub limit: Duration,
}

/// What became of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Stage {
    /// It is to be delivered.
    Owed,
    /// The receiver took it.
    Delivered,
    /// It will never be delivered: a dead letter.
    Dead(Undeliverable),
}

/// Why a notification is a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Undeliverable {
    /// Nobody has that name.
    NoContact,
    /// More than a device may cause in a day.
    Quota,
    /// It is closer to another of its status than a device may cause: that is part of the quota.
    Gap,
    /// While it waited, another of the same status was delivered, whose period is not over.
    Limit,
    /// The outbox is full.
    Full,
    /// Every try failed.
    Tries,
    /// Its receiver will never take it, and said so.
    Refused,
    /// Its channel needs a gateway, and none is set up.
    NoGateway,
    /// Its channel reaches no such address: a webhook needs a URL, a mail a mailbox.
    WrongAddress,
}

impl Undeliverable {
    /// As scenarios and reports spell it (`lifecycle` section 9).
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoContact => "no-contact",
            Self::Quota | Self::Gap => "quota",
            Self::Limit => "limit",
            Self::Full => "full",
            Self::Tries => "tries",
            Self::Refused => "refused",
            Self::NoGateway => "no-gateway",
            Self::WrongAddress => "wrong-address",
        }
    }
}

/// Why, in one line.
impl fmt::Display for Undeliverable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoContact => "no contact has that name",
            Self::Quota => "over the device's quota of notifications",
            Self::Gap => "closer to another of this status than the setting notification-gap allows",
            Self::Limit => "another of this status was delivered within the limit's period",
            Self::Full => "the outbox is full",
            Self::Tries => "every try failed",
            Self::Refused => "its receiver refused it for good",
            Self::NoGateway => "no gateway for its channel is set up",
            Self::WrongAddress => "its channel reaches no such address",
        })
    }
}

/// How far a notification is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// How far.
    pub stage: Stage,
    /// How many tries failed.
    pub failed: u16,
    /// What the last of them met. None also where an older version wrote it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Whether somebody ordered it to be tried. What is told of long ago, or once more, says nothing of what is to be told
    /// next: its limit neither holds for it, nor begins a period with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ordered: bool,
    /// While it is owed: no try before. Afterwards: when it came to its end.
    pub at: Instant,
}

impl Progress {
    /// Of one that is owed from now on.
    pub fn new(now: Instant) -> Self {
        Self { stage: Stage::Owed, failed: 0, failure: None, ordered: false, at: now }
    }
}

/// What a device's notifications are counted by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// When its day began: with the first notification after the last day was over.
    pub day: Instant,
    /// How many it caused in that day.
    pub in_day: u16,
    /// By the key of a status that notifies: it keeps its count wherever a changed chain puts it.
    pub statuses: BTreeMap<Box<str>, Tally>,
}

/// Counts one status of one device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How often it was entered.
    pub entries: u32,
    /// When its newest notifications came to be.
    pub owed_at: Option<Instant>,
    /// The one of it that was delivered last.
    pub delivered: Option<Delivery>,
}

/// A notification was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// When the receiver took it. The period of a limit begins here.
    pub at: Instant,
    /// When the entry was that it told of: those of one entry do not limit each other.
    pub entered_at: Instant,
}
