//! What deliveries demand of the server: that data sets Online, that a status is set, that a command is taken.
//!
//! Owns which records each delivery explains, and what must have followed once a tick each way has passed. Does not
//! decide whether the server was up then: that is [`server`](super::server).

use std::sync::Arc;

use blynk_core::id::{DeviceId, Pin, StatusIndex};
use blynk_core::time::{Duration, Instant};

use super::evidence::Rules;
use super::lane::Lane;
use super::{Witness, near};
use crate::device::{Content, Request};
use crate::network::ConnectionId;
use crate::timeline::Setter;

/// A delivery that has an effect beyond its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) at: Instant,
    /// What it was said on.
    pub(super) said_on: ConnectionId,
    /// The same, if it is the device's own connection and no request.
    on: Option<ConnectionId>,
    pub(super) demand: Demand,
    /// Whether a record was explained with it.
    is_explained: bool,
}

/// What it asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Demand {
    /// A request with data: it sets Online, and is recorded if no session is live.
    Report,
    /// Data on a connection: it sets Online.
    Data,
    /// This status.
    Set {
        /// Which.
        to: StatusIndex,
        /// By whom.
        by: Setter,
    },
    /// A user's command.
    Command {
        /// The pin.
        pin: Pin,
        /// The value.
        value: Arc<str>,
    },
    /// What waits for the device.
    Sync,
}

impl Witness {
    /// A request reached the server. One whose right is not proven is nobody's.
    pub(super) fn on_request(&mut self, now: Instant, device: DeviceId, id: ConnectionId, request: &Request) {
        let operator = self.operator;
        let limit = self.rules.value_limit;
        let lane = &self.lanes[device];
        let set =
            |status: &str, by| lane.template.chain.find(status).map(|to| (device, Demand::Set { to, by }));
        let heard = match request {
            Request::Update { token, value, .. } => {
                (*token == lane.token && value.len() <= limit).then_some((device, Demand::Report))
            }
            Request::SetStatus { token, status } if *token == lane.token => set(status, Setter::Device),
            Request::OperatorSetStatus { operator: proof, device: whose, status }
                if *proof == operator && *whose == device =>
            {
                set(status, Setter::Operator)
            }
            Request::Command { operator: proof, device: whose, pin, value } => {
                let is_heard = *proof == operator && *whose == device && value.len() <= limit;
                is_heard.then(|| (device, Demand::Command { pin: *pin, value: Arc::clone(value) }))
            }
            Request::SetStatus { .. } | Request::OperatorSetStatus { .. } => None,
        };
        if let Some((device, demand)) = heard {
            let heard = Heard { at: now, said_on: id, on: None, demand, is_explained: false };
            self.lane_mut(device).heard.push_back(heard);
        }
    }
}

impl Lane {
    /// A message arrived on one of the device's connections.
    pub(super) fn hear(&mut self, now: Instant, id: ConnectionId, content: &Content) {
        let demand = match content {
            Content::Write { .. } => Some(Demand::Data),
            Content::Status(key) => {
                self.template.chain.find(key).map(|to| Demand::Set { to, by: Setter::Device })
            }
            Content::Sync => Some(Demand::Sync),
            Content::Login(_)
            | Content::OldLogin(_)
            | Content::Announce(_)
            | Content::Info { .. }
            | Content::Ping
            | Content::Request(_)
            | Content::Garbage(..)
            | Content::IdZero(_) => None,
        };
        let heard =
            demand.map(|demand| Heard { at: now, said_on: id, on: Some(id), demand, is_explained: false });
        self.heard.extend(heard);
    }

    /// Explains a record with a delivery of that time which `is_it` takes. Each explains one. Returns whether there is
    /// one.
    pub(super) fn explain(&mut self, at: Instant, slack: Duration, is_it: impl Fn(&Heard) -> bool) -> bool {
        let may = |heard: &Heard| self.may_be_heard(heard, at, slack) && !heard.is_explained && is_it(heard);
        let Some(place) = self.heard.iter().position(may) else { return self.is_unreadable() };
        self.heard[place].is_explained = true;
        true
    }

    /// Whether data arrived at that time, which explains any record.
    pub(super) fn has_data_near(&self, at: Instant, slack: Duration) -> bool {
        let is_data = |heard: &Heard| match heard.demand {
            Demand::Report | Demand::Data => true,
            Demand::Set { .. } | Demand::Command { .. } | Demand::Sync => false,
        };
        self.is_unreadable()
            || self.heard.iter().any(|heard| is_data(heard) && self.may_be_heard(heard, at, slack))
    }

    fn may_be_heard(&self, heard: &Heard, at: Instant, slack: Duration) -> bool {
        near(heard.at, at, slack) && heard.on.is_none_or(|id| self.may_speak(id))
    }

    /// Whether only the server can say what it read on the live connection.
    pub(super) fn is_unreadable(&self) -> bool {
        self.candidates().any(|it| it.evidence.is_unreadable())
    }

    /// The next delivery whose effects must all be seen at `now`.
    pub(super) fn next_settled(&mut self, now: Instant, slack: Duration) -> Option<Heard> {
        let seen_by = |heard: &Heard| heard.at + slack + slack + Duration::MILLISECOND;
        let is_settled = self.heard.front().is_some_and(|heard| seen_by(heard) < now);
        if is_settled { self.heard.pop_front() } else { None }
    }

    /// Everything that the only possible live connection said; what it asked for cannot be handed to it any more.
    pub(super) fn take_said(&mut self) -> Vec<Heard> {
        let Some((speaker, _)) = self.speaker() else { return Vec::new() };
        let (said, others): (Vec<_>, _) =
            std::mem::take(&mut self.heard).into_iter().partition(|heard| heard.on == Some(speaker));
        self.heard = others.into();
        said.into_iter().filter(|heard| heard.demand != Demand::Sync).collect()
    }

    /// What the server should have made of this and did not.
    pub(super) fn missed(&self, heard: &Heard, rules: &Rules) -> Option<String> {
        let (at, slack) = (heard.at, rules.slack);
        if let Some(id) = heard.on {
            let speaker = self.speaker().filter(|(speaker, _)| *speaker == id);
            speaker.filter(|(_, it)| it.evidence.is_sound(rules))?;
        }
        match &heard.demand {
            Demand::Report if !heard.is_explained && !self.may_have_been_live(at, slack) => {
                Some("data was delivered by a request, but never recorded".into())
            }
            Demand::Report | Demand::Data => self.left_standing(at, slack),
            Demand::Set { to, .. } if !heard.is_explained && self.must_allow(*to, at, slack) => {
                let status = &self.template.chain.status(*to).key;
                Some(format!("{status} was set, which stands later in the chain, but was not entered"))
            }
            Demand::Command { pin, .. } if !heard.is_explained => {
                Some(format!("a command for {pin} was delivered, but never recorded"))
            }
            Demand::Sync => self.not_handed(at, slack),
            Demand::Set { .. } | Demand::Command { .. } => None,
        }
    }

    fn left_standing(&self, at: Instant, slack: Duration) -> Option<String> {
        // That a login or report gives a device its first status, the record itself tells.
        let may_be_right = |it: Option<StatusIndex>| it.is_none_or(|it| it == StatusIndex::ONLINE);
        if self.standing.around(at, slack).any(may_be_right) {
            return None;
        }
        let stayed = &self.template.chain.status(self.standing.newest()?).key;
        Some(format!("data was delivered, but the device stayed {stayed}"))
    }

    fn must_allow(&self, to: StatusIndex, at: Instant, slack: Duration) -> bool {
        self.standing.around(at, slack).all(|it| it.is_some_and(|it| it < to))
    }
}
