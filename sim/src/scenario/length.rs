//! Lengths of time that may be drawn: fixed, uniform, or after a distribution.
//!
//! Owns how they are spelt and drawn. Logarithms and the like come from the `libm` crate and not from the platform, so that
//! every machine draws the same.

use std::f64::consts::TAU;

use blynk_core::time::Duration;

use super::units::{self, LONGEST, TimeError};
use crate::random::Stream;

/// How long something lasts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Length {
    /// `30s`
    Fixed(Duration),
    /// `30s..5m`: any length in between, both ends included.
    Uniform(Duration, Duration),
    /// `exp 2m`: exponential with this mean.
    Exponential { mean: Duration },
    /// `normal 30s 5s`: mean and standard deviation.
    Normal { mean: Duration, deviation: Duration },
    /// `pareto 30s 1.5`: at least this long, with a tail of this exponent.
    Pareto { least: Duration, exponent: f64 },
}

/// Why a text is no length.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum LengthError {
    #[error(transparent)]
    Time(#[from] TimeError),
    #[error("\"{0}\" ends before it begins")]
    Backwards(String),
    #[error("\"{0}\" is too short")]
    TooShort(String),
    #[error("\"{0}\" is no distribution")]
    Distribution(String),
    #[error("the exponent in \"{0}\" is not a number above 0, at most 100")]
    Exponent(String),
}

impl LengthError {
    /// The way out.
    pub(crate) const fn help(&self) -> Option<&'static str> {
        match self {
            Self::Time(error) => error.help(),
            Self::Backwards(_) => Some("write the shorter length first, such as `30s..5m`"),
            Self::TooShort(_) => Some("it lasts at least a millisecond"),
            Self::Distribution(_) | Self::Exponent(_) => Some(
                "write `30s`, `30s..5m`, `exp 2m` (mean), `normal 30s 5s` (mean, deviation) or `pareto 30s 1.5` (least, exponent)",
            ),
        }
    }
}

impl Length {
    /// Reads a length.
    pub(crate) fn parse(text: &str) -> Result<Self, LengthError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            ["exp", mean] => Ok(Self::Exponential { mean: positive(mean)? }),
            ["normal", mean, deviation] => {
                Ok(Self::Normal { mean: positive(mean)?, deviation: units::duration(deviation)? })
            }
            ["pareto", least, exponent] => {
                Ok(Self::Pareto { least: positive(least)?, exponent: read_exponent(text, exponent)? })
            }
            ["exp" | "normal" | "pareto"] | [_, _, ..] => Err(LengthError::Distribution(text.to_owned())),
            _ => match text.split_once("..") {
                None => Ok(Self::Fixed(positive(text)?)),
                Some((shortest, longest)) => {
                    let (shortest, longest) = (positive(shortest)?, positive(longest)?);
                    let in_order = shortest <= longest;
                    in_order
                        .then_some(Self::Uniform(shortest, longest))
                        .ok_or(LengthError::Backwards(text.to_owned()))
                }
            },
        }
    }

    /// The longest that can be drawn, where the author names it.
    pub(crate) const fn longest(self) -> Option<Duration> {
        match self {
            Self::Fixed(length) | Self::Uniform(_, length) => Some(length),
            Self::Exponential { .. } | Self::Normal { .. } | Self::Pareto { .. } => None,
        }
    }

    /// One length, in whole milliseconds and at least one.
    pub(crate) fn draw(self, stream: &mut Stream) -> Duration {
        match self {
            Self::Fixed(length) => length,
            Self::Uniform(shortest, longest) => {
                shortest + stream.duration_up_to(longest.saturating_sub(shortest))
            }
            Self::Exponential { mean } => millis(-libm::log(stream.unit()) * float(mean)),
            Self::Normal { mean, deviation } => {
                // Box and Muller, "A Note on the Generation of Random Normal Deviates", 1958.
                let radius = libm::sqrt(-2.0 * libm::log(stream.unit()));
                millis(float(mean) + float(deviation) * radius * libm::cos(TAU * stream.unit()))
            }
            Self::Pareto { least, exponent } => {
                millis(float(least) * libm::exp(-libm::log(stream.unit()) / exponent))
            }
        }
    }
}

