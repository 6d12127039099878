//! Devices that are added, changed, given another token, and removed.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::shape::{self, Contacts};
use super::{Desk, Failure, Operator, Problem, SHAPE_LIMIT, Wanted};
use crate::hub::{Changes, Hub, Order, Reply};
use crate::id::Token;
use crate::store::Identity;

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
