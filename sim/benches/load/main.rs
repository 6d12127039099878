//! The served process under load, beside a bare echo that gets the same bytes: what an answer, a login and an idle connection
//! cost, and how long 100,000 devices take to be there again.
//!
//! Rates are per second of the server's processor time, so that they hold on a machine that others use too. The servers are
//! processes of their own, and take turns. Names of rows, or parts of them, select rows.

#![expect(clippy::disallowed_methods, reason = "real processes live in real time")]

#[path = "../measure/process.rs"]
mod process;

mod database;
mod echo;
mod frames;
mod idle;
mod logins;
mod pings;
mod recovery;
mod socket;
mod subject;
mod table;

use std::env;

use table::Table;

fn main() {
    if echo::is_wanted() {
        return echo::run();
    }
    // What cargo adds begins with a dash.
    let wanted = env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let table = Table::begin(wanted);
    pings::measure(&table);
    logins::measure(&table);
    idle::measure(&table);
    recovery::measure(&table);
}
