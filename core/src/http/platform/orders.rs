//! What the product's API asks of one device: whether it is there, a status, a command.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::ask;
use super::{Desk, Failure, Problem, Subject, Wanted};
use crate::command::Verdict;
use crate::hub::{Reply, Wish};

/// Whether a device is connected.
#[derive(Serialize, ToSchema)]
pub(super) struct Online {
    connected: bool,
}

/// Whether a session speaks for the device.
#[utoipa::path(
    get,
    path = "/api/v1/organization/device/online",
    tag = "devices",
    security(("operator" = [])),
    params(("deviceId" = u32, Query)),
    responses((status = 200, body = Online), (status = 404, body = Failure))
)]
pub(super) async fn online(
    State(desk): State<Desk>,
    Subject(about): Subject,
) -> Result<Json<Online>, Problem> {
    let Reply::Connected(connected) = ask(&desk.calls, about, Wish::IsConnected).await? else {
        unreachable!("who asks whether a device is connected is told so")
    };
    Ok(Json(Online { connected }))
}

/// A status to be set.
#[derive(Deserialize, ToSchema)]
pub(super) struct SetStatus {
    /// The key of a status that stands later in the chain.
    #[schema(example = "standby", value_type = String)]
    status: Box<str>,
}

/// Sets a status that stands later in the device's chain.
#[utoipa::path(
    post,
    path = "/api/v1/organization/device/status",
    tag = "devices",
    security(("operator" = [])),
    params(("deviceId" = u32, Query)),
    request_body = SetStatus,
    responses((status = 200), (status = 400, body = Failure), (status = 404, body = Failure))
)]
pub(super) async fn set_status(
    State(desk): State<Desk>,
    Subject(about): Subject,
    Wanted(wanted): Wanted<SetStatus>,
) -> Result<(), Problem> {
    ask(&desk.calls, about, Wish::SetStatus(wanted.status)).await.map(drop)
}

/// A value for a pin.
#[derive(Deserialize, ToSchema)]
pub(super) struct Command {
    /// `V0` to `V255`.
    #[schema(example = "V1")]
    pin: String,
    /// As the device is sent it.
    #[schema(example = "1", value_type = String)]
    value: Box<str>,
}

/// What became of a command.
#[derive(Serialize, ToSchema)]
pub(super) struct Commanded {
    /// `sent` to the live connection, or `pending` until the device is back.
    state: &'static str,
    /// What the user is to be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<&'static str>,
}

/// Sends a value to the device, or keeps it until the device is back. Refused with 403 where its status blocks commands.
#[utoipa::path(
    post,
    path = "/api/v1/organization/device/command",
    tag = "devices",
    security(("operator" = [])),
    params(("deviceId" = u32, Query)),
    request_body = Command,
    responses((status = 200, body = Commanded), (status = 403, body = Failure), (status = 404, body = Failure))
)]
pub(super) async fn command(
    State(desk): State<Desk>,
    Subject(about): Subject,
    Wanted(wanted): Wanted<Command>,
) -> Result<Json<Commanded>, Problem> {
    let wish = Wish::Command(wanted.pin.parse()?, wanted.value);
    let Reply::Commanded(_, verdict) = ask(&desk.calls, about, wish).await? else {
        unreachable!("who commands is told what became of the command")
    };
    Ok(Json(commanded(verdict)))
}

fn commanded(verdict: Verdict) -> Commanded {
    let warning = Some("The device is not connected; the command is applied when it is back.");
    match verdict {
        Verdict::Sent => Commanded { state: "sent", warning: None },
        Verdict::Pending => Commanded { state: "pending", warning: None },
        Verdict::Warned => Commanded { state: "pending", warning },
        Verdict::Blocked => unreachable!("a command that is blocked is refused"),
    }
}
