//! What operators change: templates, devices and their tokens; and what they want tried again.
//!
//! Owns how a change applies to devices that live. Does not decide whether a chain is legal: that is
//! [`Chain`](crate::lifecycle::Chain); nor what a device's status becomes: that is its
//! [machine](crate::lifecycle::Machine).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{CallId, Hub, Output, Refusal, Reply};
use crate::close::CloseReason;
use crate::id::{DeviceId, Token};
use crate::lifecycle::{self, Template};
use crate::notification::{Notification, Stage};
use crate::protocol::Command;
use crate::store::{Identity, Write};
use crate::time::Instant;
use crate::timeline::{Close, Event};

/// A change of what there is. The right to it was checked before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// A template, new or changed. A change applies to all its devices at once.
    Template(Template),
    /// The same, if it still is what was seen: this template, or none of the name.
    Revision {
        /// What was seen.
        seen: Option<Arc<Template>>,
        /// What it is to be.
        template: Template,
    },
    /// A new device.
    Device(Identity),
    /// What is to be another in what a device is.
    Identity(DeviceId, Changes),
    /// A device is to be gone, with its token and all that is kept of it.
    RemoveDevice(DeviceId),
    /// A template that no device follows is to be gone.
    RemoveTemplate(String),
    /// A notification, which was found at this stage, is to be tried now.
    Retry(Notification, Stage),
}

/// What is to be another in what a device is; what is left out stays. So two who change different things lose nothing of
/// each other's, and nobody brings back a token that was replaced meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// What people call it.
    pub name: Option<Box<str>>,
    /// What it logs in with.
    pub token: Option<Token>,
    /// The name of its template.
    pub template: Option<String>,
    /// Its own contacts.
    pub contacts: Option<BTreeMap<String, String>>,
}

impl Changes {
    fn of(self, before: &Identity) -> Identity {
        let before = before.clone();
        Identity {
            name: self.name.unwrap_or(before.name),
            token: self.token.unwrap_or(before.token),
            template: self.template.unwrap_or(before.template),
            contacts: self.contacts.unwrap_or(before.contacts),
        }
    }
}

impl Hub {
    pub(super) fn on_order(&mut self, now: Instant, id: CallId, order: Order) {
        let reply = match order {
            Order::Template(template) => self.put_template(now, template),
            Order::Revision { seen, template } => self.revise_template(now, seen.as_ref(), template),
            Order::Device(identity) => self.add_device(identity),
            Order::Identity(device, changes) => self.change_identity(now, device, changes),
            Order::RemoveDevice(device) => self.remove_device(now, device),
            Order::RemoveTemplate(name) => self.remove_template(name),
            Order::Retry(notification, stage) => self.retry(now, notification, stage),
        };
        self.outputs.push_back(Output::Reply(id, reply));
    }

    fn put_template(&mut self, now: Instant, template: Template) -> Result<Reply, Refusal> {
        let template = Arc::new(template);
        if self.templates.get(&template.name) == Some(&template) {
            return Ok(Reply::Done);
        }
        // Entries that follow mean the new chain.
        self.write(Write::Template(template.clone()));
        self.templates.insert(template.name.clone(), template.clone());
        for device in self.followers(&template.name) {
            self.change_template(now, device, &template);
        }
        Ok(Reply::Done)
    }

    fn revise_template(
        &mut self,
        now: Instant,
        seen: Option<&Arc<Template>>,
        template: Template,
    ) -> Result<Reply, Refusal> {
        match (seen, self.templates.get(&template.name)) {
            (seen, current) if seen == current => self.put_template(now, template),
            (None, _) => Err(Refusal::TemplateTaken(template.name.into())),
            (Some(_), _) => Err(Refusal::TemplateChanged(template.name.into())),
        }
    }

    /// The devices of a template.
    fn followers(&self, name: &str) -> Vec<DeviceId> {
        let devices = self.registry.devices();
        devices.filter(|device| self.registry.machine(*device).template().name == name).collect()
    }

