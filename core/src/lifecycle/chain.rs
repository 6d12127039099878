//! A chain: the statuses of a template, in the order in which a silent device passes through them.
//!
//! Owns the rules of a chain (`lifecycle` section 2: first Online, exactly one Offline, 2 to 16 statuses). Does not decide
//! when a device moves along it: that is the [machine](super::machine).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::status::{Status, StatusKind};
use crate::command::Controls;
use crate::id::StatusIndex;
use crate::time::Duration;

/// A checked chain of statuses: it begins with Online and has exactly one Offline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Status>", into = "Vec<Status>")]
pub struct Chain(Box<[Status]>);

/// Why a list of statuses is no chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// Fewer than two or more than sixteen statuses.
    #[error("a chain has 2 to {max} statuses, this one has {0}", max = Chain::MAX)]
    Length(usize),
    /// The first status is not Online.
    #[error("a chain begins with `online`, this one begins with `{0}`")]
    FirstNotOnline(String),
    /// The first status has a wait.
    #[error("the first status is entered at once and has no wait")]
    FirstHasWait,
    /// The first status warns of commands or blocks them.
    #[error("the first status always allows commands")]
    FirstHasControls,
    /// No status is the Offline kind.
    #[error("a chain needs an `offline` status")]
    NoOffline,
    /// Two statuses have one name.
    #[error("the status `{0}` stands twice in the chain")]
    Duplicate(String),
}

impl Chain {
    /// The most statuses a chain may have.
    pub const MAX: usize = 16;

    /// Checks the rules of a chain.
    ///
    /// # Errors
    /// The first rule that the list breaks.
    pub fn new(statuses: Vec<Status>) -> Result<Self, ChainError> {
        if !(2..=Self::MAX).contains(&statuses.len()) {
            return Err(ChainError::Length(statuses.len()));
        }
        if statuses[0].kind() != StatusKind::Online {
            return Err(ChainError::FirstNotOnline(statuses[0].key.clone()));
        }
        if !statuses[0].wait.is_zero() {
            return Err(ChainError::FirstHasWait);
        }
        if statuses[0].controls != Controls::Allow {
            return Err(ChainError::FirstHasControls);
        }
        if let Some(twice) = first_duplicate(&statuses) {
            return Err(ChainError::Duplicate(twice.key.clone()));
        }
        if !statuses.iter().any(|status| status.kind() == StatusKind::Offline) {
            return Err(ChainError::NoOffline);
        }
        Ok(Self(statuses.into()))
    }

    /// The status at `index`.
    ///
    /// # Panics
    /// If `index` is not of this chain.
    pub fn status(&self, index: StatusIndex) -> &Status {
        &self.0[usize::from(index.0)]
    }

    /// The status at `index`, if the chain is that long: a record may be of another chain.
    pub fn get(&self, index: StatusIndex) -> Option<&Status> {
        self.0.get(usize::from(index.0))
    }

    /// The status that follows `index`, if it is not the last.
    pub fn after(&self, index: StatusIndex) -> Option<(StatusIndex, &Status)> {
        let next = index.next();
        Some((next, self.0.get(usize::from(next.0))?))
    }

    /// The status with this key.
    pub fn find(&self, key: &str) -> Option<StatusIndex> {
        let place = self.0.iter().position(|status| status.key == key)?;
        Some(StatusIndex(u8::try_from(place).expect("a chain has at most 16 statuses")))
    }

    /// The status in which everything ends.
    pub fn last(&self) -> StatusIndex {
        StatusIndex(u8::try_from(self.0.len() - 1).expect("a chain has at most 16 statuses"))
    }

    /// The statuses that stand later than `index`, and their places.
    pub fn later_than(&self, index: StatusIndex) -> impl Iterator<Item = (StatusIndex, &Status)> {
        (0..).map(StatusIndex).zip(self.iter()).skip(usize::from(index.0) + 1)
    }

    /// All statuses, Online first.
    pub fn iter(&self) -> impl Iterator<Item = &Status> {
        self.0.iter()
    }
}

impl TryFrom<Vec<Status>> for Chain {
    type Error = ChainError;

    fn try_from(statuses: Vec<Status>) -> Result<Self, ChainError> {
        Self::new(statuses)
    }
}

