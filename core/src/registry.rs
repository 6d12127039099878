//! All devices: which token belongs to whom, and whose next status is due when.
//!
//! Owns the [lifecycle machines](crate::lifecycle::Machine) and one ordered index of their deadlines. Does not decide
//! which session speaks for a device: that is the [hub](crate::hub).

mod deadlines;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::id::{DeviceId, Token};
use crate::lifecycle::{self, Machine, State, Template};
use crate::time::Instant;
use crate::timeline::Change;
use deadlines::Deadlines;

/// The machine of all devices.
#[derive(Debug, Default)]
pub struct Registry {
    /// By their numbers; none where a device was removed.
    machines: Vec<Option<Machine>>,
    tokens: BTreeMap<Token, DeviceId>,
    deadlines: Deadlines,
    changes: VecDeque<StatusChanged>,
}

/// What the registry hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Something happened to one device.
    Device(DeviceId, lifecycle::Input),
    /// Time has passed: every status that is due is entered, in order of time.
    Timeout,
}

/// A device changed its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusChanged {
    /// When.
    pub at: Instant,
    /// Who.
    pub device: DeviceId,
    /// How and why.
    pub change: Change,
}

impl Registry {
    /// Adds a device, which may have been seen before.
    ///
    /// # Panics
    /// If the token belongs to another device.
    pub fn add(&mut self, token: Token, template: Arc<Template>, state: State) -> DeviceId {
        let device = DeviceId(u32::try_from(self.machines.len()).expect("fewer than 2^32 devices"));
        assert_eq!(self.tokens.insert(token, device), None, "every device has a token of its own");
        let machine = Machine::new(template, state);
        self.deadlines.move_to(device, None, machine.poll_timeout().map(|(deadline, _)| deadline));
        self.machines.push(Some(machine));
        device
    }

    /// The next number was that of a device that is gone, and is not used again.
    pub fn pass_over(&mut self) {
        self.machines.push(None);
    }

    /// How many numbers are used, also by devices that are gone.
    pub fn numbers(&self) -> usize {
        self.machines.len()
    }

    /// A device is gone.
    pub fn remove(&mut self, device: DeviceId, token: &Token) {
        self.tokens.remove(token);
        if let Some(machine) = self.machines[device.0 as usize].take() {
            self.deadlines.move_to(device, machine.poll_timeout().map(|(deadline, _)| deadline), None);
        }
    }

    /// A device logs in with another token from now on.
    ///
    /// # Panics
    /// If the token belongs to another device.
    pub fn change_token(&mut self, device: DeviceId, from: &Token, to: Token) {
        self.tokens.remove(from);
        assert_eq!(self.tokens.insert(to, device), None, "every device has a token of its own");
    }

    /// A device follows another template, or a changed one, from now on.
    pub fn change_template(&mut self, now: Instant, device: DeviceId, template: Arc<Template>) {
        self.with_machine(device, |machine| machine.change_template(now, template));
    }

    /// All devices.
    pub fn devices(&self) -> impl Iterator<Item = DeviceId> {
        (0..)
            .map(DeviceId)
            .zip(&self.machines)
            .filter_map(|(device, machine)| machine.as_ref().map(|_| device))
    }

    /// The device with this token.
    pub fn find(&self, token: &Token) -> Option<DeviceId> {
        self.tokens.get(token).copied()
    }

    /// The lifecycle of a device, if there is one.
    pub fn get(&self, device: DeviceId) -> Option<&Machine> {
        self.machines.get(device.0 as usize)?.as_ref()
    }

    /// The lifecycle of a device.
    ///
    /// # Panics
    /// If the device is not of this registry.
    pub fn machine(&self, device: DeviceId) -> &Machine {
        self.get(device).expect("the device is there")
    }

    /// Takes one input.
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        match input {
            Input::Device(device, input) => self.drive(now, device, input),
            Input::Timeout => self.on_timeout(now),
        }
    }

    /// The next change that the inputs made.
    pub fn poll_output(&mut self) -> Option<StatusChanged> {
        self.changes.pop_front()
    }

    /// The earliest deadline of all, and whose it is.
    pub fn poll_timeout(&self) -> Option<(Instant, DeviceId)> {
        self.deadlines.first()
    }

    fn on_timeout(&mut self, now: Instant) {
        while let Some((deadline, device)) = self.deadlines.first()
            && deadline.is_over(now)
        {
            self.drive(now, device, lifecycle::Input::Timeout);
        }
    }

    fn drive(&mut self, now: Instant, device: DeviceId, input: lifecycle::Input) {
        self.with_machine(device, |machine| machine.handle_input(now, input));
    }

    fn with_machine(&mut self, device: DeviceId, tell: impl FnOnce(&mut Machine)) {
        let machine = self.machines[device.0 as usize].as_mut().expect("the device is there");
        let before = machine.poll_timeout();
        tell(machine);
        if let Some((at, change)) = machine.poll_output() {
            self.changes.push_back(StatusChanged { at, device, change });
        }
        let deadline = |timeout: Option<(Instant, _)>| timeout.map(|(deadline, _)| deadline);
        self.deadlines.move_to(device, deadline(before), deadline(machine.poll_timeout()));
    }
}

#[cfg(test)]
mod tests;
