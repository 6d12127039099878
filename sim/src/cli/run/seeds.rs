//! `--seeds A..B`, or a single one.

use std::ops::RangeInclusive;
use std::str::FromStr;

/// More runs than this are refused: what came of each is kept until the end.
pub(super) const MOST_RUNS: u64 = 1_000_000;

/// `A..B`, both included.
#[derive(Clone, Debug)]
pub(super) struct Seeds(RangeInclusive<u64>);

impl Seeds {
    pub(super) fn iter(&self) -> impl Iterator<Item = u64> + use<> {
        self.0.clone()
    }

    /// How many there are; as many as can be counted, if there are more.
    pub(super) fn count(&self) -> u64 {
        (self.0.end() - self.0.start()).saturating_add(1)
    }
}

impl FromStr for Seeds {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "write the first and the last, the smaller first, such as `1..20`; both are run, and `5` is one seed";
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let (first, last) = (first.parse().map_err(|_| WRONG)?, last.parse().map_err(|_| WRONG)?);
        if first <= last { Ok(Self(first..=last)) } else { Err(WRONG) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_belong_to_it() {
        let seeds: Seeds = "3..5".parse().expect("two numbers");
        assert_eq!((seeds.iter().collect::<Vec<_>>(), seeds.count()), (vec![3, 4, 5], 3));
        let all: Seeds = "0..18446744073709551615".parse().expect("two numbers");
        assert_eq!(all.count(), u64::MAX);
        let one: Seeds = "5".parse().expect("a number");
        assert_eq!(one.iter().collect::<Vec<_>>(), [5]);
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in ["", "-5", "5..", "5..4", "a..b", "1..=2", "1..-2"] {
            assert!(text.parse::<Seeds>().is_err(), "{text}");
        }
    }
}
