//! The oracle has teeth: servers that are broken on purpose, each of which a committed scenario must fail, for the right
//! reason.
//!
//! A broken server is the real one with a line or two changed. The workspace is copied, every fault is put in beside the
//! sound code, and a variable of the environment says which of them is in force; so one build makes all of them. The
//! faults stand in [`faults`].

mod faults;
mod workshop;

use std::collections::BTreeSet;

use faults::Fault;
use workshop::Workshop;

#[test]
fn every_broken_server_is_caught_for_the_right_reason() {
    let workshop = Workshop::open(faults::all());
    for scenario in faults::all().map(|fault| fault.scenario).collect::<BTreeSet<_>>() {
        let (sound, told) = workshop.run(None, scenario);
        assert!(sound, "{scenario} fails without a fault:\n{told}");
    }
    let missed: Vec<_> = faults::all().filter_map(|fault| missed(&workshop, fault)).collect();
    assert!(missed.is_empty(), "{}", missed.join("\n\n"));
}

/// Why this fault was not caught as it should have been, if so.
fn missed(workshop: &Workshop, fault: &Fault) -> Option<String> {
    let (passed, told) = workshop.run(Some(fault.name), fault.scenario);
    let what = match passed {
        true => "passes",
        false if !told.contains(fault.says) => "fails for another reason",
        false => return None,
    };
    Some(format!("{}: {} {what}; it must say: {}\n{told}", fault.name, fault.scenario, fault.says))
}
