//! The API of operators, and of users who command devices. They prove themselves first; then a number names the device.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::ask;
use super::operator::OperatorToken;
use super::problem::Problem;
use super::query::Query;
use crate::command::Verdict;
use crate::hub::{About, Reply, Wish};
use crate::id::DeviceId;
use crate::server::calls::Calls;

pub(super) fn routes(calls: Calls, token: OperatorToken) -> Router {
    Router::new()
        .route("/api/v1/organization/device/online", get(online))
        .route("/api/v1/organization/device/status", post(set_status))
        .route("/api/v1/organization/device/command", post(command))
        .with_state(Desk { calls, token })
}

/// Where operators are served.
#[derive(Clone, Debug)]
struct Desk {
    calls: Calls,
    token: OperatorToken,
}

/// The device that an operator asks about.
struct Subject(About);

/// Who asks is checked before what is asked.
impl FromRequestParts<Desk> for Subject {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Problem> {
        if !desk.token.is_in(&parts.headers) {
            return Err(Problem::NoOperator);
        }
        let mut query = Query::from_request_parts(parts, desk).await?;
        let text = query.take("deviceId").ok_or(Problem::Missing("deviceId"))?;
        Ok(Self(About::Device(device(&text).ok_or(Problem::WrongDevice(text))?)))
    }
}

fn device(text: &str) -> Option<DeviceId> {
    let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits?.parse().ok().map(DeviceId)
}

/// What is wanted, in a body of JSON, whatever its type is said to be: scripts forget to say it.
struct Order<T>(T);

impl<T: DeserializeOwned> FromRequest<Desk> for Order<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, desk: &Desk) -> Result<Self, Problem> {
        let body = Bytes::from_request(request, desk).await;
        let body = body.map_err(|rejection| Problem::NoBody(rejection.status()))?;
        serde_json::from_slice(&body).map(Self).map_err(|error| Problem::WrongBody(error.to_string()))
    }
}

#[derive(Serialize)]
struct Online {
    connected: bool,
}

async fn online(State(desk): State<Desk>, Subject(about): Subject) -> Result<Json<Online>, Problem> {
    let Reply::Connected(connected) = ask(&desk.calls, about, Wish::IsConnected).await? else {
        unreachable!("who asks whether a device is connected is told so")
    };
    Ok(Json(Online { connected }))
}

#[derive(Deserialize)]
struct SetStatus {
    status: Box<str>,
}

async fn set_status(
    State(desk): State<Desk>,
    Subject(about): Subject,
    Order(order): Order<SetStatus>,
) -> Result<(), Problem> {
    ask(&desk.calls, about, Wish::SetStatus(order.status)).await.map(drop)
}

#[derive(Deserialize)]
struct Command {
    pin: String,
    value: Box<str>,
}

#[derive(Serialize)]
struct Commanded {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<&'static str>,
}

async fn command(
    State(desk): State<Desk>,
    Subject(about): Subject,
    Order(order): Order<Command>,
) -> Result<Json<Commanded>, Problem> {
    let wish = Wish::Command(order.pin.parse()?, order.value);
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
