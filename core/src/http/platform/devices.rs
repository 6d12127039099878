//! The list of devices: those that somebody searches for, and how many are in each status.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::view::{self, StatusLook, Summary};
use super::{Desk, Failure, NEVER_SEEN, Operator, Page, Problem};
use crate::hub::Hub;
use crate::id::DeviceId;
use crate::store::Section;
use crate::time::Instant;

/// The devices, and how many there are in each status.
#[derive(Serialize, ToSchema)]
pub(super) struct List {
    #[serde(flatten)]
    page: Page<Summary>,
    /// Of all devices, whatever was searched for.
    statuses: Vec<Count>,
    /// The server's time.
    now: u64,
}

/// How many devices are in a status.
#[derive(Serialize, ToSchema)]
pub(super) struct Count {
    /// None: they were never seen.
    status: Option<StatusLook>,
    count: u64,
}

/// The devices in the order of their numbers.
#[utoipa::path(
    get,
    path = "/api/v1/organization/devices",
    tag = "devices",
    security(("operator" = [])),
    params(
        ("page" = Option<u32>, Query, description = "Counts from 0."),
        ("size" = Option<u32>, Query, description = "At most 500; 50 unless it is named."),
        ("search" = Option<String>, Query, description = "A part of the name or of the template's, in any case."),
        ("status" = Option<String>, Query, description = "The key of a status, or `new`."),
    ),
    responses(
        (status = 200, body = List),
        (status = 400, body = Failure, description = "Such as a status that no template has."),
        (status = 401, body = Failure)
    )
)]
pub(super) async fn list(State(desk): State<Desk>, mut operator: Operator) -> Result<Json<List>, Problem> {
    let section = operator.section()?;
    let filter = Filter {
        search: operator.0.take("search").unwrap_or_default().to_lowercase(),
        status: operator.0.take("status").filter(|status| !status.is_empty()),
    };
    let list = move |now, hub: &Hub| {
        filter.check(hub)?;
        Ok(List::of(now, hub, &filter, section))
    };
    desk.calls.look(list).await?.map(Json)
}

struct Filter {
    search: String,
    status: Option<String>,
}

impl Filter {
    /// A status that no template has is a slip, and not one in which no device is.
    fn check(&self, hub: &Hub) -> Result<(), Problem> {
        let Some(status) = &self.status else { return Ok(()) };
        let keys = hub.templates().values().flat_map(|template| template.chain.iter());
        let known: BTreeSet<_> = keys.map(|status| &*status.key).chain([NEVER_SEEN]).collect();
        if known.contains(&**status) {
            return Ok(());
        }
        let known = known.into_iter().map(String::from).collect();
        Err(Problem::UnknownStatus { status: status.clone(), known })
    }

    fn fits(&self, hub: &Hub, device: DeviceId) -> bool {
        let status = self.status.as_ref().is_none_or(|status| status == key(hub, device));
        status && (self.search.is_empty() || self.is_named(hub, device))
    }

    fn is_named(&self, hub: &Hub, device: DeviceId) -> bool {
        let identity = hub.identity(device).expect("a device has an identity");
        let name = view::name(device, &identity.name);
        [&name, &identity.template].into_iter().any(|text| text.to_lowercase().contains(&self.search))
    }
}

/// The key of its status, or `new`.
fn key(hub: &Hub, device: DeviceId) -> &str {
    let machine = hub.registry().machine(device);
    machine.standing().map_or(NEVER_SEEN, |standing| &machine.template().chain.status(standing.status).key)
}

impl List {
    fn of(now: Instant, hub: &Hub, filter: &Filter, Section { offset, limit }: Section) -> Self {
        let (mut content, mut total, mut statuses) = (Vec::new(), 0, BTreeMap::new());
        for device in hub.registry().devices() {
            let count = statuses.entry(key(hub, device)).or_insert((0, device));
            count.0 += 1;
            if filter.fits(hub, device) {
                if total >= offset && content.len() < limit as usize {
                    content.extend(Summary::of(hub, device));
                }
                total += 1;
            }
        }
        let count = |(count, example): (u64, DeviceId)| {
            let machine = hub.registry().machine(example);
            let status =
                machine.standing().map(|standing| machine.template().chain.status(standing.status).into());
            Count { status, count }
        };
        Self {
            page: Page { content, total_elements: total },
            statuses: statuses.into_values().map(count).collect(),
            now: now.as_millis(),
        }
    }
}
