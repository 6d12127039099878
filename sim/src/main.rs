//! The program `blynk-sim`. All of it is in the library; this reads what surrounds a process, once.

use std::process::ExitCode;

fn main() -> ExitCode {
    blynk_sim::cli::main()
}
