//! The simulator.
pub mod plan;
pub mod random;
pub mod scenario;
