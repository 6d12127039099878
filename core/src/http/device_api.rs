//! The API of devices that have no connection, and of scripts that hold a device's token. The token stands in the query.

use std::collections::BTreeSet;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Serialize, Serializer};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::Problem;
use super::query::Query;
use super::{Peer, ask};
use crate::hub::{About, Refusal, Reply, Wish};
use crate::id::{Pin, Token};
use crate::server::calls::Calls;

pub(super) fn routes(calls: Calls) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(is_connected))
        .routes(routes!(values))
        .routes(routes!(all_values))
        .routes(routes!(update))
        .routes(routes!(update_many))
        .routes(routes!(log_event))
        .routes(routes!(set_status))
        .with_state(calls)
}

/// A query with a token, and what else it says.
struct Asked {
    about: About,
    query: Query,
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let mut query = Query::from_request_parts(parts, state).await?;
        let token = query.take("token").ok_or(Problem::NoToken)?;
        let token = Token::parse(token.as_bytes()).ok_or(Refusal::InvalidToken)?;
        Ok(Self { about: About::Token(token), query })
    }
}

/// Whether a session speaks for the device: `true` or `false`.
#[utoipa::path(
    get,
    path = "/external/api/isHardwareConnected",
    tag = "device API",
    params(("token" = String, Query, description = "The device's token.")),
    responses((status = 200, body = bool), (status = 400, description = "What is wrong, as an error."))
)]
async fn is_connected(State(calls): State<Calls>, asked: Asked) -> Result<Json<bool>, Problem> {
    let Reply::Connected(connected) = ask(&calls, asked.about, Wish::IsConnected).await? else {
        unreachable!("who asks whether a device is connected is told so")
    };
    Ok(Json(connected))
}

/// One pin, `&V1` or `&pin=V1`: its value as text, or as a list if it has several. Several pins: as by `getAll`.
#[utoipa::path(
    get,
    path = "/external/api/get",
    tag = "device API",
    params(("token" = String, Query, description = "The device's token."), ("V1" = Option<String>, Query, description = "A pin, `V0` to `V255`; several may stand."),),
    responses((status = 200, content_type = "text/plain", body = String), (status = 400, description = "What is wrong, as an error."))
)]
async fn values(State(calls): State<Calls>, asked: Asked) -> Result<Response, Problem> {
    let pins = pins_to_get(&asked.query)?;
    let values = get_values(&calls, asked.about, pins).await?;
    Ok(match &values.0[..] {
        [(_, value)] if !has_several(value) => value.to_string().into_response(),
        [(_, value)] => Json(Value(value)).into_response(),
        [..] => Json(values).into_response(),
    })
}

fn pins_to_get(query: &Query) -> Result<Vec<Pin>, Problem> {
    let pins: Vec<Pin> = query.rest().map(pin_to_get).collect::<Result<_, _>>()?;
    if pins.is_empty() { Err(Problem::NoPin) } else { all_different(pins) }
}

/// Some libraries write `V1=` for a key that stands alone.
fn pin_to_get(pair: (&str, Option<&str>)) -> Result<Pin, Problem> {
    match pair {
        ("pin", Some(pin)) | (pin, None | Some("")) => Ok(pin.parse()?),
        (_, Some(_)) => Err(Problem::WrongPin),
    }
}

/// `{"V1":"22.5","V2":["1","2"]}`, in order of pins.
#[utoipa::path(
    get,
    path = "/external/api/getAll",
    tag = "device API",
    params(("token" = String, Query, description = "The device's token.")),
    responses((status = 200, body = BTreeMap<String, String>), (status = 400, description = "What is wrong, as an error."))
)]
async fn all_values(State(calls): State<Calls>, asked: Asked) -> Result<Json<Values>, Problem> {
    get_values(&calls, asked.about, Vec::new()).await.map(Json)
}

async fn get_values(calls: &Calls, about: About, pins: Vec<Pin>) -> Result<Values, Problem> {
    let Reply::Values(values) = ask(calls, about, Wish::Get(pins)).await? else {
        unreachable!("who asks for values is given values")
    };
    Ok(Values(values))
}

