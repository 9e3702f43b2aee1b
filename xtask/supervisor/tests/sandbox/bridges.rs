//! What a service may have comes through.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};

use libtest_mimic::Failed;
use supervisor::protocol::{Attempt, Bridge, Host, Protocol, Report, SandboxSpec};

use crate::Test;
use crate::place::{Place, attempts};
use crate::support::{ensure, expect};

pub const TESTS: &[(&str, Test)] = &[
    ("an_outgoing_bridge_carries_both_ways", an_outgoing_bridge_carries_both_ways),
    ("an_outgoing_bridge_to_nobody_breaks", an_outgoing_bridge_to_nobody_breaks),
    ("a_machine_answers_to_its_name_at_its_ports_alone", a_machine_answers_to_its_name_at_its_ports_alone),
    ("a_machine_may_have_the_port_of_the_service", a_machine_may_have_the_port_of_the_service),
    (
        "a_machine_is_found_for_the_kinds_of_addresses_of_this_host",
        a_machine_is_found_for_the_kinds_of_addresses_of_this_host,
    ),
    ("an_incoming_bridge_carries_both_ways", an_incoming_bridge_carries_both_ways),
    ("an_incoming_bridge_to_nobody_closes", an_incoming_bridge_to_nobody_closes),
];

/// A port that means something inside the sandbox only.
const INSIDE: u16 = 8080;

fn outgoing(place: &Place) -> SandboxSpec {
    let bridge = Bridge { port: INSIDE, socket: place.folder.path("out") };
    SandboxSpec { outgoing: vec![bridge], ..place.host() }
}

fn an_outgoing_bridge_carries_both_ways(place: &Place) -> Result<(), Failed> {
    for address in ["127.0.0.1", "[::1]"] {
        let sandbox = outgoing(place);
        let path = place.folder.path("out");
        let listener = UnixListener::bind(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777))?;
        let mut grader = place.start(sandbox, &["ask", &format!("{address}:{INSIDE}"), "a question"])?;
        // Nobody would come if it did not start.
        grader.until(|report| matches!(report, Report::Started { .. }))?;
        let (mut stream, _) = listener.accept()?;
        let mut question = String::new();
        // It ends because the service closed its half, which must not close ours.
        stream.read_to_string(&mut question)?;
        expect(question.as_str(), "a question")?;
        stream.write_all(b"an answer")?;
        drop(stream);
        expect(grader.line()?.as_str(), "an answer")?;
        let reports = grader.until(|report| matches!(report, Report::Exited { .. }))?;
        expect(attempts(reports), Vec::new())?;
        fs::remove_file(path)?;
    }
    Ok(())
}

fn an_outgoing_bridge_to_nobody_breaks(place: &Place) -> Result<(), Failed> {
    let (printed, _) = place.run(outgoing(place), &["ask", &format!("127.0.0.1:{INSIDE}"), "anybody?"])?;
    // The kernel accepted the connection before we knew; whether the write or the read notices first is chance.
    ensure(printed.contains("reset") || printed.contains("Broken pipe") || printed.contains("not connected"), || {
        printed
    })
}

fn a_machine_answers_to_its_name_at_its_ports_alone(place: &Place) -> Result<(), Failed> {
    let address = Ipv4Addr::new(10, 96, 0, 10);
    let bridge = Bridge { port: 80, socket: place.folder.path("partner") };
    let partner = Host { name: "partner partner.example".to_owned(), address, ports: vec![bridge] };
    let sandbox = || SandboxSpec { hosts: vec![partner.clone()], ..place.host() };
    let path = place.folder.path("partner");
    let listener = UnixListener::bind(&path)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o777))?;
    let mut grader = place.start(sandbox(), &["ask", "partner.example:80", "a question"])?;
    grader.until(|report| matches!(report, Report::Started { .. }))?;
    let (mut stream, _) = listener.accept()?;
    let mut question = String::new();
    stream.read_to_string(&mut question)?;
    expect(question.as_str(), "a question")?;
    stream.write_all(b"an answer")?;
    drop(stream);
    expect(grader.line()?.as_str(), "an answer")?;
    let reports = grader.until(|report| matches!(report, Report::Exited { .. }))?;
    expect(attempts(reports), Vec::new())?;
    let (printed, tried) = place.run(sandbox(), &["ask", "partner:8080", "a question"])?;
    ensure(printed.contains("refused"), || printed)?;
    expect(tried, vec![Attempt { protocol: Protocol::Tcp, address: address.into(), port: 8080, name: None }])
}

fn a_machine_may_have_the_port_of_the_service(place: &Place) -> Result<(), Failed> {
    let bridge = Bridge { port: INSIDE, socket: place.folder.path("partner") };
    let partner = Host { name: "partner".to_owned(), address: Ipv4Addr::new(10, 96, 0, 10), ports: vec![bridge] };
    let mut grader =
        place.start(SandboxSpec { hosts: vec![partner], ..incoming(place) }, &["echo", &INSIDE.to_string()])?;
    expect(grader.line()?.as_str(), "ready")
}

fn a_machine_is_found_for_the_kinds_of_addresses_of_this_host(place: &Place) -> Result<(), Failed> {
    let address = Ipv4Addr::new(10, 96, 0, 10);
    let partner = Host { name: "partner".to_owned(), address, ports: Vec::new() };
    let sandbox = SandboxSpec { hosts: vec![partner], ..place.host() };
    let (printed, _) = place.run(sandbox, &["look-up-as-configured", "partner"])?;
    expect(printed.trim(), "10.96.0.10")
}

fn incoming(place: &Place) -> SandboxSpec {
    let bridge = Bridge { port: INSIDE, socket: place.folder.path("in") };
    SandboxSpec { incoming: vec![bridge], ..place.host() }
}

fn an_incoming_bridge_carries_both_ways(place: &Place) -> Result<(), Failed> {
    let mut grader = place.start(incoming(place), &["echo", &INSIDE.to_string()])?;
    expect(grader.line()?.as_str(), "ready")?;
    let mut stream = UnixStream::connect(place.folder.path("in"))?;
    let sent = "every byte".repeat(100_000);
    let mut writer = stream.try_clone()?;
    writer.write_all(sent.as_bytes())?;
    writer.shutdown(std::net::Shutdown::Write)?;
    let mut received = String::new();
    stream.read_to_string(&mut received)?;
    ensure(received == sent, || format!("{} of {} bytes came back", received.len(), sent.len()))?;
    let reports = grader.until(|report| matches!(report, Report::Exited { .. }))?;
    expect(attempts(reports), Vec::new())
}

fn an_incoming_bridge_to_nobody_closes(place: &Place) -> Result<(), Failed> {
    let mut grader = place.start(incoming(place), &["sleep"])?;
    grader.line()?;
    let mut stream = BufReader::new(UnixStream::connect(place.folder.path("in"))?);
    expect(stream.read_line(&mut String::new())?, 0)
}
