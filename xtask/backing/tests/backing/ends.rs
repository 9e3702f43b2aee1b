//! However the program ends, nothing of it is left; and what belongs to the living is nobody else's.

use std::io::Read;
use std::time::Duration;

use backing_protocol::{Ask, ContainerSpec, Engine};

use crate::given::kill_the_reaper_of;
use crate::support::{Needs, Place, Program, has, left, nothing_is_left, until};

/// At how many moments the program is killed.
const MOMENTS: u32 = 10;

#[test]
fn a_kill_at_any_moment_leaves_no_process() {
    if has(Needs::LocalServers) {
        // The first start prepares a data directory and takes longer; one moment of all lies in it.
        kill_at_moments("local", Duration::from_millis(400));
    }
}

#[test]
fn a_kill_at_any_moment_leaves_no_container() {
    if has(Needs::Docker) {
        kill_at_moments("docker", Duration::from_millis(2500));
    }
}

/// Asks for everything at once and kills the program somewhere on the way, alone or with its whole process group.
fn kill_at_moments(way: &str, whole: Duration) {
    let place = Place::new();
    for moment in 0..MOMENTS {
        let mut program = place.start(&[("WORKSHOP_BACKING", way)]);
        ask_for_everything(&mut program, way);
        // Nothing is judged by this pause; it only makes the moment an arbitrary one.
        std::thread::sleep(whole / 1000 * random_below(1000));
        let session = program.session.clone();
        program.kill(moment % 2 == 0);
        nothing_is_left(&place, &session);
    }
}

fn ask_for_everything(program: &mut Program, way: &str) {
    program.send(Ask::Up { engine: Engine::Postgres });
    program.send(Ask::Up { engine: Engine::Redis });
    if way == "docker" {
        let command = ["sleep", "600"].map(str::to_owned).to_vec();
        program.send(Ask::RunContainer(ContainerSpec { command, ..ContainerSpec::default() }));
    }
    let name = "early".to_owned();
    program.send(Ask::CreateDatabase { user: name.clone(), name, password: "secret".to_owned() });
    program.send(Ask::TakeRedis);
}

fn random_below(limit: u32) -> u32 {
    let mut bytes = [0; 4];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    read.expect("there is chance");
    u32::from_ne_bytes(bytes) % limit
}

#[test]
fn an_end_in_the_middle_of_a_start_leaves_nothing() {
    for way in ["local", "docker"] {
        if !has(if way == "local" { Needs::LocalServers } else { Needs::Docker }) {
            continue;
        }
        let place = Place::new();
        let mut program = place.start(&[("WORKSHOP_BACKING", way)]);
        ask_for_everything(&mut program, way);
        let session = program.session.clone();
        assert!(program.end().success());
        nothing_is_left(&place, &session);
    }
}

#[test]
fn the_terminals_signals_end_nothing_and_sigterm_ends_in_order() {
    if !has(Needs::LocalServers) {
        return;
    }
    let place = Place::new();
    let mut program = place.start(&[("WORKSHOP_BACKING", "local")]);
    program.up(Engine::Redis);
    let group = rustix::process::Pid::from_raw(program.pid()).unwrap();
    for signal in [rustix::process::Signal::INT, rustix::process::Signal::HUP] {
        rustix::process::kill_process_group(group, signal).unwrap();
        program.up(Engine::Redis);
    }
    let session = program.session.clone();
    rustix::process::kill_process_group(group, rustix::process::Signal::TERM).unwrap();
    assert!(program.line().is_none(), "SIGTERM ends it");
    assert!(program.end().success());
    nothing_is_left(&place, &session);
}

#[test]
fn the_living_are_not_swept_and_the_dead_are() {
    if !has(Needs::LocalServers) {
        return;
    }
    let place = Place::new();
    let local = [("WORKSHOP_BACKING", "local")];
    let [mut living, mut dying] = [place.start(&local), place.start(&local)];
    living.up(Engine::Redis);
    dying.up(Engine::Redis);
    let dead = dying.session.clone();
    kill_the_reaper_of(&dead);
    dying.kill(false);
    assert!(!left(&place, &dead).is_empty(), "nobody is there who could have removed it");
    let later = place.start(&local);
    nothing_is_left(&place, &dead);
    living.up(Engine::Redis);
    let servers = place.processes(&living.session);
    assert_eq!(servers.len(), 1, "the server still runs and was not replaced: {servers:?}");
    assert!(later.end().success() && living.end().success());
}

#[test]
fn a_line_that_is_no_request_is_answered() {
    use backing_protocol::{Line, Refusal};
    use std::io::{BufRead, BufReader, Write};
    use std::process::Stdio;

    let place = Place::new();
    let mut command = place.command(&crate::support::binary(), &[]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut requests = child.stdin.take().unwrap();
    writeln!(requests, "what?").unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let Line::Reply(reply) = serde_json::from_str(&line).unwrap() else { panic!("{line}") };
    assert_eq!(reply.id, 0);
    assert!(matches!(reply.result, Err(Refusal::Failed { .. })));
    drop(requests);
    until("it ends with its input", || child.try_wait().unwrap());
    until("its session is over", || place.sessions().is_empty().then_some(()));
}

#[test]
fn a_target_folder_that_is_removed_takes_no_record_along() {
    if !has(Needs::LocalServers) {
        return;
    }
    for killed in [false, true] {
        let place = Place::new();
        let mut program = place.start(&[("WORKSHOP_BACKING", "local")]);
        program.up(Engine::Redis);
        std::fs::remove_dir_all(place.path("target")).unwrap();
        let session = program.session.clone();
        if killed {
            program.kill(false);
        } else {
            assert!(program.end().success());
        }
        nothing_is_left(&place, &session);
    }
}
