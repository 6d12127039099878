//! Latest pin values, and users' commands that wait for their devices (`lifecycle` section 10).
//!
//! Owns what a device is handed when it asks. Does not decide whether a command is allowed or whether the device is
//! there: that is the [hub](crate::hub).

use std::collections::{BTreeMap, BTreeSet};

use crate::command::Command;
use crate::id::{CommandId, DeviceId, Pin};
use crate::session::PinValue;

/// The pins of all devices.
#[derive(Clone, Debug, Default)]
pub struct Control {
    /// Devices without values and commands have no entry.
    devices: BTreeMap<DeviceId, Pins>,
    newest: Option<CommandId>,
}

/// The pins of one device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pins {
    /// The latest values, whoever set them.
    pub values: BTreeMap<Pin, Box<str>>,
    /// Commands that the device was not handed yet, the latest of each pin.
    pub pending: BTreeMap<Pin, Command>,
}

impl Control {
    /// Nothing but the newest command's number.
    pub fn new(newest: Option<CommandId>) -> Self {
        Self { devices: BTreeMap::new(), newest }
    }

    /// What was stored of a device.
    pub fn restore(&mut self, device: DeviceId, pins: Pins) {
        if pins != Pins::default() {
            self.devices.insert(device, pins);
        }
    }

    /// The device is gone.
    pub fn remove(&mut self, device: DeviceId) {
        self.devices.remove(&device);
    }

    /// The latest value of each pin that has one.
    pub fn values(&self, device: DeviceId) -> impl Iterator<Item = (Pin, &str)> {
        self.devices
            .get(&device)
            .into_iter()
            .flat_map(|pins| &pins.values)
            .map(|(pin, value)| (*pin, &**value))
    }

    /// Commands that wait for the device.
    pub fn pending(&self, device: DeviceId) -> impl Iterator<Item = &Command> {
        self.devices.get(&device).into_iter().flat_map(|pins| pins.pending.values())
    }

    /// The device, or somebody for it, wrote a value.
    pub fn write(&mut self, device: DeviceId, pin: Pin, value: Box<str>) {
        self.devices.entry(device).or_default().values.insert(pin, value);
    }

    /// A user's command for a pin, with a number of its own. It waits for nobody yet.
    pub fn number(&mut self, pin: Pin, value: Box<str>) -> Command {
        let id = self.newest.map_or(CommandId(1), |newest| CommandId(newest.0 + 1));
        self.newest = Some(id);
        Command { id, pin, value }
    }

    /// The command waits until it is [settled](Self::settle). It replaces one for the same pin.
    pub fn keep(&mut self, device: DeviceId, command: Command) {
        self.devices.entry(device).or_default().pending.insert(command.pin, command);
    }

    /// The device was handed a command, unless a newer one for the pin has replaced it: its value is now the latest.
    /// Returns the pin, and the value if the device had written another meanwhile.
    pub fn settle(&mut self, device: DeviceId, id: CommandId) -> Option<(Pin, Option<Box<str>>)> {
        let Pins { values, pending } = self.devices.get_mut(&device)?;
        let pin = pending.values().find(|command| command.id == id)?.pin;
        let Command { value, .. } = pending.remove(&pin)?;
        let before = values.insert(pin, value.clone());
        Some((pin, Some(value).filter(|value| before.as_ref() != Some(value))))
    }

    /// What a device that asks for these pins is to be handed, in order of pins; for none named, everything. A command
    /// goes before what the device itself wrote.
    pub fn wanted(&self, device: DeviceId, named: &[Pin]) -> Vec<PinValue> {
        let Some(Pins { values, pending }) = self.devices.get(&device) else { return Vec::new() };
        let known: BTreeSet<Pin> = values.keys().chain(pending.keys()).copied().collect();
        let asked = known.into_iter().filter(|pin| named.is_empty() || named.contains(pin));
        asked
            .filter_map(|pin| pending.get(&pin).map(PinValue::from).or_else(|| latest(values, pin)))
            .collect()
    }
}

fn latest(values: &BTreeMap<Pin, Box<str>>, pin: Pin) -> Option<PinValue> {
    Some(PinValue { pin, value: values.get(&pin)?.clone(), command: None })
}

impl From<&Command> for PinValue {
    fn from(command: &Command) -> Self {
        Self { pin: command.pin, value: command.value.clone(), command: Some(command.id) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICE: DeviceId = DeviceId(0);

    fn command(control: &mut Control, pin: u8, value: &str) -> CommandId {
        let command = control.number(Pin(pin), value.into());
        let id = command.id;
        control.keep(DEVICE, command);
        id
    }

    fn check(control: &Control, named: &[u8], expected: &[(u8, &str)]) {
        let named: Vec<_> = named.iter().copied().map(Pin).collect();
        let wanted = control.wanted(DEVICE, &named);
        let wanted: Vec<_> = wanted.iter().map(|value| (value.pin.0, &*value.value)).collect();
        assert_eq!(wanted, expected);
    }

    #[test]
    fn the_latest_command_of_a_pin_waits() {
        let mut control = Control::default();
        let older = command(&mut control, 1, "on");
        let newer = command(&mut control, 1, "off");
        check(&control, &[], &[(1, "off")]);
        assert_eq!(control.settle(DEVICE, older), None);
        assert_eq!(control.settle(DEVICE, newer), Some((Pin(1), Some("off".into()))));
        check(&control, &[], &[(1, "off")]);
        assert!(control.devices[&DEVICE].pending.is_empty());
    }

    #[test]
    fn a_command_goes_before_what_the_device_wrote() {
        let mut control = Control::default();
        control.write(DEVICE, Pin(1), "3".into());
        control.write(DEVICE, Pin(2), "7".into());
        command(&mut control, 1, "5");
        control.write(DEVICE, Pin(1), "4".into());
        check(&control, &[], &[(1, "5"), (2, "7")]);
        check(&control, &[2, 9], &[(2, "7")]);
    }

    #[test]
    fn a_settled_command_is_the_latest_value() {
        let mut control = Control::default();
        control.write(DEVICE, Pin(1), "3".into());
        let id = command(&mut control, 1, "5");
        control.settle(DEVICE, id);
        check(&control, &[1], &[(1, "5")]);
    }

    #[test]
    fn numbers_go_on_where_the_store_ended() {
        let mut control = Control::new(Some(CommandId(41)));
        assert_eq!(command(&mut control, 0, "1"), CommandId(42));
    }
}
