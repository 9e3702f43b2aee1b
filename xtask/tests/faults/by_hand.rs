//! What a report prints to be typed by hand works when it is typed.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use crate::processes::look_again;
use crate::scene::{HANG, Scene};

/// The commands of the only failure, for a port that is free on this machine, and that port.
fn commands(scene: &Scene) -> (String, u16) {
    let report = std::fs::read(scene.results().join("report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
    let factor = &report["factors"][0];
    let blocked = &factor["blocked"]["repeat"];
    let failed = factor["checks"].as_array().unwrap().iter().find_map(|check| check["failure"]["repeat"].as_str());
    let commands = blocked.as_str().or(failed).expect("something can be repeated").to_owned();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    (commands.replace("8080", &port.to_string()), port)
}

fn typed(scene: &Scene, line: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", line]);
    scene.surround(&mut shell);
    shell
}

/// Waits until the service that was started by hand accepts connections.
fn accepts(port: u16, service: &mut Child) {
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(service.try_wait().unwrap().is_none(), "it ended by itself");
        assert!(began.elapsed() < HANG, "it never listened");
        look_again();
    }
}

#[test]
fn a_request_is_repeated_with_curl() {
    let fault = "Links.do_GET = lambda self: self.answer(418, {})\n";
    let scene = Scene::links(fault);
    scene.check("").blocked(
        "not-the-contract",
        &["See it by hand:", "and in another terminal:", "curl -i http://127.0.0.1:8080/healthz"],
    );
    let (commands, port) = commands(&scene);
    let (start, request) = commands.split_once("\n\n").unwrap();
    let mut service = typed(&scene, &format!("exec {start}")).stderr(Stdio::null()).spawn().unwrap();
    accepts(port, &mut service);
    if Command::new("curl").arg("--version").output().is_ok() {
        let seen = typed(&scene, request).output().unwrap();
        assert!(String::from_utf8_lossy(&seen.stdout).contains("418"), "{seen:?}");
    } else {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "the build server has no curl");
        writeln!(std::io::stderr(), "skipped: no request by hand, curl missing (cargo xtask test --setup)").unwrap();
    }
    service.kill().unwrap();
    service.wait().unwrap();
    scene.leaves_nothing();
}

#[test]
fn a_start_without_a_variable_is_repeated() {
    let fault = "REQUIRED.remove('SCREEN_URL')\n";
    let scene = Scene::links(fault);
    scene.check("--only missing-required-fails-fast").ended(1, &["See it by hand:", "reason started-anyway"]);
    let (start, port) = commands(&scene);
    assert!(!start.contains("SCREEN_URL") && !start.contains("\n\n"), "{start}");
    let mut service = typed(&scene, &format!("exec {start}")).stderr(Stdio::piped()).spawn().unwrap();
    accepts(port, &mut service);
    let mut answer = String::new();
    let mut connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
    connection.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").unwrap();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("200"), "it started anyway: {answer}");
    service.kill().unwrap();
    service.wait().unwrap();
    scene.leaves_nothing();
}
