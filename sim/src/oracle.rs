//! stub
use crate::network::*;
use crate::plan::*;
use crate::timeline::Event;
use blynk_core::id::*;
use blynk_core::time::*;
/// x
#[derive(Clone, Debug)]
pub struct Breach;
/// x
#[derive(Clone, Debug)]
pub struct Witness;
impl Witness {
    /// x
    pub fn new(_: &Plan) -> Self {
        Self
    }
    /// x
    pub fn delivered(&mut self, _: Instant, _: DeviceId, _: ConnectionId, _: &ToServer) {}
    /// x
    pub fn recorded(&mut self, _: Instant, _: DeviceId, _: Instant, _: &Event) {}
    /// x
    pub fn finish(&mut self, _: Instant) -> Vec<Breach> {
        vec![]
    }
}