/// Sets one pin, `&V1=22.5`: data, which sets Online.
#[utoipa::path(
    get,
    path = "/external/api/update",
    tag = "device API",
    params(("token" = String, Query, description = "The device's token."), ("V1" = String, Query, description = "The value of a pin."),),
    responses((status = 200), (status = 400, description = "What is wrong, as an error."))
)]
async fn update(
    State(calls): State<Calls>,
    Extension(peer): Extension<Peer>,
    asked: Asked,
) -> Result<(), Problem> {
    match &pins_to_set(&asked.query)?[..] {
        [one] => report(&calls, peer, asked.about, vec![one.clone()]).await,
        [..] => Err(Problem::ManyPins),
    }
}

/// Sets several pins, `&V1=22.5&V2=1`.
#[utoipa::path(
    get,
    path = "/external/api/batch/update",
    tag = "device API",
    params(("token" = String, Query, description = "The device's token."), ("V1" = String, Query, description = "The value of a pin; several may stand."),),
    responses((status = 200), (status = 400, description = "What is wrong, as an error."))
)]
async fn update_many(
    State(calls): State<Calls>,
    Extension(peer): Extension<Peer>,
    asked: Asked,
) -> Result<(), Problem> {
    report(&calls, peer, asked.about, pins_to_set(&asked.query)?).await
}

fn pins_to_set(query: &Query) -> Result<Vec<(Pin, Box<str>)>, Problem> {
    let values: Vec<(Pin, Box<str>)> = query.rest().map(pin_to_set).collect::<Result<_, _>>()?;
    all_different(values.iter().map(|(pin, _)| *pin).collect())?;
    if values.is_empty() { Err(Problem::NoPin) } else { Ok(values) }
}

fn pin_to_set((pin, value): (&str, Option<&str>)) -> Result<(Pin, Box<str>), Problem> {
    let pin = pin.parse()?;
    Ok((pin, value.ok_or(Problem::NoValue(pin))?.into()))
}

/// `V1` and `v1` are different keys, and one pin.
fn all_different(pins: Vec<Pin>) -> Result<Vec<Pin>, Problem> {
    let mut seen = BTreeSet::new();
    match pins.iter().find(|pin| !seen.insert(**pin)) {
        Some(twice) => Err(Problem::Twice(twice.to_string())),
        None => Ok(pins),
    }
}

/// Events are data, and are kept nowhere.
#[utoipa::path(
    get,
    path = "/external/api/logEvent",
    tag = "device API",
    params(("token" = String, Query, description = "The device's token."), ("code" = String, Query, description = "The event."),),
    responses((status = 200), (status = 400, description = "What is wrong, as an error."))
)]
async fn log_event(
    State(calls): State<Calls>,
    Extension(peer): Extension<Peer>,
    mut asked: Asked,
) -> Result<(), Problem> {
    asked.query.take("code").filter(|code| !code.is_empty()).ok_or(Problem::Missing("code"))?;
    report(&calls, peer, asked.about, Vec::new()).await
}

async fn report(
    calls: &Calls,
    Peer(address): Peer,
    about: About,
    values: Vec<(Pin, Box<str>)>,
) -> Result<(), Problem> {
    ask(calls, about, Wish::Report { values, address }).await.map(drop)
}

/// Sets a status that stands later in the chain.
#[utoipa::path(
    get,
    path = "/external/api/setStatus",
    tag = "device API",
    params(("token" = String, Query, description = "The device's token."), ("status" = String, Query, description = "Its key."),),
    responses((status = 200), (status = 400, description = "What is wrong, as an error."))
)]
async fn set_status(State(calls): State<Calls>, mut asked: Asked) -> Result<(), Problem> {
    let status = asked.query.take("status").filter(|status| !status.is_empty());
    let status = status.ok_or(Problem::Missing("status"))?;
    ask(&calls, asked.about, Wish::SetStatus(status.into())).await.map(drop)
}

/// Pins with their values.
struct Values(Vec<(Pin, Box<str>)>);

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(pin, value)| (pin.to_string(), Value(value))))
    }
}

/// The value of a pin: a text, or a list of texts if the device wrote several at once.
struct Value<'a>(&'a str);

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if has_several(self.0) {
            serializer.collect_seq(self.0.split('\0'))
        } else {
            serializer.serialize_str(self.0)
        }
    }
}

fn has_several(value: &str) -> bool {
    value.contains('\0')
}
