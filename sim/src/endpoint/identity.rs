//! Whom an endpoint is about, and how one proves it: what each who speaks in the device's name begins with.

use blynk_core::id::{DeviceId, Pin, Token};
use blynk_core::time::Duration;

use super::line::Party;
use crate::device::{Errand, Firmware, Reporter, Request};
use crate::plan::{Device, Plan, Protocol};
use crate::random::{Purpose, Seed};

/// One device's names and secrets.
#[derive(Debug)]
pub(super) struct Identity {
    device: DeviceId,
    token: Token,
    bad_token: Token,
    operator: Token,
    /// What the server expects of those who announce nothing.
    template_heartbeat: Duration,
    seed: Seed,
}

impl Identity {
    pub(super) fn of(plan: &Plan, device: DeviceId) -> Self {
        Self {
            device,
            token: plan.login_token(device),
            bad_token: plan.bad_token(device),
            operator: plan.operator_token(),
            template_heartbeat: plan.device(device).template.heartbeat,
            seed: plan.seed,
        }
    }

    /// The device itself.
    pub(super) fn party(&self, planned: &Device) -> Party {
        match planned.protocol {
            Protocol::Hardware(client) => {
                let stream = self.seed.stream(self.device, Purpose::Reconnect);
                let firmware = Firmware::of(client, self.token, planned.heartbeat, planned.sends, stream);
                Party::Firmware(firmware.into())
            }
            Protocol::Http => Party::Reporter(Reporter::new(self.token, planned.sends)),
        }
    }

    /// A bare second one. It keeps the heartbeat that the server expects of those who announce none.
    pub(super) fn clone_of_device(&self) -> Party {
        Party::Firmware(Firmware::bare(self.token, self.template_heartbeat).into())
    }

    pub(super) fn log_in_with_bad_token(&self) -> Errand {
        Errand::BadToken(self.bad_token)
    }

    pub(super) fn set_status_by_operator(&self, status: &str) -> Request {
        let Self { operator, device, .. } = *self;
        Request::OperatorSetStatus { operator, device, status: status.into() }
    }

    pub(super) fn command(&self, pin: Pin, value: &str) -> Request {
        let Self { operator, device, .. } = *self;
        Request::Command { operator, device, pin, value: value.into() }
    }
}
