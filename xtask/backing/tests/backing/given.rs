//! Servers that somebody named by an address: they outlive the session, and nothing of the session may be left on them.

use backing_protocol::{Ask, Engine, Refusal, Server};

use crate::databases::redis;
use crate::support::{Needs, Place, Program, has, until};

/// Somebody else's servers, and the addresses of both.
struct Given {
    place: Place,
    owner: Program,
    redis: Server,
    urls: [(&'static str, String); 2],
}

impl Given {
    /// The administrator is no superuser: servers of clouds have none to give.
    fn new() -> Self {
        let place = Place::new();
        let mut owner = place.start(&[("WORKSHOP_BACKING", "local")]);
        let (postgres, redis) = (owner.up(Engine::Postgres), owner.up(Engine::Redis));
        owner.query(
            "postgres",
            "CREATE ROLE chef LOGIN CREATEDB CREATEROLE PASSWORD 'p@ss'; GRANT CONNECT ON DATABASE postgres TO chef",
        );
        let urls = [
            ("WORKSHOP_POSTGRES_URL", format!("postgres://chef:p%40ss@127.0.0.1:{}/postgres", postgres.port)),
            ("WORKSHOP_REDIS_URL", format!("redis://:{}@127.0.0.1:{}", redis.password, redis.port)),
        ];
        Self { place, owner, redis, urls }
    }

    fn start(&self, place: &Place) -> Program {
        let urls: Vec<(&str, &str)> = self.urls.iter().map(|(name, url)| (*name, url.as_str())).collect();
        place.start(&urls)
    }

    /// How many databases and roles of ours there are.
    fn things(&mut self) -> String {
        let sql = "SELECT (SELECT count(*) FROM pg_database WHERE datname = 'ours')
                        + (SELECT count(*) FROM pg_roles WHERE rolname = 'ours')";
        self.owner.query("postgres", sql)[0][0].clone().unwrap()
    }

    /// What is known of taken Redis databases.
    fn taken(&self) -> String {
        redis(&self.redis, "SELECT 0\r\nHLEN workshop:taken-databases\r\n")
    }
}

fn use_both(program: &mut Program) -> u32 {
    assert_eq!(program.up(Engine::Postgres).way, "url");
    assert_eq!(program.up(Engine::Redis).way, "url");
    program.create("ours", "secret");
    program.take_redis()
}

#[test]
fn nothing_is_left_on_somebody_elses_server() {
    if !has(Needs::LocalServers) {
        return;
    }
    let mut given = Given::new();
    let place = Place::new();
    let mut program = given.start(&place);
    let index = use_both(&mut program);
    assert_ne!(index, 0, "database 0 is what everybody uses");
    assert_eq!(given.things(), "2");
    redis(&given.redis, &format!("SELECT {index}\r\nSET key 1\r\n"));
    assert!(program.end().success());
    assert_eq!(given.things(), "0");
    assert!(given.taken().contains(":0"));
    assert!(redis(&given.redis, &format!("SELECT {index}\r\nDBSIZE\r\n")).contains(":0"));
    assert!(place.sessions().is_empty());
    assert!(given.owner.end().success());
    drop(given.place);
}

#[test]
fn a_database_that_holds_something_is_somebodys() {
    if !has(Needs::LocalServers) {
        return;
    }
    let given = Given::new();
    redis(&given.redis, "SELECT 1\r\nSET precious 1\r\n");
    let place = Place::new();
    let [mut one, mut other] = [given.start(&place), given.start(&place)];
    let taken = [one.take_redis(), other.take_redis(), one.take_redis()];
    assert_eq!(taken, [2, 3, 4]);
    assert!(one.end().success() && other.end().success());
    assert!(redis(&given.redis, "SELECT 1\r\nGET precious\r\n").contains("$1\r\n1"));
    assert!(given.owner.end().success());
}

#[test]
fn the_reaper_cleans_up_on_somebody_elses_server() {
    if !has(Needs::LocalServers) {
        return;
    }
    let mut given = Given::new();
    let place = Place::new();
    let mut program = given.start(&place);
    use_both(&mut program);
    program.kill(true);
    until("the reaper has dropped everything", || (given.things() == "0").then_some(()));
    until("the reaper has given back", || given.taken().contains(":0\r\n").then_some(()));
    until("the record is gone", || place.sessions().is_empty().then_some(()));
    assert!(given.owner.end().success());
}

#[test]
fn a_later_session_cleans_up_after_one_that_lost_its_reaper() {
    if !has(Needs::LocalServers) {
        return;
    }
    let mut given = Given::new();
    let place = Place::new();
    let mut program = given.start(&place);
    use_both(&mut program);
    let dead = program.session.clone();
    kill_the_reaper_of(&dead);
    program.kill(false);
    assert_eq!(given.things(), "2", "nobody is there who could have dropped them");
    let elsewhere = place.start(&[("WORKSHOP_BACKING", "local")]);
    assert!(elsewhere.end().success());
    assert!(place.sessions().contains(&dead), "who does not know the address must leave the record for others");
    let later = given.start(&place);
    until("the later session has dropped everything", || (given.things() == "0").then_some(()));
    until("the record is gone", || (!place.sessions().contains(&dead)).then_some(()));
    assert!(later.end().success());
    assert!(given.owner.end().success());
}

pub fn kill_the_reaper_of(session: &str) {
    let find = |words: &str| words.contains("__reap") && words.contains(session);
    let line = crate::support::living(find).into_iter().next().expect("there is a reaper");
    let pid = line.split_whitespace().next().and_then(|pid| pid.parse().ok()).and_then(rustix::process::Pid::from_raw);
    rustix::process::kill_process(pid.expect("has a number"), rustix::process::Signal::KILL).unwrap();
    until("the reaper is dead", || crate::support::living(find).is_empty().then_some(()));
}

#[test]
fn an_address_without_a_server_is_missing_and_shows_no_password() {
    let place = Place::new();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (postgres, redis) = (format!("postgres://me:hidden@{nobody}/x"), format!("redis://:hidden@{nobody}"));
    let mut program = place.start(&[("WORKSHOP_POSTGRES_URL", &postgres), ("WORKSHOP_REDIS_URL", &redis)]);
    for (engine, variable) in [(Engine::Postgres, "WORKSHOP_POSTGRES_URL"), (Engine::Redis, "WORKSHOP_REDIS_URL")] {
        match program.refused(Ask::Up { engine }) {
            Refusal::Missing { what, what_ko, fix } => {
                assert!(what.contains(variable) && what_ko.contains(variable), "{what} {what_ko}");
                assert_eq!(fix, format!("unset {variable}"));
                assert!(!what.contains("hidden") && !what_ko.contains("hidden"));
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(program.end().success());
}

#[test]
fn a_wish_that_cannot_be_met_is_refused() {
    let place = Place::new();
    for (way, complaint) in [("url", "WORKSHOP_POSTGRES_URL is not set"), ("podman", "`podman` is none of")] {
        let mut program = place.start(&[("WORKSHOP_BACKING", way)]);
        let refusal = program.refused(Ask::Up { engine: Engine::Postgres });
        assert!(matches!(&refusal, Refusal::Failed { why } if why.contains(complaint)), "{refusal:?}");
        assert!(program.end().success());
    }
}
