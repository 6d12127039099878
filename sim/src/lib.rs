//! The simulator.
pub mod device;
pub mod endpoint;
pub mod network;
pub mod plan;
pub mod random;