impl From<Chain> for Vec<Status> {
    fn from(chain: Chain) -> Self {
        chain.0.into_vec()
    }
}

/// The short form of the scenario language: `online -2m-> offline -30d-> retired`.
impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0[0].key)?;
        self.0[1..].iter().try_for_each(|status| write!(f, " -{}-> {}", status.wait, status.key))
    }
}

/// `online -1m-> offline`
impl Default for Chain {
    fn default() -> Self {
        Self([Status::new("online", Duration::ZERO), Status::new("offline", Duration::MINUTE)].into())
    }
}

fn first_duplicate(statuses: &[Status]) -> Option<&Status> {
    statuses
        .iter()
        .enumerate()
        .find_map(|(i, status)| statuses[..i].iter().any(|s| s.key == status.key).then_some(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(keys: &[&str], expected: Result<(), ChainError>) {
        let statuses = keys.iter().map(|key| Status::new(*key, Duration::ZERO)).collect();
        assert_eq!(Chain::new(statuses).map(drop), expected);
    }

    #[test]
    fn custom_statuses_stand_anywhere_after_the_first() {
        check(&["online", "offline"], Ok(()));
        check(&["online", "standby", "offline", "inactive"], Ok(()));
    }

    #[test]
    fn broken_chains_are_named() {
        check(&["online"], Err(ChainError::Length(1)));
        check(&["online"; 17], Err(ChainError::Length(17)));
        check(&["offline", "online"], Err(ChainError::FirstNotOnline("offline".into())));
        check(&["online", "standby"], Err(ChainError::NoOffline));
        check(&["online", "offline", "offline"], Err(ChainError::Duplicate("offline".into())));
        let late = vec![Status::new("online", Duration::SECOND), Status::new("offline", Duration::ZERO)];
        assert_eq!(Chain::new(late), Err(ChainError::FirstHasWait));
    }

    #[test]
    fn a_chain_is_spelt_in_the_short_form() {
        let statuses = vec![
            Status::new("online", Duration::ZERO),
            Status::new("standby", Duration::ZERO),
            Status::new("offline", Duration::DAY),
        ];
        let chain = Chain::new(statuses).expect("a chain");
        assert_eq!(chain.to_string(), "online -0s-> standby -1d-> offline");
    }

    #[test]
    fn a_list_becomes_a_chain_by_the_same_rules_and_back() {
        let statuses = vec![Status::new("online", Duration::ZERO), Status::new("offline", Duration::DAY)];
        let chain = Chain::try_from(statuses.clone()).expect("a chain");
        assert_eq!(Vec::from(chain), statuses);
        assert_eq!(Chain::try_from(statuses[..1].to_vec()), Err(ChainError::Length(1)));
    }

    #[test]
    fn the_first_status_always_allows_commands() {
        for (controls, expected) in [
            (Controls::Allow, Ok(())),
            (Controls::Warn, Err(ChainError::FirstHasControls)),
            (Controls::Block, Err(ChainError::FirstHasControls)),
        ] {
            let online = Status { controls, ..Status::new("online", Duration::ZERO) };
            let offline = Status { controls: Controls::Block, ..Status::new("offline", Duration::ZERO) };
            assert_eq!(Chain::new(vec![online, offline]).map(drop), expected);
        }
    }

    #[test]
    fn sixteen_statuses_are_a_chain_and_seventeen_are_not() {
        let chain = |length: usize| {
            let later = (2..length).map(|n| Status::new(format!("s{n}"), Duration::ZERO));
            let first = ["online", "offline"].map(|key| Status::new(key, Duration::ZERO));
            Chain::new(first.into_iter().chain(later).collect()).map(drop)
        };
        assert_eq!(chain(16), Ok(()));
        assert_eq!(chain(17), Err(ChainError::Length(17)));
    }

    #[test]
    fn a_status_is_found_by_its_key_and_knows_what_is_later() {
        let chain = Chain::default();
        assert_eq!(chain.find("offline"), Some(StatusIndex(1)));
        assert_eq!(chain.find("Offline"), None);
        let later = |place| chain.later_than(StatusIndex(place)).map(|(place, _)| place).collect::<Vec<_>>();
        assert_eq!(later(0), [StatusIndex(1)]);
        assert_eq!(later(1), []);
    }
}
