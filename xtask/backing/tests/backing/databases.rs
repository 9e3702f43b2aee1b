//! What a check gets: a database that is its own, a Redis database that is its own, and answers about both.

use backing_protocol::{Answer, Ask, Engine, Key, Refusal, Server};
use tokio_postgres::{Config, NoTls};

use crate::support::{Needs, Place, Program, has, nothing_is_left};

const PASSWORD: &str = r#"it's \ "a" 가%$"#;

#[test]
fn local_programs_give_what_a_check_needs() {
    if has(Needs::LocalServers) {
        gives_what_a_check_needs("local");
    }
}

#[test]
fn containers_give_what_a_check_needs() {
    if has(Needs::Docker) {
        gives_what_a_check_needs("docker");
    }
}

fn gives_what_a_check_needs(way: &str) {
    let place = Place::new();
    let mut program = place.start(&[("WORKSHOP_BACKING", way)]);
    let server = program.up(Engine::Postgres);
    assert_eq!(server.way, way);
    assert!(server.version.starts_with("PostgreSQL 1"), "{server:?}");
    belongs_to_its_role_alone(&mut program, &server);
    rows_are_those_of_the_last_answer(&mut program);
    equal_schemas_are_equal(&mut program);
    let redis = program.up(Engine::Redis);
    assert!(redis.version.starts_with("Redis "), "{redis:?}");
    redis_databases_are_apart(&mut program, &redis);
    let session = program.session.clone();
    assert!(program.end().success());
    nothing_is_left(&place, &session);
}

fn belongs_to_its_role_alone(program: &mut Program, server: &Server) {
    program.create(r#"on"e"#, PASSWORD);
    program.create("two", PASSWORD);
    connect(server, r#"on"e"#, r#"on"e"#, PASSWORD, "CREATE TABLE mine ()").expect("its own");
    connect(server, r#"on"e"#, "two", PASSWORD, "SELECT 1").expect_err("another role's database");
    for nobodys in ["postgres", "template1"] {
        connect(server, "two", nobodys, PASSWORD, "SELECT 1").expect_err("a database that belongs to nobody");
    }
    connect(server, "two", "two", "wrong", "SELECT 1").expect_err("a wrong password");
    connect(server, "two", "two", PASSWORD, "CREATE DATABASE more").expect_err("a right that it has not");
    let name = r#"on"e"#.to_owned();
    let again = Ask::CreateDatabase { user: "three".to_owned(), name, password: String::new() };
    assert!(matches!(program.refused(again), Refusal::Failed { why } if why.contains("already exists")));
}

#[tokio::main(flavor = "current_thread")]
async fn connect(
    server: &Server,
    user: &str,
    database: &str,
    password: &str,
    sql: &str,
) -> Result<(), tokio_postgres::Error> {
    let mut config = Config::new();
    config.host(&server.host).port(server.port).user(user).dbname(database).password(password);
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    client.batch_execute(sql).await
}

fn rows_are_those_of_the_last_answer(program: &mut Program) {
    let rows =
        program.query("two", "SELECT 1; CREATE TABLE t (a int); SELECT 'x', NULL UNION SELECT 'y', '가' ORDER BY 1");
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(rows, [[text("x"), None], [text("y"), text("가")]]);
    assert!(program.query("two", "SELECT 1; SELECT 2 WHERE false").is_empty());
    let wrong = Ask::Query { database: "two".to_owned(), sql: "SELEKT 1".to_owned() };
    assert!(matches!(program.refused(wrong), Refusal::Failed { why } if why.contains("SELEKT")));
}

fn equal_schemas_are_equal(program: &mut Program) {
    let steps = [
        "CREATE TABLE t (a int PRIMARY KEY, b text NOT NULL DEFAULT 'x'); CREATE INDEX i ON t (lower(b));
         CREATE TYPE mood AS ENUM ('good', 'bad'); CREATE VIEW v AS SELECT a FROM t",
        "CREATE TYPE mood AS ENUM ('good'); CREATE TABLE t (b text); ALTER TABLE t ADD COLUMN a int NOT NULL;
         ALTER TABLE t ADD PRIMARY KEY (a); ALTER TABLE t ALTER b SET NOT NULL, ALTER b SET DEFAULT 'x';
         CREATE VIEW v AS SELECT a FROM t; CREATE INDEX i ON t (lower(b)); ALTER TYPE mood ADD VALUE 'bad'",
        "CREATE TABLE t (a int PRIMARY KEY, b text NOT NULL DEFAULT 'y'); CREATE INDEX i ON t (lower(b));
         CREATE TYPE mood AS ENUM ('good', 'bad'); CREATE VIEW v AS SELECT a FROM t",
    ];
    let [one, other, different] = [0, 1, 2].map(|number| {
        let name = format!("schema{number}");
        program.create(&name, PASSWORD);
        program.query(&name, steps[number]);
        let text = match program.ask(Ask::SchemaDump { database: name.clone() }) {
            Ok(Answer::Text { text }) => text,
            other => panic!("{other:?}"),
        };
        program.done(Ask::DropDatabase { user: name.clone(), name });
        text
    });
    assert_eq!(one, other);
    assert_ne!(one, different);
    let left =
        program.query("two", "SELECT count(*) FROM pg_database d, pg_roles r WHERE datname || rolname ~ 'schema'");
    assert_eq!(left, [[Some("0".to_owned())]]);
}

fn redis_databases_are_apart(program: &mut Program, server: &Server) {
    let [one, other] = [program.take_redis(), program.take_redis()];
    assert_ne!(one, other);
    assert!(one > 0 && other > 0, "a service that ignores the number must find nobody there");
    redis(server, &format!("SELECT {one}\r\nSET stays 1\r\nSET goes 1 PX 600000\r\n"));
    let keys = scan(program, one);
    let names: Vec<&str> = keys.iter().map(|key| key.name.as_str()).collect();
    assert_eq!(names, ["goes", "stays"]);
    assert!(keys[0].expires_in.is_some_and(|left| left <= 600_000) && keys[1].expires_in.is_none(), "{keys:?}");
    assert!(scan(program, other).is_empty());
    program.done(Ask::ReturnRedis { index: one });
    assert_eq!(program.take_redis(), one);
    assert!(scan(program, one).is_empty());
}

fn scan(program: &mut Program, index: u32) -> Vec<Key> {
    match program.ask(Ask::ScanRedis { index }) {
        Ok(Answer::Keys { keys }) => keys,
        other => panic!("{other:?}"),
    }
}

/// Sends commands as a person would type them, and returns all answers.
pub fn redis(server: &Server, commands: &str) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect((server.host.as_str(), server.port)).expect("Redis listens");
    write!(stream, "AUTH {}\r\n{commands}QUIT\r\n", server.password).expect("can write");
    let mut answers = String::new();
    stream.read_to_string(&mut answers).expect("can read");
    assert!(!answers.contains("-ERR"), "{answers}");
    answers
}
