//! Renders what the simulator found out; knows neither server nor simulator.

pub mod model;
pub mod terminal;
