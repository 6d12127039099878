//! Devices: the list, one of them, new ones, changes, tokens.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::shape::{self, Contacts};
use super::view::{self, Link, StatusLook, Summary};
use super::{Desk, Failure, NEVER_SEEN, Operator, Page, Problem, SHAPE_LIMIT, Wanted};
use crate::hub::{Changes, Hub, Order, Refusal, Reply};
use crate::id::{DeviceId, Token};
use crate::store::{self, Identity, Section};
use crate::time::Instant;

/// The devices, and how many there are in each status.
#[derive(Serialize, ToSchema)]
pub(super) struct List {
    #[serde(flatten)]
    page: Page<Summary>,
    /// Of all devices, whatever was searched for.
    statuses: Vec<Count>,
    /// The server's time.
    now: u64,
}

/// How many devices are in a status.
#[derive(Serialize, ToSchema)]
pub(super) struct Count {
    /// None: they were never seen.
    status: Option<StatusLook>,
    count: u64,
}

/// The devices in the order of their numbers.
#[utoipa::path(
    get,
    path = "/api/v1/organization/devices",
    tag = "devices",
    security(("operator" = [])),
    params(
        ("page" = Option<u32>, Query, description = "Counts from 0."),
        ("size" = Option<u32>, Query, description = "At most 500; 50 unless it is named."),
        ("search" = Option<String>, Query, description = "A part of the name or of the template's, in any case."),
        ("status" = Option<String>, Query, description = "The key of a status, or `new`."),
    ),
    responses((status = 200, body = List), (status = 401, body = Failure))
)]
pub(super) async fn list(State(desk): State<Desk>, mut operator: Operator) -> Result<Json<List>, Problem> {
    let section = operator.section()?;
    let filter = Filter {
        search: operator.0.take("search").unwrap_or_default().to_lowercase(),
        status: operator.0.take("status").filter(|status| !status.is_empty()),
    };
    Ok(Json(desk.calls.look(move |now, hub| List::of(now, hub, &filter, section)).await?))
}

struct Filter {
    search: String,
    status: Option<String>,
}

impl Filter {
    fn fits(&self, hub: &Hub, device: DeviceId) -> bool {
        let status = self.status.as_ref().is_none_or(|status| status == key(hub, device));
        status && (self.search.is_empty() || self.is_named(hub, device))
    }

    fn is_named(&self, hub: &Hub, device: DeviceId) -> bool {
        let identity = hub.identity(device).expect("a device has an identity");
        let name = view::name(device, &identity.name);
        [&name, &identity.template].into_iter().any(|text| text.to_lowercase().contains(&self.search))
    }
}

/// The key of its status, or `new`.
fn key(hub: &Hub, device: DeviceId) -> &str {
    let machine = hub.registry().machine(device);
    machine.standing().map_or(NEVER_SEEN, |standing| &machine.template().chain.status(standing.status).key)
}

impl List {
    fn of(now: Instant, hub: &Hub, filter: &Filter, Section { offset, limit }: Section) -> Self {
        let (mut content, mut total, mut statuses) = (Vec::new(), 0, BTreeMap::new());
        for device in hub.registry().devices() {
            let count = statuses.entry(key(hub, device)).or_insert((0, device));
            count.0 += 1;
            if filter.fits(hub, device) {
                if total >= offset && content.len() < limit as usize {
                    content.extend(Summary::of(hub, device));
                }
                total += 1;
            }
        }
        let count = |(count, example): (u64, DeviceId)| {
            let machine = hub.registry().machine(example);
            let status =
                machine.standing().map(|standing| machine.template().chain.status(standing.status).into());
            Count { status, count }
        };
        Self {
            page: Page { content, total_elements: total },
            statuses: statuses.into_values().map(count).collect(),
            now: now.as_millis(),
        }
    }
}

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
        let pins = |pins: Vec<(crate::id::Pin, &str)>| {
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

/// A new device.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewDevice {
    /// What people call it; one line of at most 100 characters.
    #[serde(default)]
    name: String,
    template_name: String,
    /// 32 printable characters that it logs in with; drawn unless they are named.
    token: Option<String>,
    #[serde(default)]
    contacts: Contacts,
}

/// What a new device is called, and logs in with.
#[derive(Serialize, ToSchema)]
pub(super) struct Created {
    id: u32,
    token: String,
}

