//! The image of the instructor's board, for schools that run several of them: what its Dockerfile makes migrates, serves without
//! rights on a disk that it cannot write to, and ends in order.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;

use backing_protocol::{Ask, ContainerSpec, Engine};

use crate::containers::{ended, logs, run};
use crate::support::{Needs, Place, has, until};

const TAG: &str = "workshop-test-board:latest";

#[test]
fn the_boards_image_migrates_serves_and_ends() {
    if !has(Needs::Docker) {
        return;
    }
    let place = Place::new();
    let context = place.path("context");
    repository_with_crates(&context);
    let mut program = place.start(&[]);
    let server = program.up(Engine::Postgres);
    program.create("board", "secret");
    program.done(Ask::BuildImage { context, dockerfile: "xtask/board/Dockerfile".to_owned(), tag: TAG.to_owned() });
    assert_eq!(docker(&["image", "inspect", "--format", "{{.Config.User}}", TAG]), "10001:10001");
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let url = format!("postgres://board:secret@{}:{}/board", server.host, server.port);
    let environment =
        [("DATABASE_URL", &*url), ("BOARD_SECRET", "a-secret-of-these-tests"), ("PORT", &*port.to_string())];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let spec = ContainerSpec { image: TAG.to_owned(), environment, read_only: true, ..ContainerSpec::default() };
    let migrate = ContainerSpec { command: vec!["migrate".to_owned()], ..spec.clone() };
    let migrated = run(&mut program, migrate);
    let code = ended(&mut program, Ask::WaitContainer { container: migrated.clone() });
    assert_eq!(code, 0, "{}", logs(&mut program, &migrated));
    let board = run(&mut program, spec);
    until("the board is ready", || ready(port));
    assert_eq!(ended(&mut program, Ask::StopContainer { container: board, grace_seconds: 60 }), 0);
    assert!(program.end().success());
}

/// The repository as it is right now, with all crates in it: the build downloads nothing.
fn repository_with_crates(context: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let mut git = Command::new("git");
    git.current_dir(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let files = String::from_utf8(git.output().unwrap().stdout).unwrap();
    for file in files.split_terminator('\0').filter(|file| root.join(file).is_file()) {
        fs::create_dir_all(context.join(file).parent().unwrap()).unwrap();
        fs::copy(root.join(file), context.join(file)).unwrap();
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let vendored = Command::new(cargo).current_dir(context).args(["vendor", "--locked"]).output().unwrap();
    assert!(vendored.status.success(), "{}", String::from_utf8_lossy(&vendored.stderr));
    fs::write(context.join(".cargo/config.toml"), vendored.stdout).unwrap();
}

fn docker(words: &[&str]) -> String {
    let output = Command::new("docker").args(words).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn ready(port: u16) -> Option<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    write!(stream, "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.starts_with("HTTP/1.1 200").then_some(())
}
