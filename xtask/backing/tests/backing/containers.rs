//! Containers and images, as the grader asks for them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use backing_protocol::{Answer, Ask, ContainerSpec, Engine, Mount, Refusal};

use crate::support::{Needs, Place, Program, has, nothing_is_left};

const TRAP: &str = "trap 'echo asked; exit 3' TERM; echo up $WORD; sleep 600 & wait";

pub fn run(program: &mut Program, spec: ContainerSpec) -> String {
    match program.ask(Ask::RunContainer(spec)) {
        Ok(Answer::Container { id }) => id,
        other => panic!("{other:?}"),
    }
}

fn shell(script: &str) -> ContainerSpec {
    let command = ["sh", "-c", script].map(str::to_owned).to_vec();
    ContainerSpec { command, ..ContainerSpec::default() }
}

pub fn ended(program: &mut Program, ask: Ask) -> i64 {
    match program.ask(ask) {
        Ok(Answer::Ended { code }) => code,
        other => panic!("{other:?}"),
    }
}

pub fn logs(program: &mut Program, container: &str) -> String {
    match program.ask(Ask::ContainerLogs { container: container.to_owned() }) {
        Ok(Answer::Text { text }) => text,
        other => panic!("{other:?}"),
    }
}

fn until_it_says(program: &mut Program, container: &str, words: &str) {
    crate::support::until(words, || logs(program, container).contains(words).then_some(()));
}

#[test]
fn what_cannot_be_executed_is_told_apart_from_an_engine_that_fails() {
    if !has(Needs::Docker) {
        return;
    }
    let place = Place::new();
    let mut program = place.start(&[]);
    for command in ["/no/such/program", "/etc/passwd"] {
        let command = vec![command.to_owned()];
        match program.ask(Ask::RunContainer(ContainerSpec { command, ..ContainerSpec::default() })) {
            Ok(Answer::NotStarted { why }) => assert!(why.contains("exec"), "{why}"),
            other => panic!("{other:?}"),
        }
    }
    let fine = run(&mut program, shell("exit 4"));
    assert_eq!(ended(&mut program, Ask::WaitContainer { container: fine }), 4);
    let session = program.session.clone();
    drop(program);
    nothing_is_left(&place, &session);
}

#[test]
fn a_container_is_signalled_stopped_and_waited_for() {
    if !has(Needs::Docker) {
        return;
    }
    let place = Place::new();
    let mut program = place.start(&[]);
    assert!(program.up(Engine::Containers).version.contains("API"));
    let environment = vec![("WORD".to_owned(), "가".to_owned())];
    let one = run(&mut program, ContainerSpec { environment, ..shell(TRAP) });
    until_it_says(&mut program, &one, "up 가");
    program.done(Ask::SignalContainer { container: one.clone(), signal: 15 });
    assert_eq!(ended(&mut program, Ask::WaitContainer { container: one.clone() }), 3);
    assert!(logs(&mut program, &one).contains("asked"));
    program.done(Ask::RemoveContainer { container: one.clone() });
    program.done(Ask::RemoveContainer { container: one });
    let other = run(&mut program, shell(TRAP));
    until_it_says(&mut program, &other, "up");
    assert_eq!(ended(&mut program, Ask::StopContainer { container: other.clone(), grace_seconds: 60 }), 3);
    assert_eq!(ended(&mut program, Ask::StopContainer { container: other, grace_seconds: 60 }), 3);
    let deaf = run(&mut program, shell("trap '' TERM; echo up; sleep 600 & wait"));
    until_it_says(&mut program, &deaf, "up");
    assert_eq!(ended(&mut program, Ask::StopContainer { container: deaf, grace_seconds: 0 }), 137);
    let session = program.session.clone();
    assert!(program.end().success());
    nothing_is_left(&place, &session);
}

