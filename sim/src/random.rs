//! Named random streams: every number follows from seed, device and purpose, never from the order of drawing.

use blynk_core::id::DeviceId;
use blynk_core::time::Duration;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The seed of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seed(pub u64);

/// What a stream is drawn for. The numbers are part of every result: never reuse or change one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A device's token.
    Token = 1,
    /// Delays before dialling again.
    Reconnect = 2,
    /// The moment inside a window of the timeline.
    Window = 3,
    /// Random illegal bytes.
    Garbage = 4,
    /// What operators and users prove their right with.
    Operator = 5,
    /// A wrong token.
    BadToken = 6,
    /// The moment inside a window at which something happens to the server or to the receiver of notifications.
    World = 7,
    /// The key of everything that a device's network draws.
    Network = 8,
    /// Which members of a group are picked.
    Pick = 9,
    /// How long something lasts that is done to a device.
    Length = 10,
    /// How long something lasts that is done to the server or to the receiver of notifications.
    WorldLength = 11,
}

/// A stream of random numbers that nobody else draws from.
#[derive(Clone, Debug)]
pub struct Stream {
    seed: Seed,
    device: DeviceId,
    purpose: Purpose,
    number: u32,
    /// Made at the first draw: it is large, and most devices never draw.
    generator: Option<Box<ChaCha8Rng>>,
}

impl Seed {
    /// The stream of this device for this purpose.
    pub const fn stream(self, device: DeviceId, purpose: Purpose) -> Stream {
        self.draw(device, purpose, 0)
    }

    /// The stream of this device for one of many draws for this purpose: nobody need keep a stream between them.
    pub const fn draw(self, device: DeviceId, purpose: Purpose, number: u32) -> Stream {
        Stream { seed: self, device, purpose, number, generator: None }
    }
}

impl Stream {
    /// Uniform in `0..=most`. Our own mapping from bits to numbers, so that no library update changes a result.
    pub fn up_to(&mut self, most: u64) -> u64 {
        let product = u128::from(self.generator().next_u64()) * (u128::from(most) + 1);
        u64::try_from(product >> 64).expect("the upper half of a product of 64-bit numbers has 64 bits")
    }

    /// Uniform in whole milliseconds from zero to `most`, both included.
    pub fn duration_up_to(&mut self, most: Duration) -> Duration {
        Duration::from_millis(self.up_to(most.as_millis()))
    }

    /// Uniform above 0.0 up to 1.0, in steps of 2^-53: exact on every machine.
    pub fn unit(&mut self) -> f64 {
        ((self.generator().next_u64() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// Fills the buffer.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        self.generator().fill_bytes(bytes);
    }

    fn generator(&mut self) -> &mut ChaCha8Rng {
        self.generator.get_or_insert_with(|| {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&self.seed.0.to_le_bytes());
            key[8..12].copy_from_slice(&self.device.0.to_le_bytes());
            key[12] = self.purpose as u8;
            key[16..20].copy_from_slice(&self.number.to_le_bytes());
            ChaCha8Rng::from_seed(key).into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_fixed_for_ever() {
        let mut stream = Seed(1).stream(DeviceId(0), Purpose::Reconnect);
        insta::assert_debug_snapshot!([stream.up_to(999), stream.up_to(999), stream.up_to(u64::MAX)]);
    }

    #[test]
    fn devices_and_purposes_do_not_share_a_stream() {
        let draw = |device, purpose| Seed(1).stream(DeviceId(device), purpose).up_to(u64::MAX);
        assert_ne!(draw(0, Purpose::Reconnect), draw(1, Purpose::Reconnect));
        assert_ne!(draw(0, Purpose::Reconnect), draw(0, Purpose::Window));
    }

    #[test]
    fn both_ends_are_drawn() {
        let mut stream = Seed(7).stream(DeviceId(0), Purpose::Window);
        let drawn: std::collections::BTreeSet<_> = (0..200).map(|_| stream.up_to(3)).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3]);
    }
}
