//! Services that were built and do not come up, or do not speak as the contract says.

use std::net::TcpListener;

use crate::scene::{Ended, HANGS_WITHOUT_CONFIGURATION, Scene};

/// A hang guard for services that do nothing: what is shorter than a start of Python would judge the machine.
const SHORT_MS: &str = "4000";

#[test]
fn a_program_that_is_missing_blocks() {
    let scene = Scene::links("");
    scene.app_toml("", "[\"app.py\"]", "[\"{release}/links\"]");
    scene.check("").blocked("program-missing", &["A program that should run is missing", "No such file"]);
    scene.leaves_nothing();
}

#[test]
fn a_service_that_ends_at_once_blocks_with_its_last_words() {
    let scene = Scene::script("import sys\nsys.exit('the moon is not right')");
    scene.check("").blocked("exited-at-start", &["it ended with exit code 1", "[stderr] the moon is not right"]);
    scene.leaves_nothing();
}

#[test]
fn a_service_that_never_listens_blocks() {
    let scene = Scene::script("import signal\nprint('thinking', flush=True)\nsignal.pause()");
    impatient(&scene).blocked("never-listened", &["it neither listens nor ends", "[stdout] thinking"]);
    scene.leaves_nothing();
}

#[test]
fn a_service_that_never_answers_blocks() {
    let scene = Scene::script(&serving("signal.pause()"));
    impatient(&scene).blocked("hung-up", &["sent GET /healthz", "curl -i http://127.0.0.1:"]);
    scene.leaves_nothing();
}

#[test]
fn a_service_that_answers_garbage_blocks() {
    let scene = Scene::script(&serving("answer(bytes(range(256)) * 4096)"));
    scene.check("").blocked("hung-up", &["sent GET /healthz", "the contract says 200"]);
    scene.leaves_nothing();
}

#[test]
fn a_service_that_hangs_up_blocks() {
    let scene = Scene::script(&serving("answer(b'HTTP/1.1 200 OK\\r\\ncontent-length: 99\\r\\n\\r\\nhalf')"));
    scene.check("").blocked("hung-up", &["sent GET /healthz"]);
    scene.leaves_nothing();
}

#[test]
fn a_service_that_answers_without_end_blocks() {
    let endless = "answer(b'HTTP/1.1 200 OK\\r\\n\\r\\n' + b'x' * 100_000_000)";
    let scene = Scene::script(&serving(endless));
    scene.check("").blocked("hung-up", &["sent GET /healthz"]);
    scene.leaves_nothing();
}

#[test]
fn a_service_that_agrees_to_everything_blocks() {
    let scene = Scene::script(&serving("answer(b'HTTP/1.1 200 OK\\r\\ncontent-length: 2\\r\\n\\r\\n{}')"));
    scene.check("").blocked("not-the-contract", &["sent GET /version", "\"build\""]);
    scene.leaves_nothing();
}

#[test]
fn what_app_toml_does_not_name_yet_blocks_the_factor_that_looks_at_it() {
    let scene = Scene::links("");
    scene.grade("check factor-12").blocked("not-in-app-toml", &["`migrate` in [app.links.admin]", "it is not there"]);
    scene.leaves_nothing();
}

#[test]
fn a_service_that_listens_elsewhere_blocks_and_the_port_is_named() {
    let fault = "import socket\nfree = socket.create_server(('127.0.0.1', 0))\nother = free.getsockname()[1]\nfree.close()\n\
                 print(f'port {other}', flush=True)\nos.environ['PORT'] = str(other)";
    let scene = Scene::links(fault);
    let ended = scene.check("");
    let port = ended.stdout.split("[stdout] port ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    ended.blocked("listens-elsewhere", &[&format!("it listens on {port}, not on ")]);
    scene.leaves_nothing();
}

#[test]
fn a_service_that_listens_at_another_address_blocks_and_the_address_is_named() {
    // Loopback has many addresses; a service behind 127.0.0.2 is as unreachable as one on ::1 alone.
    let fault = "import socketserver\nbind = socketserver.TCPServer.server_bind\n\
                 def elsewhere(self):\n    self.server_address = ('127.0.0.2', self.server_address[1])\n    bind(self)\n\
                 socketserver.TCPServer.server_bind = elsewhere";
    Scene::links(fault).check("").blocked("listens-elsewhere", &["but not at 127.0.0.1; bind 0.0.0.0"]);
}

#[test]
fn a_service_whose_own_port_is_taken_blocks_with_its_reason() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let scene = Scene::links(&format!("os.environ['PORT'] = '{port}'"));
    scene.check("").blocked("exited-at-start", &["it ended with exit code 1", "Address already in use"]);
    scene.leaves_nothing();
}

#[test]
fn a_service_that_hangs_in_a_check_fails_that_check() {
    let scene = Scene::links(HANGS_WITHOUT_CONFIGURATION);
    let mut command = scene.command("check factor-3 --only missing-required-fails-fast");
    command.env("WORKSHOP_HANG_GUARD_MS", SHORT_MS);
    Ended::of(command).ended(1, &["FAIL", "reason hung", "it neither listens nor ends"]);
    scene.leaves_nothing();
}

fn impatient(scene: &Scene) -> Ended {
    let mut command = scene.command("check factor-3");
    command.env("WORKSHOP_HANG_GUARD_MS", SHORT_MS);
    Ended::of(command)
}

/// A server that accepts connections for ever and does this with each, once it has read the request.
fn serving(with_each: &str) -> String {
    format!(
        "import os, signal, socket\n\
         server = socket.create_server(('127.0.0.1', int(os.environ['PORT'])))\n\
         while True:\n    \
             client, _ = server.accept()\n    \
             def answer(words):\n        \
                 try:\n            \
                     client.recv(65536) and client.sendall(words)\n            \
                     client.close()\n        \
                 except OSError:\n            \
                     pass\n    \
             {with_each}\n"
    )
}