#[test]
fn a_container_sees_what_it_is_given() {
    if !has(Needs::Docker) {
        return;
    }
    let place = Place::new();
    let [given, guarded] = ["given", "guarded"].map(|name| place.path(name));
    [&given, &guarded].into_iter().for_each(|folder| fs::create_dir(folder).unwrap());
    fs::write(guarded.join("text"), "read me\n").unwrap();
    let mut program = place.start(&[]);
    let mount = |path: &PathBuf, writable| Mount { path: path.clone(), writable };
    let (there, directory) = (guarded.display().to_string(), given.display().to_string());
    let spec = ContainerSpec {
        mounts: vec![mount(&given, true), mount(&guarded, false)],
        directory,
        read_only: true,
        ..shell(&format!("cat {there}/text > here; touch {there}/new; touch /etc/new; id -u; pwd"))
    };
    let container = run(&mut program, spec);
    ended(&mut program, Ask::WaitContainer { container: container.clone() });
    assert_eq!(fs::read_to_string(given.join("here")).unwrap(), "read me\n");
    assert!(!guarded.join("new").exists());
    let said = logs(&mut program, &container);
    assert_eq!(said.matches("Read-only file system").count(), 2, "{said}");
    let user = run(&mut program, ContainerSpec { user: "1234:1234".to_owned(), ..shell("id -u") });
    ended(&mut program, Ask::WaitContainer { container: user.clone() });
    assert_eq!(logs(&mut program, &user).trim(), "1234");
    assert!(program.end().success());
}

#[test]
fn an_image_is_built_without_what_is_ignored_and_removed_at_the_end() {
    if !has(Needs::Docker) {
        return;
    }
    let place = Place::new();
    let context = place.path("context");
    fs::create_dir_all(context.join("target")).unwrap();
    let files = [
        ("Dockerfile", "ARG BASE=debian:bookworm-slim\nFROM ${BASE}\nCOPY . /here\nRUN ls /here > /list\n"),
        ("Broken", "FROM debian:bookworm-slim\nRUN echo these words; exit 7\n"),
        ("Unreadable", "FROMM debian\n"),
        ("Unknown", "FROM registry.invalid/nothing:1\n"),
        (".dockerignore", "target\n*.log\n"),
        ("kept", ""),
        ("target/left-out", ""),
        ("run.log", ""),
    ];
    files.iter().for_each(|(name, text)| fs::write(context.join(name), text).unwrap());
    let mut program = place.start(&[]);
    let tag = format!("workshop-test-{}:latest", program.session);
    let build = |dockerfile: &str| Ask::BuildImage {
        context: context.clone(),
        dockerfile: dockerfile.to_owned(),
        tag: tag.clone(),
    };
    program.done(build("Dockerfile"));
    assert!(program.news.iter().any(|news| news.contains("building the image")), "{:?}", program.news);
    let image = tag.clone();
    let container = run(&mut program, ContainerSpec { image, ..shell("cat /list") });
    ended(&mut program, Ask::WaitContainer { container: container.clone() });
    let listed = logs(&mut program, &container);
    assert!(listed.contains("kept") && !listed.contains("target") && !listed.contains("run.log"), "{listed}");
    for (dockerfile, words) in [("Broken", "exit code: 7"), ("Unreadable", "FROMM"), ("Absent", "Absent")] {
        match program.ask(build(dockerfile)) {
            Ok(Answer::NotBuilt { lines }) => assert!(lines.iter().any(|line| line.contains(words)), "{lines:?}"),
            other => panic!("{other:?}"),
        }
    }
    let unknown = program.refused(build("Unknown"));
    let fix = "docker pull registry.invalid/nothing:1";
    assert!(matches!(&unknown, Refusal::Missing { fix: command, .. } if command == fix), "{unknown:?}");
    assert!(program.end().success());
    let inspect = Command::new("docker").args(["image", "inspect", &tag]).output().unwrap();
    assert!(!inspect.status.success(), "the image is still there");
}