fn positive(text: &str) -> Result<Duration, LengthError> {
    let length = units::duration(text)?;
    if length.is_zero() { Err(LengthError::TooShort(text.to_owned())) } else { Ok(length) }
}

fn read_exponent(text: &str, exponent: &str) -> Result<f64, LengthError> {
    let is_plain = exponent.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number = exponent.parse().ok().filter(|number: &f64| is_plain && *number > 0.0 && *number <= 100.0);
    number.ok_or_else(|| LengthError::Exponent(text.to_owned()))
}

fn float(length: Duration) -> f64 {
    length.as_millis() as f64
}

/// Rounded; a draw that is out of bounds is as good as the bound.
fn millis(length: f64) -> Duration {
    let most = float(LONGEST);
    Duration::from_millis(libm::round(length.clamp(1.0, most)) as u64)
}

#[cfg(test)]
mod tests {
    use blynk_core::id::DeviceId;

    use super::*;
    use crate::random::{Purpose, Seed};

    /// A thousand draws, in order of length.
    fn drawn(text: &str) -> Vec<u64> {
        let length = Length::parse(text).expect("a valid length");
        let draw = |number| length.draw(&mut Seed(1).draw(DeviceId(0), Purpose::Length, number)).as_millis();
        let mut drawn: Vec<_> = (0..1_000).map(draw).collect();
        drawn.sort_unstable();
        drawn
    }

    #[track_caller]
    fn near(got: u64, wanted: u64) {
        assert!(got.abs_diff(wanted) * 10 <= wanted, "{got} is not near {wanted}");
    }

    #[test]
    fn a_range_is_uniform_and_has_both_ends() {
        let drawn = drawn("1ms..4ms");
        assert_eq!((drawn[0], drawn[999]), (1, 4));
        near(drawn.iter().sum::<u64>(), 2_500);
    }

    #[test]
    fn distributions_have_their_medians() {
        // ln 2 of the mean; the mean; 2^(1 / exponent) of the least.
        near(drawn("exp 2m")[500], 83_178);
        near(drawn("normal 30s 5s")[500], 30_000);
        near(drawn("pareto 30s 1.5")[500], 47_622);
    }

    #[test]
    fn distributions_have_their_spreads() {
        near(drawn("exp 2m")[900], 276_310);
        near(drawn("normal 30s 5s")[841], 35_000);
        near(drawn("pareto 30s 1.5")[900], 139_248);
        assert!(drawn("pareto 30s 1.5")[0] >= 30_000);
    }

    #[test]
    fn nothing_lasts_less_than_a_millisecond() {
        assert_eq!(drawn("normal 1ms 1h")[0], 1);
        assert!(matches!(Length::parse("0s"), Err(LengthError::TooShort(_))));
    }

    #[test]
    fn draws_are_fixed_for_ever() {
        let first = |text| drawn(text)[..3].to_vec();
        insta::assert_debug_snapshot!([
            first("30s..5m"),
            first("exp 2m"),
            first("normal 30s 5s"),
            first("pareto 30s 1.5")
        ]);
    }

    #[test]
    fn what_is_no_length_is_refused() {
        let refused = |text| Length::parse(text).expect_err("no length").to_string();
        assert_eq!(refused("5m..30s"), "\"5m..30s\" ends before it begins");
        assert_eq!(
            refused("pareto 30s -1"),
            "the exponent in \"pareto 30s -1\" is not a number above 0, at most 100"
        );
        assert_eq!(
            refused("pareto 30s nan"),
            "the exponent in \"pareto 30s nan\" is not a number above 0, at most 100"
        );
        assert_eq!(refused("gauss 30s 5s"), "\"gauss 30s 5s\" is no distribution");
        assert_eq!(refused("exp 2"), "\"2\" has no unit: write `2s` or `2m`");
    }
}
