//! The servers and the container engine that checks may need, as the program that starts them sees them.

use std::process::{Command, Stdio};

use backing_protocol::{Refusal, Server, Survey};
use grader::programs;
use grader::subject::Workspace;
use grader::text::{Text, text};

use super::engine::{self, Answer};
use super::system::System;
use super::{Finding, Fix, State};

/// One finding per kind of server. The program is asked only if it is compiled: `doctor` compiles nothing.
pub fn servers(workspace: &Workspace, system: &System) -> Vec<Finding> {
    let program = programs::BACKING.path(workspace);
    let mut look = Command::new(&program);
    look.arg("doctor").current_dir(&workspace.root).env("CARGO_TARGET_DIR", &workspace.target);
    let output = look.stdin(Stdio::null()).stderr(Stdio::null()).output();
    // A program of another version says something that cannot be read: then it is about to be compiled anew.
    let survey: Option<Survey> = output.ok().and_then(|output| serde_json::from_slice(&output.stdout).ok());
    let mut findings = match &survey {
        Some(survey) => of_survey(survey, system),
        None => vec![not_compiled()],
    };
    findings.push(containers(survey.map(|survey| survey.containers), &engine::ask(), system));
    findings.extend(images(workspace));
    findings
}

fn of_survey(Survey { postgres, redis, .. }: &Survey, system: &System) -> Vec<Finding> {
    let meanings = [
        text("Checks with a database stay UNGRADED.", "데이터베이스가 필요한 검사는 UNGRADED가 됩니다."),
        text("Checks with Redis stay UNGRADED.", "Redis가 필요한 검사는 UNGRADED가 됩니다."),
    ];
    let [database, keys] = meanings;
    vec![finding("postgres", postgres, database, system), finding("redis", redis, keys, system)]
}

/// What `docker` says is more exact; but the program of the checks also finds engines that `docker` does not know of.
fn containers(seen: Option<Result<Server, Refusal>>, answer: &Answer, system: &System) -> Finding {
    match (answer, seen) {
        (Answer::NoProgram | Answer::Refused(_), Some(Ok(server))) => Finding::good("containers", found(&server)),
        (answer, _) => engine::engine(answer, std::env::consts::ARCH, system),
    }
}

/// Without an engine there is nothing to say about images.
fn images(workspace: &Workspace) -> Option<Finding> {
    let engine = crate::room::engine::find()?;
    let wanted = crate::room::engine::wanted(&workspace.root).ok()?;
    let absent: Vec<String> = wanted.into_iter().filter(|image| engine.size(image).is_none()).collect();
    Some(engine::images(&absent, engine.program))
}

fn finding(id: &'static str, looked: &Result<Server, Refusal>, meaning: Text, system: &System) -> Finding {
    match looked {
        Ok(server) => Finding::good(id, found(server)),
        Err(Refusal::Missing { what, what_ko, fix }) => {
            Finding::bad(id, State::Limited, text(what, what_ko), meaning, system.own(fix))
        }
        Err(Refusal::Failed { why }) => {
            let fix = Fix::Do(text("see the reason above", "위의 이유를 보십시오"));
            Finding::bad(id, State::Limited, text(why.clone(), why.clone()), meaning, fix)
        }
    }
}

fn found(server: &Server) -> Text {
    let Server { way, version, .. } = server;
    // An engine is no server that runs in something.
    if version.contains("API") {
        return text(version.clone(), version.clone());
    }
    let (en, ko) = match way.as_str() {
        "local" => ("a program of this machine", "이 컴퓨터에 설치된 프로그램"),
        "docker" => ("an image, in a container", "이미지, 컨테이너로 실행"),
        _ => ("a server that runs already", "이미 실행 중인 서버"),
    };
    text(format!("{version} ({en})"), format!("{version} ({ko})"))
}

fn not_compiled() -> Finding {
    let command = "cargo build --package backing";
    Finding::bad(
        "backing",
        State::Limited,
        text("PostgreSQL and Redis: not looked at yet", "PostgreSQL, Redis: 아직 살펴보지 못했습니다"),
        text(
            "The program that starts them is compiled by the first check that needs one, or by this command.",
            "이 서버를 시작하는 프로그램은 필요한 검사를 처음 실행할 때 컴파일됩니다. 다음 명령으로 미리 컴파일할 수 있습니다.",
        ),
        Fix::Command(command.to_owned()),
    )
}
