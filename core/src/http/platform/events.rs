//! What happens, told as it happens: server-sent events.
//!
//! Owns the stream's spelling. What is told is durable; who falls too far behind is told that something was missed, and
//! asks again.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use hyper::body::Frame;
use serde::Serialize;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;
use utoipa::ToSchema;

use super::super::lease::Lease;
use super::timeline::Line;
use super::{Desk, Failure, Operator, Problem};
use crate::id::DeviceId;
use crate::server::news::News;

/// An event `entry`: a line of a device's timeline.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Told {
    device_id: u32,
    line: Line,
}

/// An event `device`: a device is new, was changed, has another value or command, or is gone.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChangedDevice {
    device_id: u32,
}

/// An event `template`: a template is new, was changed, or is gone.
#[derive(Serialize)]
struct ChangedTemplate<'a> {
    name: &'a str,
}

/// All that happens from now on, as server-sent events.
///
/// They are `entry` with a line of a device's timeline, `device` and `template` with what was changed, and `missed` where the
/// reader was too slow.
#[utoipa::path(
    get,
    path = "/api/v1/organization/events",
    tag = "events",
    security(("operator" = [])),
    params(("deviceId" = Option<u32>, Query, description = "Only about one device.")),
    responses(
        (status = 200, body = Told, content_type = "text/event-stream"),
        (status = 400, body = Failure),
        (status = 404, body = Failure, description = "There is no such device.")
    )
)]
pub(super) async fn stream(
    State(desk): State<Desk>,
    Extension(lease): Extension<Lease>,
    mut operator: Operator,
) -> Result<Response, Problem> {
    let about = match operator.device() {
        Ok(device) => {
            desk.check_device(device).await?;
            Some(device)
        }
        Err(Problem::Missing(_)) => None,
        Err(problem) => return Err(problem),
    };
    let source = Source { news: desk.calls.news(), about, lease: lease.clone() };
    let greeting = Box::pin(async { Some((Bytes::from_static(b": hello\n\n"), source)) });
    let headers = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-cache")];
    Ok((headers, Body::new(Feed { next: greeting, lease })).into_response())
}

/// Where events come from.
struct Source {
    news: broadcast::Receiver<News>,
    about: Option<DeviceId>,
    lease: Lease,
}

/// A piece of the stream, and where the next comes from.
type Piece = Option<(Bytes, Source)>;

/// The stream as a body.
struct Feed {
    next: Pin<Box<dyn Future<Output = Piece> + Send>>,
    lease: Lease,
}

impl hyper::body::Body for Feed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.lease.is_over() {
            return Poll::Ready(None);
        }
        let Some((bytes, source)) = ready!(self.next.as_mut().poll(cx)) else { return Poll::Ready(None) };
        self.next = Box::pin(source.next());
        // It is asked for more, so it takes what it is sent.
        self.lease.renew();
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }
}

impl Source {
    async fn next(mut self) -> Piece {
        // A remark in between keeps the connection, and shows when its peer is gone. What this reader is not told of is no
        // sign of life to it, so the pause goes on meanwhile.
        let pause = self.lease.patience() / 3;
        let text = match timeout(pause.into(), self.wanted()).await {
            Ok(wanted) => wanted?,
            Err(_) => ": still here\n\n".into(),
        };
        Some((text.into(), self))
    }

    /// The next event that this reader is told of; none when the server stops.
    async fn wanted(&mut self) -> Option<String> {
        loop {
            match self.news.recv().await {
                Ok(news) => {
                    if let Some(text) = self.told(&news) {
                        return Some(text);
                    }
                }
                Err(RecvError::Lagged(_)) => return Some("event: missed\ndata: {}\n\n".into()),
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// How an event is spelt, if this reader is told of it.
    fn told(&self, news: &News) -> Option<String> {
        let is_wanted = |device: DeviceId| self.about.is_none_or(|about| about == device);
        match news {
            News::Entry(device, entry, template) => is_wanted(*device).then(|| {
                let line = Line::of(entry.at, &entry.event, template);
                event("entry", &Told { device_id: device.0, line })
            }),
            News::Device(device) => {
                is_wanted(*device).then(|| event("device", &ChangedDevice { device_id: device.0 }))
            }
            News::Template(name) => Some(event("template", &ChangedTemplate { name })),
        }
    }
}

fn event(name: &str, data: &impl Serialize) -> String {
    let data = serde_json::to_string(data).expect("an event can be written as JSON");
    format!("event: {name}\ndata: {data}\n\n")
}
