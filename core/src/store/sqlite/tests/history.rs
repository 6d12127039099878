//! Timelines and states through whatever happens to the devices, their templates and the database, against a plain model.

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

const TEMPLATES: [&str; 2] = ["sensor", "valve"];

#[derive(Clone, Debug)]
enum Step {
    Commit(Vec<Change>),
    /// The last of these is wrong.
    Refused(Vec<Change>),
    /// Somebody else moves some rows to their places.
    Settle,
    /// The process ends, and the next one loads or does not.
    Reopen {
        loads: bool,
    },
}

#[derive(Clone, Debug)]
enum Change {
    Entry(DeviceId),
    State(DeviceId),
    Follow(DeviceId, usize),
    Edit(usize),
    Remove(DeviceId),
}

fn change() -> impl Strategy<Value = Change> {
    let device = || (0u32..4).prop_map(DeviceId);
    prop_oneof![
        6 => device().prop_map(Change::Entry),
        4 => device().prop_map(Change::State),
        2 => (device(), 0..2usize).prop_map(|(device, template)| Change::Follow(device, template)),
        1 => (0..2usize).prop_map(Change::Edit),
        1 => device().prop_map(Change::Remove),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let changes = || prop::collection::vec(change(), 0..6);
    prop_oneof![
        8 => changes().prop_map(Step::Commit),
        1 => changes().prop_map(Step::Refused),
        1 => Just(Step::Settle),
        1 => any::<bool>().prop_map(|loads| Step::Reopen { loads }),
    ]
}

/// What is to be found of a device.
#[derive(Clone)]
struct Life {
    state: State,
    template: usize,
    /// When, and the template of that time.
    entries: Vec<(Instant, Arc<Template>)>,
}

#[derive(Clone)]
struct Model {
    templates: [Arc<Template>; 2],
    /// Those that were not removed.
    lives: BTreeMap<DeviceId, Life>,
    /// Counts everything, so that nothing is like another.
    number: u64,
}

impl Model {
    /// What is written for a change. Of a device that is gone there is nothing to write.
    fn take(&mut self, change: &Change) -> Vec<Write> {
        self.number += 1;
        let number = self.number;
        match *change {
            Change::Edit(place) => {
                self.templates[place] = edition(place, number);
                vec![Write::Template(self.templates[place].clone())]
            }
            Change::Remove(device) => {
                self.lives.remove(&device).map(|_| Write::Removed(device)).into_iter().collect()
            }
            Change::Entry(device) | Change::State(device) | Change::Follow(device, _) => {
                let Some(life) = self.lives.get_mut(&device) else { return Vec::new() };
                vec![match *change {
                    Change::Entry(_) => {
                        life.entries.push((at(number), self.templates[life.template].clone()));
                        Write::Entry(
                            device,
                            Entry { at: at(number), event: Event::Interrupted { session: SessionId(1) } },
                        )
                    }
                    Change::Follow(_, place) => {
                        life.template = place;
                        Write::Identity(device, follower(device, place))
                    }
                    Change::State(_) | Change::Edit(_) | Change::Remove(_) => {
                        life.state = State { newest_session: Some(SessionId(number)), ..State::NEW };
                        Write::State(device, life.state)
                    }
                }]
            }
        }
    }

    fn check(&self, reader: &Sqlite) {
        for device in (0..4).map(DeviceId) {
            let excerpt = reader.timeline(device, Section { offset: 0, limit: 999 }).expect("a timeline");
            let entries = self.lives.get(&device).map_or(&[][..], |life| &life.entries);
            let found = excerpt.content.iter().rev();
            let found: Vec<_> = found.map(|it| (it.sequence, it.entry.at, &it.template)).collect();
            let expected =
                entries.iter().zip(0u64..).map(|((at, template), sequence)| (sequence, *at, template));
            assert_eq!(found, expected.collect::<Vec<_>>(), "{device:?}");
            assert_eq!(excerpt.total, entries.len() as u64);
        }
    }

    fn check_loaded(&self, stored: &Stored) {
        let found = stored.devices.iter().map(|device| (device.id, device.state));
        let expected = self.lives.iter().map(|(device, life)| (*device, life.state));
        assert!(found.eq(expected), "{:?}", stored.devices);
    }
}

fn edition(place: usize, number: u64) -> Arc<Template> {
    Arc::new(Template {
        heartbeat: Length::from_secs(number),
        ..Template::new(TEMPLATES[place], Chain::default())
    })
}

fn follower(device: DeviceId, place: usize) -> Identity {
    Identity { template: TEMPLATES[place].into(), ..identity(device) }
}

fn run(steps: Vec<Step>) {
    let folder = TempDir::new().expect("a directory");
    let path = folder.path().join("devices.db");
    let open = || Sqlite::open(&path).expect("a database");
    let (mut store, mut other) = (open(), open());
    let life = Life { state: State::NEW, template: 0, entries: Vec::new() };
    let lives = (0..4).map(|device| (DeviceId(device), life.clone())).collect();
    let mut model = Model { templates: [0, 1].map(|place| edition(place, 1)), lives, number: 1 };
    let devices = (0..4).map(|device| Write::Device(DeviceId(device), follower(DeviceId(device), 0)));
    let first: Vec<_> = model.templates.iter().cloned().map(Write::Template).chain(devices).collect();
    store.commit(&first).expect("a commit");
    for step in steps {
        match step {
            Step::Commit(changes) => {
                let writes: Vec<_> = changes.iter().flat_map(|change| model.take(change)).collect();
                store.commit(&writes).expect("a commit");
            }
            Step::Refused(changes) => {
                let mut as_if = model.clone();
                let mut writes: Vec<_> = changes.iter().flat_map(|change| as_if.take(change)).collect();
                writes.push(Write::State(NOBODY, State::NEW));
                store.commit(&writes).expect_err("of nobody");
            }
            Step::Settle => drop(other.settle_some().expect("it is moved")),
            Step::Reopen { loads } => {
                store = open();
                if loads {
                    model.check_loaded(&store.load().expect("what was committed"));
                }
            }
        }
        model.check(&other);
    }
    model.check_loaded(&store.load().expect("what was committed"));
    model.check(&other);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn timelines_and_states_are_as_they_were_written(steps in prop::collection::vec(step(), 0..30)) {
        run(steps);
    }
}
