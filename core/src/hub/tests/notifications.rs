//! What a change of status owes is durable in the same step (`lifecycle` section 9).

use super::*;

fn world() -> World {
    let mut world = World::new(Settings::default(), notifying_template());
    world.hear(at(0), login(OLD, LAMP));
    world
}

/// What an input makes the hub do, in one step.
fn outputs(world: &mut World, now: Instant, input: Input) -> Vec<Output> {
    world.hub.handle_input(now, input);
    std::iter::from_fn(|| world.hub.poll_output()).collect()
}

/// When and into which status the lamp changed, and of which entries two notifications each became durable, in the
/// order of the writes.
fn check(outputs: &[Output], expected: &[(u64, u8)]) {
    let (mut changed, mut owed) = (vec![], vec![]);
    for output in outputs {
        match output {
            Output::Write(Write::Entry(_, Entry { at, event: Event::Status(change) })) => {
                changed.push((*at, change.to));
            }
            Output::Write(Write::Notification(notification, _)) => {
                let entry = (notification.entered_at, notification.status);
                assert_eq!(changed.last(), Some(&entry), "a notification follows its entry");
                owed.push(entry);
            }
            Output::Write(_) | Output::Deliver(_) => {}
            Output::Login(..)
            | Output::Supersede(_)
            | Output::Answer(..)
            | Output::Values(..)
            | Output::Heartbeat(..)
            | Output::Reply(..) => break,
        }
    }
    let expected = expected.iter().map(|(second, status)| (at(*second), StatusIndex(*status)));
    assert_eq!(owed, expected.flat_map(|entry| [entry; 2]).collect::<Vec<_>>());
}

#[test]
fn a_status_that_is_due_and_what_it_owes_are_one_step() {
    let mut world = world();
    world.hear(at(5), closed(OLD, 5));
    check(&outputs(&mut world, at(65), Input::Timeout), &[]);
    check(&outputs(&mut world, at(65).when_over(), Input::Timeout), &[(65, 1)]);
}

#[test]
fn several_entries_in_one_step_owe_in_their_order() {
    let mut world = world();
    world.hear(at(5), closed(OLD, 5));
    check(&outputs(&mut world, at(999_999), Input::Timeout), &[(65, 1), (90_065, 3)]);
}

#[test]
fn a_status_that_is_set_owes_before_it_is_answered() {
    let word = Word::SetStatus { id: id(9), status: "retired".into() };
    check(&outputs(&mut world(), at(5), Input::Word(OLD, word)), &[(5, 3)]);
    let wish = Wish::SetStatus("standby".into());
    check(&outputs(&mut world(), at(5), order(wish)), &[(5, 1)]);
}

#[test]
fn a_status_that_does_not_notify_owes_nothing() {
    let wish = Wish::SetStatus("offline".into());
    check(&outputs(&mut world(), at(5), order(wish)), &[]);
}
