//! A table of measurements, each row in a process of its own.
//!
//! Owns which rows are measured, that the peak of one does not hide that of another, and the fleet that they are of. What is
//! done to it and printed of it is the bench's.

use std::env;
use std::process::Command;

use blynk_sim::plan::{Plan, Source};
use blynk_sim::scenario::{Options, load};

/// Measures the rows of these names that the arguments select, by parts of the names. In the process of a row it is measured
/// here; in the first one `head` stands above them.
pub(crate) fn tabulate(head: &str, names: &[&str], measure: impl Fn(usize)) {
    // What cargo adds begins with a dash.
    let arguments: Vec<_> = env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    if let Some(place) = arguments.first().and_then(|first| first.strip_prefix("row=")) {
        return measure(place.parse().expect("a place in the table"));
    }
    println!("{head}");
    for (place, name) in names.iter().enumerate() {
        if arguments.is_empty() || arguments.iter().any(|part| name.contains(part.as_str())) {
            let program = env::current_exe().expect("this program has a path");
            let status = Command::new(program).arg(format!("row={place}")).status().expect("it can be run");
            assert!(status.success(), "{name}: {status}");
        }
    }
}

/// The words before a goal.
pub(crate) const fn met(is_met: bool) -> &'static str {
    if is_met { "met" } else { "missed" }
}

/// A scenario of one fleet that is online in the end; `head` is what it says before, `device` what each is like.
pub(crate) fn fleet(head: &str, devices: u32, device: &str, timeline: &str, until: &str) -> Plan {
    let text = format!(
        "scenario: A fleet\n\
         {head}\n\
         template: {{ heartbeat: 45s, lifecycle: online -1m-> offline }}\n\
         devices: {{ fleet: {{ count: {devices}, {device} }} }}\n\
         timeline: {{ {timeline} }}\n\
         until: {until}\n\
         expect: {{ fleet: {{ at: {{ {until}: online }} }} }}\n"
    );
    let source = Source { path: "fleet.yaml".into(), text };
    load(source, &Options::default())
        .unwrap_or_else(|_| panic!("the scenario of {devices} devices is sound"))
        .plan
}
