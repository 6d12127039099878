//! The API of operators, and of users who command devices: devices, templates, timelines, notifications, events.
//!
//! Paths that the product has are the product's; the others are ours. Operators prove themselves first; then a number
//! names the device. Times are milliseconds since the Unix epoch, lengths of time are whole seconds.

mod changes;
mod device;
mod devices;
mod edition;
mod events;
mod notifications;
mod orders;
mod shape;
mod templates;
mod timeline;
mod view;

use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::task::spawn_blocking;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::BODY_LIMIT;
use super::operator::OperatorToken;
use super::problem::Problem;
use super::query::Query;
use crate::hub::{About, Order, Refusal, Reply};
use crate::id::{DeviceId, NotificationId};
use crate::server::Tokens;
use crate::server::calls::Calls;
use crate::store::{Archive, Excerpt, Section, StoreError};

/// The most bytes of a body: what the longest template and the most contacts have room in, however they are spelt.
const SHAPE_LIMIT: usize = 2 * 1_024 * 1_024;

/// How devices are searched for that have no status yet. No status has this key.
pub(super) const NEVER_SEEN: &str = "new";

/// The most of a list that one request is given.
const PAGE_LIMIT: u32 = 500;

pub(super) fn routes(desk: Desk) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(devices::list))
        .routes(routes!(device::show, changes::create, changes::change, changes::remove))
        .routes(routes!(changes::renew))
        .routes(routes!(orders::online))
        .routes(routes!(orders::set_status))
        .routes(routes!(orders::command))
        .routes(routes!(timeline::page))
        .routes(routes!(templates::list))
        .routes(routes!(templates::show, templates::put, templates::remove))
        .routes(routes!(notifications::page))
        .routes(routes!(notifications::retry))
        .routes(routes!(events::stream))
        .with_state(desk)
}

/// Where operators are served.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) calls: Calls,
    /// What operators prove themselves with.
    pub(crate) token: OperatorToken,
    pub(crate) archive: Arc<dyn Archive>,
    pub(crate) tokens: Tokens,
}

/// What is answered instead, whatever is wrong.
#[derive(Serialize, ToSchema)]
struct Failure {
    error: Message,
}

/// Says what is wrong.
#[derive(Serialize, ToSchema)]
struct Message {
    /// For people.
    #[schema(example = "Device with identifier 7 is not found.")]
    message: String,
}

/// A part of a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Page<T> {
    content: Vec<T>,
    /// The length of the whole list.
    total_elements: u64,
}

/// Somebody who has proved to be an operator, and what else the query says.
struct Operator(Query);

/// Who asks is checked before what is asked.
impl FromRequestParts<Desk> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Problem> {
        if !desk.token.is_in(&parts.headers) {
            return Err(Problem::NoOperator);
        }
        Ok(Self(Query::from_request_parts(parts, desk).await?))
    }
}

impl Operator {
    fn device(&mut self) -> Result<DeviceId, Problem> {
        let text = self.0.take("deviceId").ok_or(Problem::Missing("deviceId"))?;
        number(&text).map(DeviceId).ok_or(Problem::WrongDevice(text))
    }

    fn notification(&mut self) -> Result<NotificationId, Problem> {
        let name = "notificationId";
        let text = self.0.take(name).ok_or(Problem::Missing(name))?;
        // No database numbers further.
        let id = number(&text).and_then(|id: i64| u64::try_from(id).ok());
        id.map(NotificationId).ok_or(Problem::WrongWord { name, text, right: "the number of a notification" })
    }

    /// `page` counts from 0; `size` is 50 unless it is named.
    fn section(&mut self) -> Result<Section, Problem> {
        let mut field = |name, default, range: RangeInclusive<u32>, right| {
            let Some(text) = self.0.take(name) else { return Ok(default) };
            let number = number(&text).filter(|number| range.contains(number));
            number.ok_or(Problem::WrongWord { name, text, right })
        };
        let page = field("page", 0, 0..=u32::MAX, "a page from 0 to 4294967295")?;
        let limit = field("size", 50, 1..=PAGE_LIMIT, "a size from 1 to 500")?;
        Ok(Section { offset: u64::from(page) * u64::from(limit), limit })
    }
}

fn number<T: FromStr>(text: &str) -> Option<T> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// The device that an operator asks about.
struct Subject(About);

impl FromRequestParts<Desk> for Subject {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Problem> {
        Operator::from_request_parts(parts, desk).await?.device().map(About::Device).map(Self)
    }
}

/// What is wanted, in a body of JSON of so many bytes, whatever its type is said to be: scripts forget to say it.
struct Wanted<T, const LIMIT: usize = BODY_LIMIT>(T);

impl<T: DeserializeOwned, const LIMIT: usize> FromRequest<Desk> for Wanted<T, LIMIT> {
    type Rejection = Problem;

    async fn from_request(mut request: Request, desk: &Desk) -> Result<Self, Problem> {
        DefaultBodyLimit::max(LIMIT).apply(&mut request);
        let body = Bytes::from_request(request, desk).await;
        let body = body.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::BodyTooLong { limit: LIMIT },
            status => Problem::NoBody(status),
        })?;
        serde_json::from_slice(&body).map(Self).map_err(|error| Problem::WrongBody(error.to_string()))
    }
}

impl Desk {
    async fn order(&self, order: Order) -> Result<Reply, Problem> {
        Ok(self.calls.order(order).await??)
    }

    /// Refuses what is asked of a device that there is not.
    async fn check_device(&self, device: DeviceId) -> Result<(), Problem> {
        let is_there = self.calls.look(move |_, hub| hub.identity(device).is_some()).await?;
        if is_there { Ok(()) } else { Err(Refusal::NoSuchDevice(device).into()) }
    }

    /// Reads from the archive, beside the tasks that serve.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Archive) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        let archive = self.archive.clone();
        let read = spawn_blocking(move || read(&*archive)).await;
        let read = read.map_err(|error| Problem::Unreadable(error.to_string()))?;
        read.map_err(|error| Problem::Unreadable(error.to_string()))
    }
}

impl<T> Page<T> {
    fn of<U>(excerpt: Excerpt<U>, show: impl FnMut(U) -> T) -> Self {
        let content = excerpt.content.into_iter().map(show).collect();
        Self { content, total_elements: excerpt.total }
    }
}
