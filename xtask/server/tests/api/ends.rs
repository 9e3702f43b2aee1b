//! The end of the server, in whatever way, leaves no grader.

use std::net::TcpStream;

use rustix::process::Signal;

use crate::world::World;

#[test]
fn ctrl_c_ends_the_runs_tells_their_readers_and_leaves_nothing() {
    ends_in_order(Signal::INT);
}

#[test]
fn a_polite_end_does_the_same() {
    ends_in_order(Signal::TERM);
}

#[track_caller]
fn ends_in_order(signal: Signal) {
    let mut world = World::with_books();
    let mut going = world.follow(&world.start("factor-3"));
    going.next_event().unwrap();
    let waiting = world.follow(&world.start("factor-11"));
    world.signal(signal);
    for reader in [going, waiting] {
        let rest = reader.events();
        assert_eq!((rest[0].data["event"].as_str(), rest[1].name.as_str()), (Some("run-aborted"), "done"));
        assert_eq!(rest[0].data["interrupted"], true);
    }
    let (status, said) = world.ended();
    assert!(status.success(), "{status}");
    assert!(said.contains("Stopping the checks"), "{said}");
    assert_eq!(world.notes(), ["begins factor-3", "interrupted factor-3"]);
}

#[test]
fn a_kill_leaves_no_grader() {
    let world = World::with_books();
    world.follow(&world.start("factor-3")).next_event().unwrap();
    world.signal(Signal::KILL);
    world.until_noted("interrupted factor-3");
}

#[test]
fn the_end_of_its_starter_ends_the_server_and_its_runs() {
    let mut world = World::with_options(&["--while-stdin-is-open"]);
    world.follow(&world.start("factor-3")).next_event().unwrap();
    world.let_go();
    assert!(world.ended().0.success());
    assert_eq!(world.notes(), ["begins factor-3", "interrupted factor-3"]);
}

#[test]
fn a_closed_standard_input_alone_ends_nothing() {
    let mut world = World::with_books();
    world.let_go();
    world.go_on("factor-3");
    assert_eq!(world.follow(&world.start("factor-3")).events().last().unwrap().name, "done");
}

#[test]
fn readers_who_stay_do_not_keep_the_server() {
    let mut world = World::with_books();
    let silent = TcpStream::connect(("127.0.0.1", world.port)).unwrap();
    let mut page = world.get("/api/reload");
    page.next_event().unwrap();
    world.signal(Signal::INT);
    assert!(world.ended().0.success());
    drop((silent, page));
}

#[test]
fn it_listens_to_this_machine_alone() {
    let world = World::with_books();
    let elsewhere = TcpStream::connect(("127.0.0.2", world.port));
    assert!(elsewhere.is_err(), "another address of this machine is answered too");
    assert!(TcpStream::connect(("127.0.0.1", world.port)).is_ok());
}
