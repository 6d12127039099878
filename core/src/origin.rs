//! Who counts as one where something is limited: an address, or the network that one host is given.
//!
//! Does not decide what is limited.

use std::net::{IpAddr, Ipv6Addr};

/// A host, as far as its address tells. An IPv6 host has a network of 64 bits to itself and may dial from any of its
/// addresses, so they are one origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(IpAddr);

impl From<IpAddr> for Origin {
    fn from(address: IpAddr) -> Self {
        // A socket that takes both kinds shows IPv4 addresses in the clothes of IPv6.
        Self(match address.to_canonical() {
            address @ IpAddr::V4(_) => address,
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(one: &str, other: &str, are_one: bool) {
        let origin = |text: &str| Origin::from(text.parse::<IpAddr>().expect("an address"));
        assert_eq!(origin(one) == origin(other), are_one, "{one} and {other}");
    }

    #[test]
    fn an_ipv4_address_is_an_origin_and_an_ipv6_network_is_one() {
        check("10.0.0.1", "10.0.0.2", false);
        check("10.0.0.1", "::ffff:10.0.0.1", true);
        check("::ffff:10.0.0.1", "::ffff:10.0.0.2", false);
        check("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true);
        check("2001:db8:1:2::1", "2001:db8:1:3::1", false);
    }
}
