//! What becomes of one transmission: it arrives after a while, or it is lost and TCP sends the message again.
//!
//! Owns the arithmetic. Every number follows from the device's own key and from which message it is, on which connection,
//! which way and how often it was sent; so the order of drawing changes nothing. Whole milliseconds and millionths, no
//! floats: every machine gets the same.

use blynk_core::time::{Duration, Instant};

use super::ConnectionId;
use crate::plan::{Impairment, Quality, Share};

/// How long SYN and its answer are waited for at first (RFC 6298, 2.1).
const FIRST_TIME_OUT: Duration = Duration::SECOND;
/// What Linux adds to the round trip at least (`TCP_RTO_MIN`), where RFC 6298, 2.4 wants a whole second for the sum.
const LEAST_MARGIN: Duration = Duration::from_millis(200);
/// What doubling ends at (`TCP_RTO_MAX` of Linux; RFC 6298, 2.5 allows no less than a minute).
const LONGEST_TIME_OUT: Duration = Duration::from_secs(120);

/// Whither something goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    ToServer,
    ToDevice,
}

/// Where the numbers of one connection in one direction come from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chance(u64);

/// One transmission of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Attempt {
    /// Which message of its connection and direction, counted from 0: SYN or its answer.
    pub(super) message: u32,
    /// How often it was sent before.
    pub(super) losses: u32,
}

/// What becomes of a transmission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It arrives then.
    Arrives(Instant),
    /// It is lost; then it is sent again.
    SentAgain(Instant),
}

impl Chance {
    /// The key must be the device's own.
    pub(super) fn new(key: u64, connection: ConnectionId, direction: Direction) -> Self {
        let words = [u64::from(connection.line), u64::from(connection.dialled), direction as u64];
        Self(words.into_iter().fold(key, mixed))
    }

    /// What becomes of this transmission, which begins now.
    pub(super) fn fate(self, now: Instant, quality: Quality, attempt: Attempt) -> Fate {
        if quality == Quality::IDEAL {
            return Fate::Arrives(now);
        }
        let drawn = [attempt.message, attempt.losses].map(u64::from).into_iter().fold(self.0, mixed);
        let (loss, jitter) = (drawn & u64::from(u32::MAX), drawn >> 32);
        if scaled(loss, u64::from(Share::ALL.millionths())) < u64::from(quality.loss.millionths()) {
            Fate::SentAgain(now + time_out(quality, attempt))
        } else {
            let jitter = scaled(jitter, quality.jitter.as_millis().saturating_add(1));
            Fate::Arrives(now + quality.latency + Duration::from_millis(jitter))
        }
    }
}

/// How long TCP waits before it sends this again. Of an open connection the round trip is known: to its mean Linux adds
/// four times its mean deviation, which of two uniform jitters is a third of one (RFC 6298, 2.3).
fn time_out(quality: Quality, attempt: Attempt) -> Duration {
    let first = match attempt.message {
        0 => FIRST_TIME_OUT,
        _ => quality.latency * 2 + quality.jitter + (quality.jitter * 4 / 3).max(LEAST_MARGIN),
    };
    // Beyond 2^20 doublings of a millisecond the bound is reached.
    (first * (1 << attempt.losses.min(20))).min(LONGEST_TIME_OUT)
}

/// A network of this quality under one more impairment.
pub(super) fn impaired(quality: Quality, impairment: Impairment) -> Quality {
    match impairment {
        Impairment::Slow(more) => Quality { latency: quality.latency + more, ..quality },
        Impairment::Lose(share) => Quality { loss: either(quality.loss, share), ..quality },
        Impairment::Drop | Impairment::Partition => quality,
    }
}

/// The chance that at least one of two independent losses occurs.
fn either(one: Share, other: Share) -> Share {
    let all = u64::from(Share::ALL.millionths());
    let [one, other] = [one, other].map(|share| u64::from(share.millionths()));
    let both = u32::try_from(one + other - one * other / all).ok();
    both.and_then(Share::from_millionths).expect("no chance is above one")
}

/// A number of 32 bits brought into `0..below`.
fn scaled(number: u64, below: u64) -> u64 {
    let product = u128::from(number) * u128::from(below);
    u64::try_from(product >> 32).expect("a part of a number of 64 bits has no more")
}

/// Stirs one more word into a key: the finaliser of `SplitMix64` (Steele, Lea and Flood, OOPSLA 2014). For one key it is
/// a bijection of the word.
fn mixed(key: u64, word: u64) -> u64 {
    let mut bits = (key ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests;
