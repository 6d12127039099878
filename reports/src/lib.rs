//! Renders what the simulator found out; knows neither server nor simulator.
//!
//! Everything is a pure function of the [`model`], so identical inputs give identical bytes; how long a run took in the
//! real world stands only on the terminal and in one field of [`json`] and [`ndjson`]. The words of a finding are the same
//! everywhere: those of the [`terminal`].

pub mod model;
pub mod numerals;
pub mod printable;

pub mod github;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod ndjson;
pub mod tap;
pub mod terminal;

#[cfg(test)]
mod tests;
