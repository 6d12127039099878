//! stub
/// c
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// p
    Ping,
}
