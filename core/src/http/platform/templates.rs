//! Templates: the list, one of them, new ones and changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::ETAG;
use axum::http::{HeaderMap, HeaderName};
use serde::Serialize;
use utoipa::ToSchema;

use super::edition::{Condition, edition, is_among};
use super::shape::TemplateShape;
use super::{Desk, Failure, Operator, Problem, SHAPE_LIMIT, Wanted};
use crate::hub::{Hub, Order, Refusal};
use crate::id::DeviceId;
use crate::lifecycle::Template;

/// A template, and how many devices follow it.
#[derive(Serialize, ToSchema)]
pub(super) struct Used {
    #[serde(flatten)]
    template: TemplateShape,
    devices: u64,
}

/// A template with its edition.
type Shown = ([(HeaderName, String); 1], Json<Used>);

/// All templates, by name.
#[utoipa::path(
    get,
    path = "/api/v1/organization/templates",
    tag = "templates",
    security(("operator" = [])),
    responses((status = 200, body = Vec<Used>))
)]
pub(super) async fn list(State(desk): State<Desk>, _: Operator) -> Result<Json<Vec<Used>>, Problem> {
    let see = |hub: &Hub| {
        let mut followers = BTreeMap::new();
        for device in hub.registry().devices() {
            *followers.entry(&*hub.registry().machine(device).template().name).or_default() += 1;
        }
        let used = |template| used(template, followers.get(&*template.name).copied().unwrap_or_default());
        hub.templates().values().map(used).collect()
    };
    Ok(Json(desk.calls.look(move |_, hub| see(hub)).await?))
}

/// One template. Its edition stands in the header `ETag`.
#[utoipa::path(
    get,
    path = "/api/v1/organization/template",
    tag = "templates",
    security(("operator" = [])),
    params(("name" = String, Query)),
    responses(
        (status = 200, body = Used, headers(("ETag" = String, description = "Its edition, for `If-Match`."))),
        (status = 404, body = Failure)
    )
)]
pub(super) async fn show(State(desk): State<Desk>, mut operator: Operator) -> Result<Shown, Problem> {
    let name = operator.0.take("name").ok_or(Problem::Missing("name"))?;
    let wanted = name.clone();
    let see = move |hub: &Hub| {
        let follows = |device: &DeviceId| hub.registry().machine(*device).template().name == wanted;
        let followers = hub.registry().devices().filter(follows).count() as u64;
        hub.templates().get(&wanted).map(|template| (template.clone(), followers))
    };
    let found = desk.calls.look(move |_, hub| see(hub)).await?;
    let (template, followers) = found.ok_or_else(|| Refusal::NoSuchTemplate(name.into()))?;
    Ok(([(ETAG, edition(&template))], Json(used(&template, followers))))
}

/// Makes a template, or changes the one of that name.
///
/// A change applies to all its devices at once. Each keeps its status, by its key; who is in a status that is gone is in
/// the next one that is left, or online while connected. Waits count from where they began; one that is over by the new
/// length ends now.
///
/// With `If-Match` and an edition, it is changed only if it is still of that one, so that nobody's change is lost unseen. With
/// `If-None-Match: *`, it is only made.
#[utoipa::path(
    put,
    path = "/api/v1/organization/template",
    tag = "templates",
    security(("operator" = [])),
    params(
        ("If-Match" = Option<String>, Header, description = "The edition that is changed, as `ETag` named it."),
        ("If-None-Match" = Option<String>, Header, description = "`*`: there is none of that name yet.")
    ),
    request_body = TemplateShape,
    responses(
        (status = 200),
        (status = 400, body = Failure),
        (status = 412, body = Failure, description = "It was made, changed or removed meanwhile.")
    )
)]
pub(super) async fn put(
    State(desk): State<Desk>,
    _: Operator,
    headers: HeaderMap,
    Wanted(shape): Wanted<TemplateShape, SHAPE_LIMIT>,
) -> Result<(), Problem> {
    let template = Template::try_from(shape)?;
    let order = match Condition::of(&headers) {
        Condition::None => Order::Template(template),
        Condition::New => Order::Revision { seen: None, template },
        Condition::Editions(editions) => {
            let seen = desk.seen(&template.name, editions).await?;
            Order::Revision { seen: Some(seen), template }
        }
    };
    desk.order(order).await.map(drop)
}

impl Desk {
    /// The template as it is, if it is of one of these editions.
    async fn seen(&self, name: &str, editions: String) -> Result<Arc<Template>, Problem> {
        let wanted = name.to_owned();
        let template = self.calls.look(move |_, hub| hub.templates().get(&wanted).cloned()).await?;
        let seen = template.filter(|template| is_among(template, &editions));
        Ok(seen.ok_or_else(|| Refusal::TemplateChanged(name.into()))?)
    }
}

/// Removes a template that no device follows. Timelines go on to name its statuses.
#[utoipa::path(
    delete,
    path = "/api/v1/organization/template",
    tag = "templates",
    security(("operator" = [])),
    params(("name" = String, Query)),
    responses(
        (status = 200),
        (status = 404, body = Failure),
        (status = 409, body = Failure, description = "Devices follow it.")
    )
)]
pub(super) async fn remove(State(desk): State<Desk>, mut operator: Operator) -> Result<(), Problem> {
    let name = operator.0.take("name").ok_or(Problem::Missing("name"))?;
    desk.order(Order::RemoveTemplate(name)).await.map(drop)
}

fn used(template: &Arc<Template>, followers: u64) -> Used {
    Used { template: (&**template).into(), devices: followers }
}
