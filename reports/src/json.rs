//! The model as it is, as JSON. `compare` reads it back.

use crate::model::{FORMAT, Run};

/// The whole report.
///
/// # Panics
/// Never: the model has only text for keys.
pub fn report(run: &Run) -> String {
    serde_json::to_string(run).expect("the model is plain") + "\n"
}

/// Why a text is no report that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is of another version of the model.
    Format(u64),
    /// It is no report.
    Text(String),
}

/// Reads a report back.
///
/// # Errors
/// If it is none, or one of another version.
pub fn parse(text: &str) -> Result<Run, Unreadable> {
    // What a version that we do not know means by its fields is not ours to guess.
    #[derive(serde::Deserialize)]
    struct Head {
        format: u64,
    }
    let why = |error: serde_json::Error| Unreadable::Text(error.to_string());
    let Head { format } = serde_json::from_str(text).map_err(why)?;
    if format != u64::from(FORMAT) {
        return Err(Unreadable::Format(format));
    }
    serde_json::from_str(text).map_err(why)
}
