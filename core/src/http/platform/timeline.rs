//! A device's timeline: what happened when, and why, in one line each.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::view::StatusLook;
use super::{Desk, Failure, Operator, Page, Problem, shape};
use crate::command::Verdict;
use crate::hub::Refusal;
use crate::id::StatusIndex;
use crate::lifecycle::Template;
use crate::notification::{Notification, Stage};
use crate::store::{Recorded, Section};
use crate::time::Instant;
use crate::timeline::{Change, Event, shown};

/// So many neighbours of a page are read as well: a disconnect and the login that ends it may lie on two pages.
const NEIGHBOURS: u32 = 50;

/// A line of a timeline.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line {
    /// Its place in the timeline, for ever. A line that is told live has none yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<u64>,
    at: u64,
    #[schema(example = "status")]
    kind: &'static str,
    /// What happened and why, in one line.
    #[schema(example = "no byte for 67s (1.5 x 45s): connection closed")]
    text: String,
    /// Of a change: the status that was left, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<StatusLook>,
    /// Of a change: the status that was entered.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<StatusLook>,
    /// Of a close: why, in a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// Of a close: milliseconds since the last byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    close_latency: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<u64>,
    /// Whether the template hides it: a short disconnect, or a status that it does not show.
    hidden: bool,
}

/// A device's timeline, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/organization/device/timeline",
    tag = "devices",
    security(("operator" = [])),
    params(("deviceId" = u32, Query), ("page" = Option<u32>, Query), ("size" = Option<u32>, Query)),
    responses((status = 200, body = Page<Line>), (status = 404, body = Failure))
)]
pub(super) async fn page(
    State(desk): State<Desk>,
    mut operator: Operator,
) -> Result<Json<Page<Line>>, Problem> {
    let (id, section) = (operator.device()?, operator.section()?);
    let is_there = desk.calls.look(move |_, hub| hub.identity(id).is_some()).await?;
    if !is_there {
        return Err(Refusal::NoSuchDevice(id).into());
    }
    let before = u32::try_from(section.offset.min(u64::from(NEIGHBOURS))).expect("a few");
    let wider =
        Section { offset: section.offset - u64::from(before), limit: before + section.limit + NEIGHBOURS };
    let excerpt = desk.read(move |archive| archive.timeline(id, wider)).await?;
    let hidden = hidden(&excerpt.content);
    let lines = excerpt.content.iter().zip(hidden).map(|(recorded, hidden)| Line {
        sequence: Some(recorded.sequence),
        hidden,
        ..Line::of(recorded.entry.at, &recorded.entry.event, &recorded.template)
    });
    let content = lines.skip(before as usize).take(section.limit as usize).collect();
    Ok(Json(Page { content, total_elements: excerpt.total }))
}

/// Which entries the view leaves out. They begin with the newest.
fn hidden(entries: &[Recorded]) -> Vec<bool> {
    let oldest_first: Vec<_> =
        entries.iter().rev().map(|it| (it.entry.at, &it.entry.event, &*it.template)).collect();
    let mut hidden = vec![true; entries.len()];
    for place in shown(&oldest_first) {
        hidden[entries.len() - 1 - place] = false;
    }
    hidden
}

impl Line {
    /// A line that is not hidden, and has no place yet.
    pub(super) fn of(at: Instant, event: &Event, template: &Template) -> Self {
        let look = |status: StatusIndex| template.chain.get(status).map(StatusLook::from);
        let (kind, text) = told(event);
        let mut line = Self {
            sequence: None,
            at: at.as_millis(),
            kind,
            text,
            from: None,
            to: None,
            reason: None,
            close_latency: None,
            session: None,
            hidden: false,
        };
        match event {
            Event::Status(Change { from, to, .. }) => (line.from, line.to) = (from.and_then(look), look(*to)),
            Event::Closed { session, close } => {
                line.session = Some(session.0);
                line.reason = Some(close.reason.name());
                line.close_latency = Some(at.since(close.last_byte_at).as_millis());
            }
            Event::LoggedIn { session, .. }
            | Event::Announced { session, .. }
            | Event::Superseded { session, .. }
            | Event::Interrupted { session } => line.session = Some(session.0),
            Event::Reported { .. }
            | Event::Commanded { .. }
            | Event::Applied { .. }
            | Event::Notified { .. } => {}
        }
        line
    }
}

/// The kind of an event, and what it says.
fn told(event: &Event) -> (&'static str, String) {
    match event {
        Event::LoggedIn { address, .. } => ("login", format!("logged in from {address}")),
        Event::Announced { heartbeat, client, .. } => {
            let heartbeat = heartbeat.map(|heartbeat| format!("heartbeat {heartbeat}"));
            let parts = [Some(client.to_string()).filter(|client| !client.is_empty()), heartbeat];
            ("announced", parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
        }
        Event::Superseded { by, .. } => ("superseded", format!("superseded by a newer login, session {by}")),
        Event::Closed { close, .. } => ("closed", close.reason.to_string()),
        Event::Interrupted { .. } => {
            ("interrupted", "the server was down, and is up again; the device did not disconnect".into())
        }
        Event::Reported { address } => ("reported", format!("sent data by a request from {address}")),
        Event::Status(change) => ("status", change.cause.to_string()),
        Event::Commanded { command, verdict } => {
            let became = match verdict {
                Verdict::Sent => "sent",
                Verdict::Pending | Verdict::Warned => "waits for the device",
                Verdict::Blocked => "refused: the status blocks commands",
            };
            ("commanded", format!("{} = {}: {became}", command.pin, shape::readable(&command.value)))
        }
        Event::Applied { pin, .. } => ("applied", format!("the command for {pin} was written to the device")),
        Event::Notified { notification, stage, failure } => {
            let (became, why) = match stage {
                Stage::Owed => ("is to be told", String::new()),
                Stage::Delivered => ("was told", String::new()),
                Stage::Dead(why) => ("will not be told", format!(": {why}")),
            };
            let last =
                failure.as_ref().map(|failure| format!("; the last try: {failure}")).unwrap_or_default();
            let Notification { to, channel, label, .. } = &**notification;
            ("notified", format!("{to} {became} of {label} by {}{why}{last}", channel.name()))
        }
    }
}
