//! The scenario language: the text of a YAML file to a [`Plan`], or to everything that is wrong with it.
//!
//! | step | module |
//! |---|---|
//! | text to a tree of nodes that know their place | `syntax` |
//! | tree to plan, section by section of the file | `resolve` (start here) |
//! | the grammar of time | `units` |
//! | lengths that are drawn | `length` |
//! | every key and verb of the language | [`keys`] |
//! | what editors are told of it | [`schema`] |
//! | the choice of tick | `tick` |
//! | problems, in order and each once | `diagnostic` |
//!
//! Pure: reads no file, no clock and no environment. Does not decide how a finding looks, nor what a run makes of a plan.

mod diagnostic;
pub mod keys;
mod length;
mod resolve;
pub mod schema;
mod syntax;
mod tick;
pub(crate) mod units;

use blynk_core::time::Duration;
use blynk_reports::model::Finding;

use crate::plan::{Engine, Plan, Source};
use crate::random::Seed;
use diagnostic::Problems;
pub(crate) use diagnostic::{listed, nearest};

/// What the user asks for beside the file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Replaces the file's seed.
    pub seed: Option<Seed>,
    /// Replaces the file's engine.
    pub engine: Option<Engine>,
}

/// A file that can be run.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What to run.
    pub plan: Plan,
    /// What is legal in the file but doubtful.
    pub warnings: Vec<Finding>,
}

/// A length of time, spelt as in scenarios.
///
/// # Errors
/// What is wrong with it, and the way out.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    units::duration(text).map_err(|error| match error.help() {
        Some(help) => format!("{error}: {help}"),
        None => error.to_string(),
    })
}

/// Resolves the text of a scenario file.
///
/// # Errors
/// Everything that is wrong with the file, in order of place, each problem once, and then the warnings.
pub fn load(source: Source, options: &Options) -> Result<Loaded, Vec<Finding>> {
    let mut problems = Problems::default();
    let plan = match syntax::parse(&source, &mut problems) {
        Ok(root) => resolve::resolve(&source, &root, options, &mut problems),
        Err(problem) => {
            problems.report(problem);
            None
        }
    };
    let refused = problems.refuse();
    let findings = problems.into_findings(&source);
    match plan {
        Some(plan) if !refused => Ok(Loaded { plan, warnings: findings }),
        Some(_) | None => Err(findings),
    }
}

/// Every scalar of a file with the path to it, as this reader sees it: for comparison with another reader.
///
/// # Errors
/// What is no YAML.
#[doc(hidden)]
pub fn scalars(source: &Source) -> Result<Vec<(String, String)>, Vec<Finding>> {
    let mut problems = Problems::default();
    let mut scalars = Vec::new();
    match syntax::parse(source, &mut problems) {
        Ok(root) => root.scalars("", &mut scalars),
        Err(problem) => problems.report(problem),
    }
    if problems.refuse() { Err(problems.into_findings(source)) } else { Ok(scalars) }
}

#[cfg(test)]
mod tests;
