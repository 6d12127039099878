//! One device, with all that is known of it.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::shape::{self, Contacts};
use super::view::{self, Link, Summary};
use super::{Desk, Failure, Operator, Problem};
use crate::hub::{Hub, Refusal};
use crate::id::{DeviceId, Pin};
use crate::store;
use crate::time::Instant;

/// A device, with all that is known of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Device {
    #[serde(flatten)]
    summary: Summary,
    /// What it logs in with.
    token: String,
    /// Its own contacts, which go before its template's.
    contacts: Contacts,
    /// In seconds: announced by the device, or else its template's.
    heartbeat: u64,
    /// In seconds: how long it may be silent.
    allowance: u64,
    /// The chain that it follows.
    chain: Vec<Link>,
    /// The latest values.
    values: BTreeMap<String, String>,
    /// Commands that wait for it.
    pending: BTreeMap<String, String>,
    #[serde(flatten)]
    past: Past,
    /// The server's time.
    now: u64,
}

/// What the timeline tells of its past, in the product's words.
#[derive(Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Past {
    lifecycle_status: Option<LifecycleStatus>,
    /// The newest login or report.
    connect_time: Option<u64>,
    /// The newest end of a connection.
    disconnect_time: Option<u64>,
    /// The oldest login or report, as far as the timeline goes back.
    first_connect_time: Option<u64>,
    /// What it last told about itself.
    hardware_info: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct LifecycleStatus {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<String>,
}

/// One device.
#[utoipa::path(
    get,
    path = "/api/v1/organization/device",
    tag = "devices",
    security(("operator" = [])),
    params(("deviceId" = u32, Query)),
    responses((status = 200, body = Device), (status = 404, body = Failure))
)]
pub(super) async fn show(State(desk): State<Desk>, mut operator: Operator) -> Result<Json<Device>, Problem> {
    let id = operator.device()?;
    let device = desk.calls.look(move |now, hub| Device::of(now, hub, id)).await?;
    let device = device.ok_or(Refusal::NoSuchDevice(id))?;
    let past = desk.read(move |archive| archive.past(id)).await?;
    Ok(Json(device.with(past)))
}

impl Device {
    fn of(now: Instant, hub: &Hub, id: DeviceId) -> Option<Self> {
        let (summary, identity) = (Summary::of(hub, id)?, hub.identity(id)?);
        let machine = hub.registry().machine(id);
        let heartbeat = machine.heartbeat();
        let pins = |pins: Vec<(Pin, &str)>| {
            pins.into_iter().map(|(pin, value)| (pin.to_string(), shape::readable(value))).collect()
        };
        Some(Self {
            summary,
            token: identity.token.as_str().to_owned(),
            contacts: identity.contacts.clone(),
            heartbeat: heartbeat.as_millis() / 1_000,
            allowance: hub.settings().allowance.of(heartbeat).as_millis() / 1_000,
            chain: machine.template().chain.iter().map(Link::from).collect(),
            values: pins(hub.control().values(id).collect()),
            pending: pins(hub.control().pending(id).map(|command| (command.pin, &*command.value)).collect()),
            past: Past::default(),
            now: now.as_millis(),
        })
    }

    fn with(self, past: store::Past) -> Self {
        Self { past: Past::of(&self.summary, past), ..self }
    }
}

impl Past {
    /// The connection itself says when it began or ended, however long ago that is; the rest is what the timeline keeps.
    fn of(summary: &Summary, past: store::Past) -> Self {
        let status = summary.status.as_ref().map(view::Standing::named);
        let (came, went) = match summary.connection {
            view::Connection::Never => (None, None),
            view::Connection::Connected { since, .. } => (Some(since), None),
            view::Connection::Disconnected { at, .. } => (None, Some(at)),
        };
        Self {
            lifecycle_status: status.map(|(name, color)| LifecycleStatus { name, color }),
            connect_time: came.or(past.newest_arrival.map(Instant::as_millis)),
            disconnect_time: went.or(past.newest_end.map(Instant::as_millis)),
            first_connect_time: past.oldest_arrival.map(Instant::as_millis),
            hardware_info: past.client.map(String::from),
        }
    }
}
