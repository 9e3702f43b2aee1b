//! The command line, in both languages.

use std::process::{Command, Output};

fn server(words: &str) -> Output {
    let mut server = Command::new(env!("CARGO_BIN_EXE_workshop-server"));
    for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
        server.env_remove(name);
    }
    server.args(words.split_whitespace()).output().unwrap()
}

#[test]
fn the_help_names_every_option_in_both_languages() {
    for (lang, says) in [("en", "Ctrl-C ends it"), ("ko", "Ctrl-C를 누르면")] {
        let help = server(&format!("--help --lang {lang}"));
        let said = String::from_utf8(help.stdout).unwrap();
        assert!(help.status.success() && said.contains(says), "{said}");
        for option in ["--books", "--xtask", "--port", "--open", "--while-stdin-is-open", "--lang", "--help"] {
            assert!(said.contains(option), "{option}: {said}");
        }
    }
}

#[test]
fn what_cannot_be_understood_is_said_in_both_languages() {
    for (words, says) in [
        ("--port x", "x is not a port"),
        ("--port x --lang ko", "x: 포트 번호가 아닙니다"),
        ("--lang fr", "fr is not a language"),
        ("--frobnicate", "--frobnicate"),
    ] {
        let ended = server(words);
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(2), "{words}");
        assert!(said.contains(says), "{words}: {said}");
    }
}

#[test]
fn a_port_that_somebody_asked_for_and_that_is_taken_is_an_error() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let ended = server(&format!("--port {}", taken.local_addr().unwrap().port()));
    assert_eq!(ended.status.code(), Some(70));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("The server cannot go on"));
}