/// Adds a device, which may log in at once.
#[utoipa::path(
    post,
    path = "/api/v1/organization/device",
    tag = "devices",
    security(("operator" = [])),
    request_body = NewDevice,
    responses(
        (status = 201, body = Created),
        (status = 400, body = Failure),
        (status = 404, body = Failure, description = "No such template."),
        (status = 409, body = Failure, description = "Another device has this token.")
    )
)]
pub(super) async fn create(
    State(desk): State<Desk>,
    _: Operator,
    Wanted(new): Wanted<NewDevice, SHAPE_LIMIT>,
) -> Result<(StatusCode, Json<Created>), Problem> {
    let token = new.token.as_deref().map_or_else(|| Ok((desk.tokens)()), token)?;
    let (name, contacts) = (shape::name("name", new.name)?, shape::contacts(new.contacts)?);
    let identity = Identity { name, token, template: new.template_name, contacts };
    let template = identity.template.clone();
    check_webhooks(&desk, &identity.contacts, move |_| Some(template)).await?;
    let Reply::Added(id) = desk.order(Order::Device(identity)).await? else {
        unreachable!("who adds a device is told its number")
    };
    Ok((StatusCode::CREATED, Json(Created { id: id.0, token: token.as_str().into() })))
}

fn token(text: &str) -> Result<Token, Problem> {
    Token::parse(text.as_bytes()).ok_or_else(|| Problem::WrongField {
        field: "token".into(),
        why: format!("it has to be {} printable characters without a space", Token::LEN),
    })
}

/// What a device's own contacts are told by webhook has to find them. A template that is not there is refused elsewhere.
async fn check_webhooks(
    desk: &Desk,
    contacts: &Contacts,
    template: impl FnOnce(&Hub) -> Option<String> + Send + 'static,
) -> Result<(), Problem> {
    let see = move |_, hub: &Hub| hub.templates().get(&template(hub)?).cloned();
    match desk.calls.look(see).await? {
        Some(template) => shape::check_webhooks(&template.chain, contacts),
        None => Ok(()),
    }
}

/// What is to be changed; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeviceChange {
    name: Option<String>,
    template_name: Option<String>,
    contacts: Option<Contacts>,
}

/// Changes a device. Another template applies as a changed one does.
#[utoipa::path(
    patch,
    path = "/api/v1/organization/device",
    tag = "devices",
    security(("operator" = [])),
    params(("deviceId" = u32, Query)),
    request_body = DeviceChange,
    responses((status = 200), (status = 400, body = Failure), (status = 404, body = Failure))
)]
pub(super) async fn change(
    State(desk): State<Desk>,
    mut operator: Operator,
    Wanted(change): Wanted<DeviceChange, SHAPE_LIMIT>,
) -> Result<(), Problem> {
    let changes = Changes {
        name: change.name.map(|name| shape::name("name", name)).transpose()?,
        token: None,
        template: change.template_name,
        contacts: change.contacts.map(shape::contacts).transpose()?,
    };
    let id = operator.device()?;
    if let Some(contacts) = &changes.contacts {
        let template = changes.template.clone();
        let follows = move |hub: &Hub| template.or_else(|| Some(hub.identity(id)?.template.clone()));
        check_webhooks(&desk, contacts, follows).await?;
    }
    desk.order(Order::Identity(id, changes)).await.map(drop)
}

/// Removes a device.
///
/// Its token is worth nothing at once, who is connected with it is let go, and nothing is kept of it, neither its timeline nor
/// its notifications; what is still owed is not delivered any more. Its number is not used again.
#[utoipa::path(
    delete,
    path = "/api/v1/organization/device",
    tag = "devices",
    security(("operator" = [])),
    params(("deviceId" = u32, Query)),
    responses((status = 200), (status = 404, body = Failure))
)]
pub(super) async fn remove(State(desk): State<Desk>, mut operator: Operator) -> Result<(), Problem> {
    let id = operator.device()?;
    desk.order(Order::RemoveDevice(id)).await.map(drop)
}

/// A new token for the device. The old one is worth nothing at once: who is connected with it is let go.
#[utoipa::path(
    post,
    path = "/api/v1/organization/device/token",
    tag = "devices",
    security(("operator" = [])),
    params(("deviceId" = u32, Query)),
    responses((status = 200, body = Created), (status = 404, body = Failure))
)]
pub(super) async fn renew(
    State(desk): State<Desk>,
    mut operator: Operator,
) -> Result<Json<Created>, Problem> {
    let (id, token) = (operator.device()?, (desk.tokens)());
    let changes = Changes { token: Some(token), ..Changes::default() };
    desk.order(Order::Identity(id, changes)).await?;
    Ok(Json(Created { id: id.0, token: token.as_str().into() }))
}
