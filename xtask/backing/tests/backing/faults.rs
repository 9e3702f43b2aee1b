//! Broken machines: what is missing is said, what breaks is an error, and nothing is left in either case.

use std::fs::{self, Permissions};
use std::io;
use std::net::{Shutdown, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use backing_protocol::{Answer, Ask, ContainerSpec, Engine, Refusal};

use crate::support::{Needs, Place, binary, containers_of, has, left, nothing_is_left, until};

fn up(engine: Engine) -> Ask {
    Ask::Up { engine }
}

#[test]
fn without_an_engine_it_says_what_to_do() {
    let place = Place::new();
    let nowhere = format!("unix://{}", place.path("nowhere.sock").display());
    let mut program = place.start(&[("DOCKER_HOST", &nowhere), ("WORKSHOP_BACKING", "docker")]);
    for engine in [Engine::Postgres, Engine::Redis, Engine::Containers] {
        match program.refused(up(engine)) {
            Refusal::Missing { what, what_ko, fix } => {
                assert!(what.contains("container engine") && what_ko.contains("컨테이너 엔진"), "{what} {what_ko}");
                assert!(fix.contains("docker") || fix.contains("Docker"), "{fix}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(program.end().success());
}

#[test]
fn without_any_server_it_says_how_to_install_one() {
    if !has(Needs::Root) {
        return;
    }
    let place = Place::new();
    let nowhere = format!("unix://{}", place.path("nowhere.sock").display());
    // In a file system in which the programs are not where they are usually found.
    let hide = "for folder in /usr/lib/postgresql /usr/local/pgsql; do [ ! -d $folder ] || mount -t tmpfs none $folder; done; \
                for file in /usr/bin/redis-server /usr/local/bin/redis-server /usr/bin/valkey-server; do \
                [ ! -e $file ] || mount --bind /dev/null $file; done";
    let mut program = place.launch(in_a_mount_namespace(&place, hide, &[("DOCKER_HOST", &nowhere)]));
    for (engine, word) in [(Engine::Postgres, "postgres"), (Engine::Redis, "redis")] {
        match program.refused(up(engine)) {
            Refusal::Missing { what, fix, .. } => {
                assert!(what.contains("no Docker engine") && fix.contains(word), "{what} {fix}")
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(program.end().success());
}

fn in_a_mount_namespace(place: &Place, prepare: &str, environment: &[(&str, &str)]) -> Command {
    let mut command = place.command(Path::new("unshare"), environment);
    command.args(["--mount", "sh", "-ec", &format!("{prepare}; exec \"$0\""), &binary().display().to_string()]);
    command
}

#[test]
fn a_full_disk_is_an_error_and_leaves_nothing() {
    if !has(Needs::Root) || !has(Needs::LocalServers) {
        return;
    }
    let place = Place::new();
    let small = place.path("small");
    fs::create_dir(&small).unwrap();
    let prepare = format!(
        "mount -t tmpfs -o size=4m,mode=1777 none /dev/shm; mount -t tmpfs -o size=4m,mode=1777 none {}",
        small.display()
    );
    let environment = [("WORKSHOP_BACKING", "local"), ("TMPDIR", small.to_str().unwrap())];
    let mut program = place.launch(in_a_mount_namespace(&place, &prepare, &environment));
    let refusal = program.refused(up(Engine::Postgres));
    assert!(
        matches!(&refusal, Refusal::Failed { why } if ["No space left", "free disk space"].iter().any(|words| why.contains(words))),
        "{refusal:?}"
    );
    let session = program.session.clone();
    assert!(program.end().success());
    nothing_is_left(&place, &session);
    let kept = fs::read_dir(place.path("target/workshop/backing")).unwrap();
    let names: Vec<_> = kept.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["sessions"], "half a data directory must not be kept");
}

#[test]
fn an_image_that_cannot_be_had_is_missing() {
    if !has(Needs::Docker) {
        return;
    }
    let place = Place::new();
    place.settings("[images]\npostgres = \"registry.invalid/postgres:1\"\nbase = \"registry.invalid/base:1\"\n");
    let mut program = place.start(&[("WORKSHOP_BACKING", "docker")]);
    for (ask, image) in [(up(Engine::Postgres), "postgres:1"), (Ask::RunContainer(ContainerSpec::default()), "base:1")]
    {
        let refusal = program.refused(ask);
        let command = format!("docker pull registry.invalid/{image}");
        assert!(matches!(&refusal, Refusal::Missing { fix, .. } if *fix == command), "{refusal:?}");
    }
    assert!(program.news.iter().any(|news| news.contains("downloading")), "{:?}", program.news);
    assert!(program.end().success());
}

#[test]
fn settings_that_cannot_be_read_are_an_error() {
    let place = Place::new();
    place.settings("[images]\npostgress = \"x\"\n");
    // No session is opened, so there is none to wait for.
    let mut child = place.command(&binary(), &[]).arg("doctor").stdout(std::process::Stdio::piped()).spawn().unwrap();
    let said = io::read_to_string(child.stdout.take().unwrap()).unwrap();
    child.wait().unwrap();
    assert!(said.contains("workshop.toml") && said.contains("postgress"), "{said}");
}

#[test]
fn a_server_that_was_killed_is_replaced_and_leaves_no_shared_memory() {
    if !has(Needs::LocalServers) {
        return;
    }
    let place = Place::new();
    let mut program = place.start(&[("WORKSHOP_BACKING", "local")]);
    program.up(Engine::Postgres);
    program.create("mine", "secret");
    let server = *place.processes(&program.session).last().unwrap();
    kill(server);
    let query = Ask::Query { database: "mine".to_owned(), sql: "SELECT 1".to_owned() };
    until("the server no longer answers", || {
        matches!(program.ask(query.clone()), Err(Refusal::Failed { .. })).then_some(())
    });
    program.up(Engine::Postgres);
    assert_ne!(place.processes(&program.session).last(), Some(&server));
    // It could not be made twice on one server.
    program.create("mine", "secret");
    let session = program.session.clone();
    assert!(program.end().success());
    nothing_is_left(&place, &session);
    if let Ok(memory) = fs::read_to_string("/proc/sysvipc/shm") {
        let creators: Vec<&str> = memory.lines().filter_map(|line| line.split_whitespace().nth(4)).collect();
        assert!(!creators.contains(&server.to_string().as_str()), "{memory}");
    }
}

fn kill(pid: i32) {
    let pid = rustix::process::Pid::from_raw(pid).expect("is a number");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("can be killed");
}

/// Stands in front of the real PostgreSQL: its first start waits until somebody has taken the port.
const SLOW: &str = r#"#!/bin/sh
case "$*" in *--version*) exec REAL "$@" ;; esac
if mkdir WAIT/first 2> /dev/null; then
  previous=
  for word in "$@"; do
    [ "$previous" != -p ] || echo "$word" > WAIT/first/port.new
    previous=$word
  done
  mv WAIT/first/port.new WAIT/first/port
  while [ ! -e WAIT/go ]; do sleep 0.01; done
fi
exec REAL "$@"
"#;

/// A folder with programs that stand in front of PostgreSQL's own; `script` is what `postgres` does.
fn fake_postgres(place: &Place, script: &str) -> String {
    let (folder, wait) = (place.path("bin"), place.path("wait"));
    [&folder, &wait].into_iter().for_each(|folder| fs::create_dir(folder).unwrap());
    // The server's user is not the test's, and works in the folders below this one.
    for open in [folder.parent().unwrap(), &wait] {
        fs::set_permissions(open, Permissions::from_mode(0o777)).unwrap();
    }
    let real = real_postgres();
    let script = script.replace("REAL", &real.display().to_string()).replace("WAIT", &wait.display().to_string());
    let initdb = format!("#!/bin/sh\nexec {} \"$@\"\n", real.with_file_name("initdb").display());
    for (name, script) in [("postgres", script), ("initdb", initdb)] {
        fs::write(folder.join(name), script).unwrap();
        fs::set_permissions(folder.join(name), Permissions::from_mode(0o755)).unwrap();
    }
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap())
}

fn real_postgres() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("postgres"));
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = debian.map(|entry| entry.path().join("bin/postgres"));
    on_path
        .chain(debian)
        .find(|path| path.is_file())
        .map(|path| path.canonicalize().unwrap())
        .expect("PostgreSQL is here")
}

#[test]
fn a_port_that_somebody_else_took_is_not_used() {
    if !has(Needs::LocalServers) {
        return;
    }
    let place = Place::new();
    let path = fake_postgres(&place, SLOW);
    let mut program = place.start(&[("WORKSHOP_BACKING", "local"), ("PATH", &path)]);
    program.send(up(Engine::Postgres));
    let port: u16 = until("the server is about to start", || {
        fs::read_to_string(place.path("wait/first/port")).ok()?.trim().parse().ok()
    });
    let _thief = TcpListener::bind(("127.0.0.1", port)).unwrap();
    fs::write(place.path("wait/go"), "").unwrap();
    let server = program.up(Engine::Postgres);
    assert_ne!(server.port, port);
    program.create("mine", "secret");
    assert!(program.end().success());
}

#[test]
fn a_program_that_is_broken_gives_way_to_a_container() {
    if !has(Needs::Docker) || !has(Needs::LocalServers) {
        return;
    }
    let broken = "#!/bin/sh\ncase \"$*\" in *--version*) exec REAL \"$@\" ;; esac\necho 'out of order' >&2\nexit 1\n";
    let place = Place::new();
    let path = fake_postgres(&place, broken);
    let mut program = place.start(&[("PATH", &path)]);
    assert_eq!(program.up(Engine::Postgres).way, "docker");
    assert!(program.news.iter().any(|news| news.contains("out of order")), "{:?}", program.news);
    assert!(program.end().success());
    let place = Place::new();
    let path = fake_postgres(&place, broken);
    let mut program = place.start(&[("PATH", &path), ("WORKSHOP_BACKING", "local")]);
    let refusal = program.refused(up(Engine::Postgres));
    assert!(matches!(&refusal, Refusal::Failed { why } if why.contains("out of order")), "{refusal:?}");
    assert!(program.end().success());
}

/// An engine that can die: everything said to it passes through here.
struct Mortal {
    socket: PathBuf,
    streams: Arc<Mutex<Vec<UnixStream>>>,
}

impl Mortal {
    fn born(socket: PathBuf) -> Self {
        let listener = UnixListener::bind(&socket).unwrap();
        let streams = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&streams);
        thread::spawn(move || {
            for inside in listener.incoming() {
                let (inside, outside) = (inside.unwrap(), UnixStream::connect("/var/run/docker.sock").unwrap());
                for (from, to) in [(&inside, &outside), (&outside, &inside)] {
                    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    thread::spawn(move || {
                        let _ = io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Write);
                    });
                }
                kept.lock().unwrap().extend([inside, outside]);
            }
        });
        Self { socket, streams }
    }

    /// Breaks every connection and takes no new one.
    fn die(&self) {
        fs::remove_file(&self.socket).unwrap();
        self.streams.lock().unwrap().drain(..).for_each(|stream| drop(stream.shutdown(Shutdown::Both)));
    }
}

#[test]
fn an_engine_that_dies_in_the_middle_is_an_error_and_its_containers_are_removed_when_it_is_back() {
    if !has(Needs::Docker) || UnixStream::connect("/var/run/docker.sock").is_err() {
        return;
    }
    let place = Place::new();
    let engine = Mortal::born(place.path("engine.sock"));
    let address = format!("unix://{}", engine.socket.display());
    let mut program = place.start(&[("DOCKER_HOST", &address)]);
    let command = ["sleep", "600"].map(str::to_owned).to_vec();
    let spec = ContainerSpec { command, ..ContainerSpec::default() };
    let Ok(Answer::Container { id }) = program.ask(Ask::RunContainer(spec)) else { panic!("it runs") };
    let waiting = program.send(Ask::WaitContainer { container: id.clone() });
    engine.die();
    let Some(backing_protocol::Line::Reply(reply)) = program.line() else { panic!("the waiting one is answered") };
    assert_eq!(reply.id, waiting);
    assert!(reply.result.is_err(), "{reply:?}");
    let refusal = program.refused(Ask::StopContainer { container: id, grace_seconds: 0 });
    assert!(matches!(&refusal, Refusal::Failed { why } if why.contains("gone away")), "{refusal:?}");
    let session = program.session.clone();
    assert!(!program.end().success(), "it cannot say that nothing is left");
    assert_eq!(containers_of(&session).len(), 1);
    let _back = Mortal::born(engine.socket.clone());
    let later = place.start(&[("DOCKER_HOST", &address)]);
    nothing_is_left(&place, &session);
    assert!(later.end().success());
    assert!(left(&place, &session).is_empty());
}
