//! Who is let in: how many connections there may be, in all and of one address.
//!
//! Whoever is there already must not suffer for who comes now, and one address must not take every place.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use super::metrics::Metrics;
use crate::origin::Origin;
use crate::settings::Settings;

/// Lets in as many as there may be.
#[derive(Debug)]
pub(super) struct Admission {
    most: usize,
    metrics: Arc<Metrics>,
    /// If connections of one address are limited.
    origins: Option<Arc<Origins>>,
}

/// The connections of each address.
#[derive(Debug)]
struct Origins {
    most: u32,
    /// None has zero.
    open: Mutex<BTreeMap<Origin, u32>>,
}

/// A connection that counts as open until this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    metrics: Arc<Metrics>,
    of: Option<(Arc<Origins>, Origin)>,
}

/// Why a connection is closed as it arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TurnedAway {
    /// As many are open as there may be.
    Full,
    /// Its address has as many as one may have.
    Crowd,
}

impl Admission {
    pub(super) fn new(settings: &Settings, metrics: Arc<Metrics>) -> Self {
        let origins =
            settings.connections_per_address.map(|most| Arc::new(Origins { most, open: Mutex::default() }));
        Self { most: settings.connection_limit as usize, metrics, origins }
    }

    /// A connection arrives from this address while so many are open.
    pub(super) fn admit(&self, address: IpAddr, open: usize) -> Result<Place, TurnedAway> {
        if open >= self.most {
            self.metrics.turned_away_full.add(1);
            return Err(TurnedAway::Full);
        }
        let of = match &self.origins {
            Some(origins) if !origins.enter(address.into()) => {
                self.metrics.turned_away_crowd.add(1);
                return Err(TurnedAway::Crowd);
            }
            Some(origins) => Some((origins.clone(), address.into())),
            None => None,
        };
        self.metrics.accepted.add(1);
        self.metrics.connections.one_more();
        Ok(Place { metrics: self.metrics.clone(), of })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.metrics.connections.one_less();
        if let Some((origins, origin)) = &self.of {
            origins.leave(*origin);
        }
    }
}

impl Origins {
    /// Whether there is room for one more.
    fn enter(&self, origin: Origin) -> bool {
        let mut open = self.lock();
        let count = open.entry(origin).or_default();
        let has_room = *count < self.most;
        *count += u32::from(has_room);
        has_room
    }

    fn leave(&self, origin: Origin) {
        let mut open = self.lock();
        match open.get_mut(&origin) {
            Some(count @ 2..) => *count -= 1,
            Some(_) | None => drop(open.remove(&origin)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Origin, u32>> {
        self.open.lock().expect("nobody panics with the lock held")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(connection_limit: u32, of_one: u32) -> Admission {
        let settings =
            Settings { connection_limit, connections_per_address: Some(of_one), ..Settings::default() };
        Admission::new(&settings, Arc::default())
    }

    fn admit(admission: &Admission, host: u8) -> Result<Place, TurnedAway> {
        let open = usize::try_from(admission.metrics.connections.read()).expect("few");
        admission.admit([10, 0, 0, host].into(), open)
    }

    #[test]
    fn one_address_has_no_more_than_its_share_and_others_have_theirs() {
        let admission = admission(10, 2);
        let mut places: Vec<_> = (0..2).map(|_| admit(&admission, 1).expect("room")).collect();
        assert_eq!(admit(&admission, 1).map(drop), Err(TurnedAway::Crowd));
        places.push(admit(&admission, 2).expect("room"));
        places.remove(0);
        places.push(admit(&admission, 1).expect("room again"));
        assert_eq!(admission.metrics.turned_away_crowd.read(), 1);
    }

    #[test]
    fn all_together_have_no_more_than_there_is() {
        let admission = admission(3, 2);
        let places: Vec<_> = (0..3).map(|host| admit(&admission, host).expect("room")).collect();
        assert_eq!(admit(&admission, 9).map(drop), Err(TurnedAway::Full));
        drop(places);
        assert_eq!(admit(&admission, 9).map(drop), Ok(()));
    }

    #[test]
    fn of_an_address_that_has_left_nothing_is_kept() {
        let admission = admission(1_000, 1);
        (0..=255).for_each(|host| drop(admit(&admission, host)));
        assert!(admission.origins.expect("they are limited").lock().is_empty());
    }
}
