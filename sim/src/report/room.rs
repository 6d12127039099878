//! How much of the lives of devices a report holds. What does not fit is left out, and counted.

use blynk_reports::model::{Device, Picture};

/// What is left of it.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    devices: usize,
    /// Of statuses, each with what led to it.
    changes: usize,
}

impl Room {
    /// Of one scenario: a fleet of ten thousand fits whole.
    pub(super) const fn for_scenario() -> Self {
        Self { devices: 20_000, changes: 100_000 }
    }

    /// Of a report.
    pub const fn for_report() -> Self {
        Self { devices: 200_000, changes: 250_000 }
    }

    /// Takes a place for one more device, if there is one.
    pub(super) fn take_device(&mut self) -> bool {
        let taken = self.devices > 0;
        self.devices -= usize::from(taken);
        taken
    }

    /// Takes the place of so many changes, if they all fit.
    pub(super) fn take_changes(&mut self, changes: usize) -> bool {
        let taken = changes <= self.changes;
        self.changes -= if taken { changes } else { 0 };
        taken
    }

    /// Leaves out of a picture what does not fit beside what was taken before.
    pub fn fit(&mut self, picture: &mut Picture) {
        let fitting = picture.devices.iter().take_while(|_| self.take_device()).count();
        picture.devices_left_out += (picture.devices.len() - fitting) as u64;
        picture.devices.truncate(fitting);
        picture.devices.iter_mut().for_each(|device| self.fit_history(device));
        picture.histories_left_out =
            picture.devices.iter().filter(|device| device.history.is_none()).count() as u64;
    }

    fn fit_history(&mut self, device: &mut Device) {
        let fits = device.history.as_ref().is_some_and(|history| self.take_changes(history.len()));
        if !fits {
            device.history = None;
            device.connected.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(changes: usize) -> Device {
        let change = blynk_reports::model::Change {
            at: 0,
            time: String::new(),
            from: None,
            to: String::new(),
            reason: String::new(),
            because: Vec::new(),
        };
        Device {
            name: String::new(),
            group: String::new(),
            failing: false,
            status: String::new(),
            changes: changes as u64,
            offline: 0,
            detection: None,
            recovery: None,
            digest: String::new(),
            history: Some(vec![change; changes]),
            connected: vec![(0, 1)],
        }
    }

    #[test]
    fn what_does_not_fit_is_left_out_and_counted() {
        let mut picture = Picture {
            until: 0,
            end: String::new(),
            start: None,
            ticks: Vec::new(),
            groups: Vec::new(),
            disturbances: Vec::new(),
            times: Vec::new(),
            devices: vec![device(2), device(5), device(1), device(1)],
            digest: String::new(),
            devices_left_out: 10,
            histories_left_out: 0,
        };
        Room { devices: 3, changes: 4 }.fit(&mut picture);
        let told: Vec<_> =
            picture.devices.iter().map(|it| (it.history.is_some(), it.connected.len())).collect();
        assert_eq!(told, [(true, 1), (false, 0), (true, 1)]);
        assert_eq!((picture.devices_left_out, picture.histories_left_out), (11, 1));
    }
}
