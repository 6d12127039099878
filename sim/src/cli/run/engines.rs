//! `run --engine`: one engine, or all.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::plan::Engine;

/// What every scenario is run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engines {
    /// On this one, whatever its file says.
    One(Engine),
    /// On each, and they are held against each other; but one that names its engine on that alone.
    All,
}

const ALL: &str = "all";

impl Engines {
    /// What replaces the engine of a file.
    pub(super) const fn replacement(self) -> Option<Engine> {
        match self {
            Self::One(engine) => Some(engine),
            Self::All => None,
        }
    }
}

pub(super) fn parser() -> impl TypedValueParser<Value = Engines> {
    PossibleValuesParser::new(Engine::ALL.map(Engine::name).into_iter().chain([ALL])).map(|name| {
        let named = Engine::ALL.into_iter().find(|engine| engine.name() == name);
        named.map_or(Engines::All, Engines::One)
    })
}
