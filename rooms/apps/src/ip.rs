//! From which addresses an app may call. No rules at all means from everywhere.

use crate::rules::BadLine;
use std::fmt;
use std::net::IpAddr;

pub const IP_RULES_MAX: u32 = 200;

/// A network: the address's first `bits` count. A single address is a network of one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IpRule {
    network: IpAddr,
    bits: u8,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct IpRules(Vec<IpRule>);

fn as_bits(address: IpAddr) -> (u128, u8) {
    match address {
        IpAddr::V4(a) => (u128::from(a.to_bits()) << 96, 32),
        IpAddr::V6(a) => (a.to_bits(), 128),
    }
}

fn masked(address: IpAddr, bits: u8) -> u128 {
    let mask = if bits == 0 { 0 } else { u128::MAX << (128 - u32::from(bits)) };
    as_bits(address).0 & mask
}

impl IpRule {
    /// `10.10.10.*`, `10.10.10.0/24`, a single address, or the same of IPv6.
    pub fn parse(text: &str) -> Option<IpRule> {
        if let Some(rule) = with_stars(text) {
            return Some(rule);
        }
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => {
                let plain = !bits.is_empty() && bits.len() <= 3 && bits.bytes().all(|b| b.is_ascii_digit());
                (address, Some(bits.parse::<u8>().ok().filter(|_| plain)?))
            }
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let (_, most) = as_bits(address);
        let bits = bits.unwrap_or(most);
        // A network that names more than itself is a mistake: 10.0.0.1/8 meant something else.
        let whole = bits <= most && masked(address, bits) == as_bits(address).0;
        // An IPv4 address in IPv6's clothes is the IPv4 address.
        let plain = address.to_canonical() == address;
        (whole && plain).then_some(IpRule { network: address, bits })
    }

    pub fn holds(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.network.is_ipv4() && masked(address, self.bits) == as_bits(self.network).0
    }
}

/// Whole parts at the end may be stars: `10.10.*.*`.
fn with_stars(text: &str) -> Option<IpRule> {
    let parts: Vec<&str> = text.split('.').collect();
    let fixed = parts.iter().take_while(|p| **p != "*").count();
    if parts.len() != 4 || fixed == 4 || fixed == 0 || parts.iter().skip(fixed).any(|p| *p != "*") {
        return None;
    }
    let filled: Vec<&str> = parts.iter().map(|p| if *p == "*" { "0" } else { p }).collect();
    let network: std::net::Ipv4Addr = filled.join(".").parse().ok()?;
    Some(IpRule { network: network.into(), bits: fixed as u8 * 8 })
}

impl fmt::Display for IpRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.network, self.bits) {
            (IpAddr::V4(_), 32) | (IpAddr::V6(_), 128) => write!(f, "{}", self.network),
            (IpAddr::V4(a), bits @ (8 | 16 | 24)) => {
                let n = usize::from(bits / 8);
                let parts = a.octets().map(|o| o.to_string());
                let shown: Vec<&str> =
                    parts.iter().enumerate().map(|(i, p)| if i < n { p } else { "*" }).collect();
                f.write_str(&shown.join("."))
            }
            (network, bits) => write!(f, "{network}/{bits}"),
        }
    }
}

impl IpRules {
    /// One a line, or parted by semicolons or commas.
    pub fn parse(text: &str) -> Result<IpRules, Vec<BadLine>> {
        let (mut rules, mut bad) = (Vec::new(), Vec::new());
        for (n, line) in (1..).zip(text.lines()) {
            for entry in line.split([';', ',', '；', '，']).map(str::trim).filter(|e| !e.is_empty()) {
                match IpRule::parse(entry) {
                    Some(rule) if !rules.contains(&rule) => rules.push(rule),
                    Some(_) => {}
                    None => bad.push(BadLine { number: n, text: entry.chars().take(60).collect() }),
                }
            }
        }
        if bad.is_empty() { Ok(IpRules(rules)) } else { Err(bad) }
    }

