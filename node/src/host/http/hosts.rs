//! Whom a request was meant for, and which page sent it: the Host and Origin headers.
//!
//! A web page can reach a loopback port, also under a name of its own that resolves to it. So a Host
//! has to be this server's own address, never just any name, and an Origin has to be the same.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The port that a Host without one means.
const DEFAULT_PORT: u16 = 80;

/// The authorities (`host:port`) under which this server is spoken to.
#[derive(Debug, Clone)]
pub(super) struct Hosts {
    bound: SocketAddr,
    named: Vec<String>,
}

impl Hosts {
    /// Takes the address that is bound, and authorities that are allowed beside it and loopback.
    pub(super) const fn new(bound: SocketAddr, named: Vec<String>) -> Self {
        Self { bound, named }
    }

    /// Tells whether the request names this server in its one Host header, and in its target where
    /// that is absolute.
    pub(super) fn meant(&self, headers: &HeaderMap, target: &Uri) -> bool {
        let host = single(headers, header::HOST).and_then(|host| host.to_str().ok());
        host.is_some_and(|host| self.own(host))
            && target.authority().is_none_or(|authority| self.own(authority.as_str()))
    }

    fn own(&self, authority: &str) -> bool {
        if self.named.iter().any(|named| named.eq_ignore_ascii_case(authority)) {
            return true;
        }
        let Some((host, port)) = split(authority) else { return false };
        let own_host = match host {
            Host::Name(name) => name.eq_ignore_ascii_case("localhost"),
            Host::Address(address) => address.is_loopback() || address == self.bound.ip(),
        };
        own_host && port == self.bound.port()
    }
}

/// Tells whether the request has no Origin, or the one of the page that this server itself serves.
pub(super) fn own_origin(headers: &HeaderMap) -> bool {
    if !headers.contains_key(header::ORIGIN) {
        return true;
    }
    let text = |name| single(headers, name).and_then(|value| value.to_str().ok());
    match (text(header::ORIGIN), text(header::HOST)) {
        (Some(origin), Some(host)) => origin
            .strip_prefix("http://")
            .is_some_and(|authority| authority.eq_ignore_ascii_case(host)),
        _ => false,
    }
}

/// Returns a header's value if it stands exactly once.
pub(super) fn single(headers: &HeaderMap, name: HeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

enum Host<'a> {
    Name(&'a str),
    Address(IpAddr),
}

fn split(authority: &str) -> Option<(Host<'_>, u16)> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let port = match port.strip_prefix(':') {
            Some(port) => number(port)?,
            None if port.is_empty() => DEFAULT_PORT,
            None => return None,
        };
        return Some((Host::Address(address.parse::<Ipv6Addr>().ok()?.into()), port));
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, number(port)?),
        None => (authority, DEFAULT_PORT),
    };
    let host = match host.parse::<Ipv4Addr>() {
        Ok(address) => Host::Address(address.into()),
        Err(_) => Host::Name(host),
    };
    Some((host, port))
}

/// Reads a port; `u16`'s own parser would take a sign.
fn number(port: &str) -> Option<u16> {
    port.bytes().all(|digit| digit.is_ascii_digit()).then(|| port.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(bound: &str) -> Hosts {
        Hosts::new(bound.parse().unwrap(), vec!["node.lan:7780".into()])
    }

    #[test]
    fn only_own_addresses_are_hosts() {
        let here = hosts("127.0.0.1:7780");
        for own in [
            "127.0.0.1:7780",
            "127.9.9.9:7780",
            "localhost:7780",
            "LocalHost:7780",
            "[::1]:7780",
            "Node.lan:7780",
        ] {
            assert!(here.own(own), "{own}");
        }
        for foreign in [
            "",
            ":7780",
            "evil.com",
            "evil.com:7780",
            "127.0.0.1.evil.com:7780",
            "localhost.evil.com:7780",
            "127.0.0.1.:7780",
            "localhost.:7780",
            "127.0.0.1",
            "127.0.0.1:",
            "127.0.0.1:+7780",
            "127.0.0.1:7781",
            "127.1:7780",
            "2130706433:7780",
            "0177.0.0.1:7780",
            "0.0.0.0:7780",
            "192.168.0.1:7780",
            "[::1]",
            "[::1]7780",
            "[::2]:7780",
            "[::1:7780",
            "evil@127.0.0.1:7780",
            "127.0.0.1:7780:7780",
            "node.lan",
        ] {
            assert!(!here.own(foreign), "{foreign}");
        }
        assert!(hosts("192.168.0.1:7780").own("192.168.0.1:7780"));
        assert!(hosts("127.0.0.1:80").own("127.0.0.1") && hosts("[::1]:80").own("[::1]"));
    }

    #[test]
    fn an_origin_has_to_be_the_host_itself() {
        let own = |origins: &[&'static str]| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:7780"));
            for origin in origins {
                headers.append(header::ORIGIN, HeaderValue::from_static(origin));
            }
            own_origin(&headers)
        };
        assert!(own(&[]) && own(&["http://127.0.0.1:7780"]));
        for foreign in [
            "null",
            "",
            "127.0.0.1:7780",
            "https://127.0.0.1:7780",
            "http://127.0.0.1:7781",
            "http://127.0.0.1",
            "http://localhost:7780",
            "http://127.0.0.1:7780.evil.com",
            "http://evil.com",
            "http://127.0.0.1:7780/",
        ] {
            assert!(!own(&[foreign]), "{foreign}");
        }
        assert!(!own(&["http://127.0.0.1:7780", "http://127.0.0.1:7780"]));
    }
}
