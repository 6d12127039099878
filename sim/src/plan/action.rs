//! What a scenario can make happen to a device.

use blynk_core::id::Pin;
use blynk_core::time::Duration;
use blynk_core::timeline::Setter;

use super::Share;

/// What a scenario can make happen to a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Intend to be connected; dial at once.
    Connect,
    /// Close gracefully; stay away until `Connect`.
    Disconnect,
    /// Something impairs the link.
    Impair(Impairment, FaultId),
    /// That ends.
    Relieve(Impairment, FaultId),
    /// Everything that impairs the link ends.
    Heal,
    /// The connection is torn by RST.
    Reset,
    /// Power is lost: silent, and the device forgets its connection.
    PowerOff,
    /// Power returns: dial at once if the device intends to be connected.
    PowerOn,
    /// A data message: pin and value.
    Send {
        /// The pin.
        pin: Pin,
        /// The value as text.
        value: String,
    },
    /// Announce a heartbeat and keep it from now on.
    SetHeartbeat(Duration),
    /// Illegal bytes.
    Garbage(Garbage),
    /// The application freezes: its connection lives, and nothing comes from it.
    Hang(FaultId),
    /// That freeze ends.
    Resume(FaultId),
    /// A bare second connection with the same token, from elsewhere.
    Clone(FaultId),
    /// That second connection closes.
    EndClone(FaultId),
    /// A login with a wrong token, from the device's address.
    BadToken,
    /// A status is set, by its key: announced by the device, or by an operator.
    SetStatus {
        /// The status's key.
        to: String,
        /// By whom.
        by: Setter,
    },
    /// The device announces a status and closes.
    Sleep {
        /// The status's key.
        to: String,
    },
    /// A user commands the device.
    Command {
        /// The pin.
        pin: Pin,
        /// The value as text.
        value: String,
    },
}

/// What is wrong with a link. Several may be at once: any silence silences it, delays add up, and each loss has its own
/// chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Impairment {
    /// The device's radio is gone: silence.
    Drop,
    /// Its network is cut off: silence.
    Partition,
    /// Every message takes this much longer.
    Slow(Duration),
    /// So many messages more are lost, and sent again by TCP.
    Lose(Share),
}

impl Impairment {
    /// Whether nothing passes at all.
    pub const fn is_silence(self) -> bool {
        match self {
            Self::Drop | Self::Partition => true,
            Self::Slow(_) | Self::Lose(_) => false,
        }
    }
}

/// Names one impairment, freeze or clone, so that its own end ends it and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FaultId(pub u32);

/// Kinds of illegal bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Garbage {
    /// A ping with message id 0.
    IdZero,
    /// A command code that the protocol does not have.
    UnknownCommand,
    /// A frame that says its body is longer than the server's limit.
    Oversize,
    /// The first bytes of a frame whose rest never comes.
    Truncated,
    /// Random bytes from the device's own stream.
    Random,
}