    pub fn is_off(&self) -> bool {
        self.0.is_empty()
    }
    pub fn len(&self) -> usize {
        self.0.len()
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Whether a call from there may pass.
    pub fn admits(&self, address: IpAddr) -> bool {
        self.0.is_empty() || self.0.iter().any(|r| r.holds(address))
    }
    /// As they are kept and shown again: one a line.
    pub fn text(&self) -> String {
        self.0.iter().map(IpRule::to_string).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rules(text: &str) -> IpRules {
        IpRules::parse(text).expect(text)
    }
    fn at(text: &str) -> IpAddr {
        text.parse().expect(text)
    }

    #[test]
    fn addresses_pass_by_star_network_and_name() {
        let r = rules("10.10.10.*\n192.168.0.0/22; 203.0.113.9\n2001:db8::/32\n2001:db9::1");
        for pass in [
            "10.10.10.0",
            "10.10.10.255",
            "192.168.3.255",
            "203.0.113.9",
            "2001:db8:ffff::1",
            "2001:db9::1",
            "::ffff:10.10.10.7",
        ] {
            assert!(r.admits(at(pass)), "{pass}");
        }
        for held in
            ["10.10.11.0", "10.10.9.255", "192.168.4.0", "203.0.113.8", "2001:db9::2", "::10.10.10.7", "::"]
        {
            assert!(!r.admits(at(held)), "{held}");
        }
        assert!(rules(" \n").is_off() && rules("").admits(at("8.8.8.8")), "empty is off");
        assert_eq!(rules("10.10.10.0/24\n10.10.10.*").text(), "10.10.10.*");
    }

    #[test]
    fn what_is_no_rule_is_told_line_by_line() {
        let bad = IpRules::parse("10.0.0.1\n10.0.0.*.*\n10.0.0.1/8;1.2.3\n300.1.1.1").expect_err("bad");
        let told: Vec<_> = bad.iter().map(|l| (l.number, l.text.as_str())).collect();
        assert_eq!(told, [(2, "10.0.0.*.*"), (3, "10.0.0.1/8"), (3, "1.2.3"), (4, "300.1.1.1")]);
        for bad in [
            "*",
            "*.*.*.*",
            "*.1.1.1",
            "10.*.1.*",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "10.0.0.0/",
            "::/129",
            "2001:db8::1/32",
            "::ffff:1.2.3.4",
            "01.2.3.4",
            "1.2.3.4 5",
            "a.example",
            "10.0.0.0/8/8",
            "0x7f.0.0.1",
        ] {
            assert!(IpRules::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn nothing_pasted_makes_it_panic(text in "[0-9a-f.:/*; \\n,]{0,60}|\\PC{0,60}") {
            let _ = IpRules::parse(&text);
        }
        #[test]
        fn rules_read_back_as_they_are_shown(a: u32, b: u128, bits in 0u8..=32, more in 0u8..=128) {
            let v4 = IpAddr::from(std::net::Ipv4Addr::from_bits(if bits == 0 { 0 } else { a & (u32::MAX << (32 - u32::from(bits))) }));
            let v6 = IpAddr::from(std::net::Ipv6Addr::from_bits(if more == 0 { 0 } else { b & (u128::MAX << (128 - u32::from(more))) }));
            for (network, bits) in [(v4, bits), (v6, more)] {
                let Some(rule) = IpRule::parse(&format!("{network}/{bits}")) else { continue };
                prop_assert_eq!(IpRule::parse(&rule.to_string()), Some(rule));
                prop_assert!(rule.holds(network));
            }
        }
        #[test]
        fn a_star_is_its_network(a: u8, b: u8, c: u8, d: u8, other: u32) {
            let star = rules(&format!("{a}.{b}.{c}.*"));
            prop_assert!(star.admits(IpAddr::from([a, b, c, d])));
            let other = std::net::Ipv4Addr::from_bits(other);
            prop_assert_eq!(star.admits(other.into()), other.octets()[..3] == [a, b, c]);
        }
    }
}
