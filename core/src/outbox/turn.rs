//! When a notification is tried that somebody ordered to be tried.

use std::fmt;

/// When a notification is tried that somebody ordered to be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is being tried, or is within a millisecond.
    Now,
    /// Its device owes others before it.
    AfterEarlier,
    /// One of its device is being tried that goes after it, or as many as possible of all devices are.
    AfterTry,
}

/// For people.
impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Now => "It is tried now.",
            Self::AfterEarlier => {
                "It is tried as soon as what its device owes before it has come to its end."
            }
            Self::AfterTry => "It is tried as soon as another try has ended.",
        })
    }
}
