//! Whatever a service reaches for is seen.

use std::net::SocketAddr;

use libtest_mimic::Failed;
use supervisor::protocol::{Attempt, Command, Protocol, Report};

use crate::Test;
use crate::place::{Place, attempts};
use crate::support::{ensure, expect};

pub const TESTS: &[(&str, Test)] = &[
    ("a_connection_attempt_is_reported", a_connection_attempt_is_reported),
    ("an_attempt_over_ipv6_is_reported", an_attempt_over_ipv6_is_reported),
    ("a_datagram_is_reported", a_datagram_is_reported),
    ("a_name_and_what_follows_are_reported", a_name_and_what_follows_are_reported),
    ("local_names_need_no_name_server", local_names_need_no_name_server),
    ("an_allowed_address_is_not_reported", an_allowed_address_is_not_reported),
    ("attempts_come_before_the_flush_is_answered", attempts_come_before_the_flush_is_answered),
];

fn a_connection_attempt_is_reported(place: &Place) -> Result<(), Failed> {
    let (printed, attempts) = place.run(place.host(), &["dial", "10.1.2.3:5432"])?;
    expect(attempts, vec![attempt(Protocol::Tcp, "10.1.2.3:5432", None)?])?;
    expect(printed.as_str(), "ConnectionRefused")
}

fn an_attempt_over_ipv6_is_reported(place: &Place) -> Result<(), Failed> {
    let (_, attempts) = place.run(place.host(), &["dial", "[::1]:6379"])?;
    expect(attempts, vec![attempt(Protocol::Tcp, "[::1]:6379", None)?])?;
    let (_, attempts) = place.run(place.host(), &["dial", "[2001:db8::7]:443"])?;
    expect(attempts, vec![attempt(Protocol::Tcp, "[2001:db8::7]:443", None)?])
}

fn a_datagram_is_reported(place: &Place) -> Result<(), Failed> {
    let (_, attempts) = place.run(place.host(), &["datagram", "10.1.2.3:8125"])?;
    expect(attempts, vec![attempt(Protocol::Udp, "10.1.2.3:8125", None)?])
}

fn a_name_and_what_follows_are_reported(place: &Place) -> Result<(), Failed> {
    for sandbox in [place.host(), place.bare()?] {
        let (printed, attempts) = place.run(sandbox, &["dial", "db.internal.example:5432"])?;
        let expected = [
            attempt(Protocol::Udp, "127.0.0.1:53", Some("db.internal.example"))?,
            attempt(Protocol::Tcp, "198.51.100.7:5432", None)?,
        ];
        expect(attempts, expected.to_vec())?;
        expect(printed.as_str(), "ConnectionRefused")?;
    }
    Ok(())
}

fn local_names_need_no_name_server(place: &Place) -> Result<(), Failed> {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    for sandbox in [place.host(), place.bare()?] {
        for name in ["localhost", &host] {
            let (printed, attempts) = place.run(sandbox.clone(), &["look-up", name])?;
            expect(attempts, Vec::new())?;
            ensure(["127.0.0.1", "::1"].contains(&printed.as_str()), || printed)?;
        }
    }
    Ok(())
}

fn an_allowed_address_is_not_reported(place: &Place) -> Result<(), Failed> {
    let mut sandbox = place.host();
    sandbox.allowed = vec!["10.1.2.3:5432".parse()?];
    let (printed, attempts) = place.run(sandbox, &["dial", "10.1.2.3:5432"])?;
    expect(attempts, Vec::new())?;
    expect(printed.as_str(), "ConnectionRefused")
}

fn attempts_come_before_the_flush_is_answered(place: &Place) -> Result<(), Failed> {
    let mut grader = place.start(place.host(), &["dial-and-stay", "10.1.2.3:5432"])?;
    expect(grader.line()?.as_str(), "ConnectionRefused")?;
    grader.say(&Command::Flush { token: 7 })?;
    let reports = grader.until(|report| *report == Report::Flushed { token: 7 })?;
    expect(attempts(reports), vec![attempt(Protocol::Tcp, "10.1.2.3:5432", None)?])
}

fn attempt(protocol: Protocol, address: &str, name: Option<&str>) -> Result<Attempt, Failed> {
    let address: SocketAddr = address.parse()?;
    Ok(Attempt { protocol, address: address.ip(), port: address.port(), name: name.map(str::to_owned) })
}