    fn add_device(&mut self, identity: Identity) -> Result<Reply, Refusal> {
        let template = self.template(&identity.template)?;
        self.check_free(&identity.token)?;
        let device = self.registry.add(identity.token, template, lifecycle::State::NEW);
        self.write(Write::Device(device, identity.clone()));
        self.identities.push(Some(identity));
        Ok(Reply::Added(device))
    }

    fn change_identity(
        &mut self,
        now: Instant,
        device: DeviceId,
        changes: Changes,
    ) -> Result<Reply, Refusal> {
        let before = self.identity(device).ok_or(Refusal::NoSuchDevice(device))?.clone();
        let identity = changes.of(&before);
        let template = self.template(&identity.template)?;
        if identity.token != before.token {
            self.check_free(&identity.token)?;
            self.registry.change_token(device, &before.token, identity.token);
            self.revoke(now, device);
        }
        self.write(Write::Identity(device, identity.clone()));
        self.identities[device.0 as usize] = Some(identity);
        if template.name != before.template {
            self.change_template(now, device, &template);
        }
        Ok(Reply::Done)
    }

    fn remove_device(&mut self, now: Instant, device: DeviceId) -> Result<Reply, Refusal> {
        let token = self.identity(device).ok_or(Refusal::NoSuchDevice(device))?.token;
        self.let_go(now, device, CloseReason::Removed);
        self.control.remove(device);
        self.outbox.remove(device);
        self.registry.remove(device, &token);
        self.identities[device.0 as usize] = None;
        self.write(Write::Removed(device));
        Ok(Reply::Done)
    }

    fn remove_template(&mut self, name: String) -> Result<Reply, Refusal> {
        self.template(&name)?;
        match self.followers(&name).len() {
            0 => {
                self.templates.remove(&name);
                self.write(Write::TemplateRemoved(name));
                Ok(Reply::Done)
            }
            devices => Err(Refusal::TemplateFollowed { name: name.into(), devices }),
        }
    }

    fn template(&self, name: &str) -> Result<Arc<Template>, Refusal> {
        self.templates.get(name).cloned().ok_or_else(|| Refusal::NoSuchTemplate(name.into()))
    }

    fn check_free(&self, token: &Token) -> Result<(), Refusal> {
        if self.registry.find(token).is_none() { Ok(()) } else { Err(Refusal::TokenTaken) }
    }

    fn change_template(&mut self, now: Instant, device: DeviceId, template: &Arc<Template>) {
        let machine = self.registry.machine(device);
        let (state, heartbeat) = (*machine.state(), machine.heartbeat());
        self.outbox.keep_statuses(device, |key| template.chain.find(key).is_some());
        self.pass_outbox_outputs();
        self.registry.change_template(now, device, template.clone());
        let machine = self.registry.machine(device);
        let after = *machine.state();
        if let Some(session) = machine.connection().live_session()
            && machine.heartbeat() != heartbeat
        {
            self.outputs.push_back(Output::Heartbeat(session, machine.heartbeat()));
        }
        if after != state {
            self.write(Write::State(device, after));
        }
        self.record_changes();
    }

    /// Who logged in with a token that is one no more is let go.
    fn revoke(&mut self, now: Instant, device: DeviceId) {
        if let Some(Close { reason, last_byte_at, .. }) = self.let_go(now, device, CloseReason::Revoked) {
            self.tell(now, device, lifecycle::Input::Closed { reason, last_byte_at });
        }
    }

    /// Ends the session that speaks for a device, if one does. When its last byte came only the session knows, so the end
    /// counts as the last that was heard of it.
    fn let_go(&mut self, now: Instant, device: DeviceId, reason: CloseReason) -> Option<Close> {
        let session = self.live_session(device)?;
        self.live.remove(&session);
        let close = Close { reason, last_byte_at: now, last_command: Command::HwLogin };
        self.record(now, device, Event::Closed { session, close });
        self.outputs.push_back(Output::Supersede(session));
        Some(close)
    }
}
