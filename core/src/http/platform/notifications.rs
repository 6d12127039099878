//! Notifications, and what became of each.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::view::{self, StatusLook};
use super::{Desk, Failure, Operator, Page, Problem};
use crate::hub::{Hub, Order, Refusal, Reply};
use crate::notification::{Channel, Notification, Stage};
use crate::outbox::Turn;
use crate::store::{Kept, Letters, Section};

/// A notification.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Letter {
    /// By which a receiver knows a repetition.
    id: u64,
    device_id: u32,
    /// None: the device was removed a moment ago.
    device_name: Option<String>,
    /// The status that was entered, and when.
    status: Option<StatusLook>,
    entered_at: u64,
    #[schema(value_type = String)]
    channel: Channel,
    to: String,
    address: Option<String>,
    text: Option<String>,
    /// `owed`, `delivered` or `dead`.
    stage: &'static str,
    /// Why it is dead, in a word and in a line.
    reason: Option<&'static str>,
    why: Option<String>,
    failed_tries: u16,
    /// What the last try that failed met, whatever became of it then. None also where an older version tried.
    #[schema(example = "answered 503 Service Unavailable")]
    last_failure: Option<String>,
    /// When it came to its end; while it is owed, no try before.
    at: u64,
}

/// When a notification is tried that was ordered to be.
#[derive(Serialize, ToSchema)]
pub(super) struct Ordered {
    /// `now`, or `later`.
    #[schema(example = "now")]
    tried: &'static str,
    /// For people.
    #[schema(example = "It is tried now.")]
    message: String,
}

/// Notifications, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/organization/notifications",
    tag = "notifications",
    security(("operator" = [])),
    params(
        ("dead" = Option<bool>, Query, description = "`true`: only dead letters, of all devices."),
        ("deviceId" = Option<u32>, Query, description = "Only those about one device."),
        ("page" = Option<u32>, Query),
        ("size" = Option<u32>, Query),
    ),
    responses(
        (status = 200, body = Page<Letter>),
        (status = 400, body = Failure),
        (status = 404, body = Failure, description = "There is no such device.")
    )
)]
pub(super) async fn page(
    State(desk): State<Desk>,
    mut operator: Operator,
) -> Result<Json<Page<Letter>>, Problem> {
    let section = operator.section()?;
    let which = match operator.0.take("dead").as_deref() {
        Some("" | "true") => Letters::Dead,
        Some("false") | None => match operator.device() {
            Ok(device) => {
                desk.check_device(device).await?;
                Letters::Of(device)
            }
            Err(Problem::Missing(_)) => Letters::All,
            Err(problem) => return Err(problem),
        },
        Some(other) => {
            return Err(Problem::WrongWord { name: "dead", text: other.into(), right: "`true` or `false`" });
        }
    };
    let excerpt = desk.read(move |archive| archive.notifications(which, section)).await?;
    let page = move |hub: &Hub| Page::of(excerpt, |kept| Letter::of(hub, &kept));
    Ok(Json(desk.calls.look(move |_, hub| page(hub)).await?))
}

/// Tries a notification now that is owed, or is a dead letter.
///
/// A dead letter is owed again and has all its tries before it. Either goes to the address that its recipient has now. What the
/// device owes before it is tried before it. The `limit` of its status neither holds for it nor begins with it.
#[utoipa::path(
    post,
    path = "/api/v1/organization/notification/retry",
    tag = "notifications",
    security(("operator" = [])),
    params(("notificationId" = u64, Query)),
    responses(
        (status = 200, body = Ordered),
        (status = 404, body = Failure),
        (
            status = 409,
            body = Failure,
            description = "It was delivered, or has come to its end meanwhile, or is a dead letter whose recipient is no contact any more."
        ),
        (status = 503, body = Failure, description = "It is a dead letter, and the outbox is full.")
    )
)]
pub(super) async fn retry(
    State(desk): State<Desk>,
    mut operator: Operator,
) -> Result<Json<Ordered>, Problem> {
    let id = operator.notification()?;
    let section = Section { offset: 0, limit: 1 };
    let found = desk.read(move |archive| archive.notifications(Letters::Numbered(id), section)).await?;
    let found = found.content.into_iter().next().ok_or(Refusal::NoSuchNotification(id))?;
    let order = Order::Retry(found.notification, found.progress.stage);
    let Reply::Ordered(turn) = desk.order(order).await? else {
        unreachable!("who orders a notification to be tried is told when it is")
    };
    Ok(Json(turn.into()))
}

impl From<Turn> for Ordered {
    fn from(turn: Turn) -> Self {
        let tried = match turn {
            Turn::Now => "now",
            Turn::AfterEarlier | Turn::AfterTry => "later",
        };
        Self { tried, message: turn.to_string() }
    }
}

impl Letter {
    fn of(hub: &Hub, Kept { notification, progress, template }: &Kept) -> Self {
        let Notification { id, device, status, entered_at, channel, to, address, text, .. } = notification;
        let (stage, dead) = match progress.stage {
            Stage::Owed => ("owed", None),
            Stage::Delivered => ("delivered", None),
            Stage::Dead(why) => ("dead", Some(why)),
        };
        Self {
            id: id.0,
            device_id: device.0,
            device_name: hub.identity(*device).map(|identity| view::name(*device, &identity.name)),
            status: template.chain.get(*status).map(StatusLook::from),
            entered_at: entered_at.as_millis(),
            channel: *channel,
            to: to.to_string(),
            address: address.as_deref().map(String::from),
            text: text.as_deref().map(String::from),
            stage,
            reason: dead.map(|why| why.name()),
            why: dead.map(|why| why.to_string()),
            failed_tries: progress.failed,
            last_failure: progress.failure.as_ref().map(ToString::to_string),
            at: progress.at.as_millis(),
        }
    }
}
