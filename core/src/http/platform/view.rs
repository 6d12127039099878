//! How a device is shown: its connection and its status as two facts, and what comes next and when.

use serde::Serialize;
use utoipa::ToSchema;

use crate::command::Controls;
use crate::hub::Hub;
use crate::id::DeviceId;
use crate::lifecycle::{self, Due, Status, Template};

/// The reason of a device that has no connection because it needs none.
const REPORTED: &str = "reported";

/// A status, as people see it.
#[derive(Clone, Serialize, ToSchema)]
pub(super) struct StatusLook {
    #[schema(example = "offline")]
    pub(super) key: String,
    #[schema(example = "Offline")]
    pub(super) label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<String>,
}

/// A status in its chain.
#[derive(Serialize, ToSchema)]
pub(super) struct Link {
    #[serde(flatten)]
    status: StatusLook,
    /// In seconds: how long after the one before it is entered.
    after: u64,
}

/// The raw truth about the connection.
#[derive(Serialize, ToSchema)]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(super) enum Connection {
    /// It never logged in and never sent data.
    Never,
    /// A session speaks for it.
    Connected { since: u64, session: u64 },
    /// Nobody speaks for it.
    Disconnected {
        at: u64,
        /// The reason in a word, and in a line; `reported` of one that sent data over HTTP since.
        #[schema(example = "heartbeat")]
        reason: &'static str,
        #[schema(example = "no byte for 67s (1.5 x 45s): connection closed")]
        why: String,
        #[serde(rename = "lastByteAt")]
        last_byte_at: u64,
    },
}

/// Where it stands in its template's chain.
#[derive(Serialize, ToSchema)]
pub(super) struct Standing {
    #[serde(flatten)]
    status: StatusLook,
    since: u64,
    /// Whether users may command it now: `allow`, `warn` or `block`.
    #[schema(value_type = String, example = "allow")]
    controls: Controls,
}

/// The status that comes next if nothing is heard.
#[derive(Serialize, ToSchema)]
pub(super) struct Next {
    #[serde(flatten)]
    status: StatusLook,
    at: u64,
}

/// A device in a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) template_name: String,
    pub(super) connection: Connection,
    /// None before the first login or data.
    pub(super) status: Option<Standing>,
    /// None while it is connected, and at the end of its chain.
    next: Option<Next>,
}

impl From<&Status> for StatusLook {
    fn from(status: &Status) -> Self {
        let lifecycle::Look { color, icon, .. } = status.look.clone();
        Self { key: status.key.clone(), label: status.label().into(), color, icon }
    }
}

impl From<&Status> for Link {
    fn from(status: &Status) -> Self {
        Self { status: status.into(), after: status.wait.as_millis() / 1_000 }
    }
}

impl From<lifecycle::Connection> for Connection {
    fn from(connection: lifecycle::Connection) -> Self {
        match connection {
            lifecycle::Connection::Never => Self::Never,
            lifecycle::Connection::Connected { session, since } => {
                Self::Connected { since: since.as_millis(), session: session.0 }
            }
            lifecycle::Connection::Disconnected { at, reason, last_byte_at } => Self::Disconnected {
                at: at.as_millis(),
                reason: reason.name(),
                why: reason.to_string(),
                last_byte_at: last_byte_at.as_millis(),
            },
            lifecycle::Connection::Reported { at } => Self::Disconnected {
                at: at.as_millis(),
                reason: REPORTED,
                why: "it sent data over HTTP, without a connection".into(),
                last_byte_at: at.as_millis(),
            },
        }
    }
}

impl Summary {
    /// Of a device, if there is one.
    pub(super) fn of(hub: &Hub, device: DeviceId) -> Option<Self> {
        let identity = hub.identity(device)?;
        let machine = hub.registry().machine(device);
        let template = machine.template();
        Some(Self {
            id: device.0,
            name: name(device, &identity.name),
            template_name: identity.template.clone(),
            connection: machine.connection().into(),
            status: machine.standing().map(|standing| Standing::of(template, standing)),
            next: machine.poll_timeout().map(|(at, Due(status))| Next {
                status: template.chain.status(status).into(),
                at: at.as_millis(),
            }),
        })
    }
}

/// Who has no name is called by the number.
pub(super) fn name(device: DeviceId, name: &str) -> String {
    if name.is_empty() { format!("Device {}", device.0) } else { name.to_owned() }
}

impl Standing {
    /// Label and colour.
    pub(super) fn named(&self) -> (String, Option<String>) {
        (self.status.label.clone(), self.status.color.clone())
    }

    fn of(template: &Template, lifecycle::Standing { status, since }: lifecycle::Standing) -> Self {
        let status = template.chain.status(status);
        Self { status: status.into(), since: since.as_millis(), controls: status.controls }
    }
}
