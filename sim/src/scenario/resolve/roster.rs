//! Who there is: devices in their order, and the names that they go by.
//!
//! Owns names. A name of `devices` is a group, of one device or of a fleet; the members of a fleet have names of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use blynk_core::id::DeviceId;
use blynk_core::lifecycle::Template;

use crate::plan::{Device, Group, Span};
use crate::scenario::diagnostic::{Problem, listed};
use crate::scenario::units;

/// More devices than this are refused: a plan must fit into memory.
pub(super) const MOST: u32 = 1_000_000;

/// The devices of a file.
#[derive(Default)]
pub(super) struct Roster {
    devices: Vec<Device>,
    groups: Vec<Group>,
    /// Whom each name means: a group, or a member of a fleet.
    names: BTreeMap<String, Range<u32>>,
    /// Groups whose template could not be read: what depends on it is not judged.
    doubtful: BTreeSet<u32>,
}

impl Roster {
    /// The group of this name.
    pub(super) fn group(&self, name: &str) -> Option<&Group> {
        let group = self.group_of(DeviceId(self.names.get(name)?.start));
        (group.name == name).then_some(group)
    }

    /// The group that a device belongs to.
    pub(super) fn group_of(&self, id: DeviceId) -> &Group {
        Group::of(&self.groups, id)
    }

    /// Whether somebody goes by this name.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// The devices that go by this name: a group's, or one. `fleet/17` is another name of a member.
    pub(super) fn named(&self, name: &str) -> Option<Vec<DeviceId>> {
        match name.split_once('/') {
            Some((group, number)) => self.group(group)?.member(units::number(number)?).map(|id| vec![id]),
            None => self.names.get(name).map(|ids| ids.clone().map(DeviceId).collect()),
        }
    }

    pub(super) fn device(&self, id: DeviceId) -> &Device {
        &self.devices[id.0 as usize]
    }

    /// The template, if it is known.
    pub(super) fn template(&self, id: DeviceId) -> Option<&Arc<Template>> {
        let is_known = !self.doubtful.contains(&self.group_of(id).members.start);
        is_known.then(|| &self.device(id).template)
    }

    /// All of them, in the order of the file.
    pub(super) fn ids(&self) -> impl Iterator<Item = DeviceId> + use<> {
        (0..self.len()).map(DeviceId)
    }

    /// One device of each group, which is like all the others of it.
    pub(super) fn kinds(&self) -> impl Iterator<Item = &Device> {
        self.groups.iter().map(|group| &self.devices[group.members.start as usize])
    }

    /// The names of the file.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().map(|group| group.name.as_str())
    }

    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.devices.len()).expect("far fewer devices are let in")
    }

    /// Adds devices that are alike but for their names, which nobody must have yet.
    pub(super) fn add(&mut self, name: &str, members: Vec<String>, alike: &Device, template_known: bool) {
        let (first, is_fleet) = (self.len(), members.first().is_some_and(|member| member != name));
        if !template_known {
            self.doubtful.insert(first);
        }
        for (member, id) in members.into_iter().zip((first..).map(DeviceId)) {
            self.names.insert(member.clone(), id.0..id.0 + 1);
            self.devices.push(Device { name: member, ..alike.clone() });
        }
        self.names.insert(name.to_owned(), first..self.len());
        self.groups.push(Group { name: name.to_owned(), members: first..self.len(), is_fleet });
    }

    pub(super) fn into_devices_and_groups(self) -> (Vec<Device>, Vec<Group>) {
        (self.devices, self.groups)
    }
}

/// The complaint about a name that nobody has.
pub(super) fn unknown_name(span: &Span, name: &str, roster: &Roster) -> Problem {
    Problem::error(span, format!("unknown device `{name}`"))
        .did_you_mean(name, roster.names())
        .help(format!("the devices of this file: {}", listed(roster.names())))
}
