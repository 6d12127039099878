//! HTTP, on the port of the devices: an API for devices and scripts, and one for operators.
//!
//! Owns paths, spelling and errors, which are the product's. Decides nothing about devices: a request becomes a
//! [call](crate::hub::Call) that the [hub](crate::hub) answers, and the answer is written down. Reads no clock but the
//! server's.

mod device_api;
mod failures;
mod lease;
mod metrics;
mod openapi;
mod operator;
mod page;
mod platform;
mod problem;
mod query;
mod rewind;

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

pub use operator::OperatorToken;
pub(crate) use platform::Desk;

use crate::hub::{About, Call, Refusal, Reply, Wish};
use crate::server::alarm::Alarm;
use crate::server::calls::Calls;
use crate::server::clock::Clock;
use crate::server::metrics::Metrics;
use crate::settings::Settings;
use crate::time::{Duration, Instant};
use failures::Failures;
use lease::Lease;
use openapi::Document;
use problem::Problem;
use rewind::Rewind;

/// The most bytes of a request before its body: method, path, query and headers.
const HEAD_LIMIT: usize = 16 * 1_024;
/// The most bytes of a request's body.
const BODY_LIMIT: usize = 16 * 1_024;

/// Everything that can be asked by HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    routes: Router,
    clock: Clock,
    /// How long a connection may take for the next request: to send it, and to take its answer.
    patience: Duration,
    failures: Failures,
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug)]
struct Peer(SocketAddr);

impl Api {
    pub(crate) fn new(desk: Desk, metrics: Arc<Metrics>, clock: Clock, settings: &Settings) -> Self {
        let calls = desk.calls.clone();
        let failures = Failures::new(settings.failures_per_address, clock, metrics.clone());
        let (routes, document) = OpenApiRouter::with_openapi(Document::openapi())
            .merge(device_api::routes(calls.clone()))
            .merge(platform::routes(desk))
            .split_for_parts();
        let routes = routes
            .merge(openapi::routes(&document))
            .merge(page::routes())
            .merge(metrics::routes(calls, metrics))
            .fallback(|| async { Problem::UnknownPath })
            .method_not_allowed_fallback(|| async { Problem::WrongMethod })
            .layer(DefaultBodyLimit::max(BODY_LIMIT));
        Self { routes, clock, patience: settings.login_timeout, failures }
    }

    /// Serves a connection whose beginning was read before. Its first request has to be whole before `due` is over, and
    /// each next one within the patience; so a peer that sends half a request, or takes no answer, is given up. After
    /// `stop`, no further request is heard.
    pub(crate) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
        first: Vec<u8>,
        address: SocketAddr,
        due: Instant,
        mut stop: Pin<&mut impl Future<Output = ()>>,
    ) {
        let lease = Lease::until(due, self.clock, self.patience);
        let routes = TowerToHyperService::new(self.routes.clone());
        let service = service_fn(|mut request: Request<Incoming>| {
            lease.renew();
            request.extensions_mut().insert(Peer(address));
            request.extensions_mut().insert(lease.clone());
            let answer = routes.call(request);
            async { Ok::<_, Infallible>(self.failures.hold_back(answer.await?, address).await) }
        });
        let serving = http1::Builder::new()
            // A date would be the time of this machine, not the server's.
            .auto_date_header(false)
            .max_buf_size(HEAD_LIMIT)
            .serve_connection(TokioIo::new(Rewind::new(first, stream)), service);
        let (mut serving, mut alarm, mut stopping) = (pin!(serving), Alarm::new(self.clock), false);
        poll_fn(|cx| {
            if !stopping && stop.as_mut().poll(cx).is_ready() {
                stopping = true;
                lease.end();
                serving.as_mut().graceful_shutdown();
            }
            if serving.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            alarm.poll_at(cx, lease.due().when_over())
        })
        .await;
    }
}

/// The status code that a call of a request is answered with.
pub fn status_code(answer: &Result<Reply, Refusal>) -> u16 {
    answer.as_ref().map_or_else(problem::status_of, |_| StatusCode::OK).as_u16()
}

/// Asks the hub.
async fn ask(calls: &Calls, about: About, wish: Wish) -> Result<Reply, Problem> {
    Ok(calls.ask(Call { about, wish }).await??)
}
