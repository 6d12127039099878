//! What users want of devices: a value for a pin. A vocabulary shared by control, sessions and the timeline; decides
//! nothing.

use serde::{Deserialize, Serialize};

use crate::id::{CommandId, Pin};

/// Whether users may command a device in a status (`lifecycle` section 10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Controls {
    /// They may.
    #[default]
    Allow,
    /// They may, and are told that it will be applied when the device is back.
    Warn,
    /// They may not.
    Block,
}

/// One command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Which.
    pub id: CommandId,
    /// For which pin.
    pub pin: Pin,
    /// The value.
    pub value: Box<str>,
}

/// What a user is told of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It is on its way to the connected device.
    Sent,
    /// It is kept until the device is back.
    Pending,
    /// It is kept, and the user is warned, because the device's status says so.
    Warned,
    /// It is refused, because the device's status says so.
    Blocked,
}
