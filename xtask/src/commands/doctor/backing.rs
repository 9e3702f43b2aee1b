//! The servers and the container engine that checks may need, as the program that starts them sees them.

use std::process::{Command, Stdio};

use backing_protocol::{Refusal, Server, Survey};
use grader::backing::program_path;
use grader::subject::Workspace;
use grader::text::{Text, text};

use super::{Finding, State};

/// One finding per kind of server. The program is asked only if it is compiled: `doctor` compiles nothing.
pub fn servers(workspace: &Workspace) -> Vec<Finding> {
    let program = program_path(workspace);
    let mut look = Command::new(&program);
    look.arg("doctor").current_dir(&workspace.root).env("CARGO_TARGET_DIR", &workspace.target);
    let output = look.stdin(Stdio::null()).stderr(Stdio::null()).output();
    // A program of another version says something that cannot be read: then it is about to be compiled anew.
    let survey = output.ok().and_then(|output| serde_json::from_slice(&output.stdout).ok());
    survey.map_or_else(|| vec![not_compiled()], findings)
}

fn findings(survey: Survey) -> Vec<Finding> {
    let Survey { postgres, redis, containers } = survey;
    vec![
        finding(
            "postgres",
            postgres,
            text("Checks with a database stay UNGRADED.", "데이터베이스가 필요한 검사는 UNGRADED가 됩니다."),
        ),
        finding("redis", redis, text("Checks with Redis stay UNGRADED.", "Redis가 필요한 검사는 UNGRADED가 됩니다.")),
        finding(
            "containers",
            containers,
            text(
                "Checks that build or run a container image stay UNGRADED; everything else works.",
                "컨테이너 이미지를 빌드하거나 실행하는 검사는 UNGRADED가 됩니다. 나머지는 모두 동작합니다.",
            ),
        ),
    ]
}

fn finding(id: &'static str, looked: Result<Server, Refusal>, meaning: Text) -> Finding {
    match looked {
        Ok(server) => Finding::good(id, found(&server)),
        Err(Refusal::Missing { what, what_ko, fix }) => {
            Finding::bad(id, State::Limited, text(what, what_ko), meaning, text(fix.clone(), fix))
        }
        Err(Refusal::Failed { why }) => {
            let fix = text("see the reason above", "위의 이유를 보십시오");
            Finding::bad(id, State::Limited, text(why.clone(), why), meaning, fix)
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
        text(
            "PostgreSQL, Redis and containers: not looked at yet",
            "PostgreSQL, Redis, 컨테이너: 아직 살펴보지 못했습니다",
        ),
        text(
            "The program that starts them is compiled by the first check that needs one, or by this command.",
            "이 서버를 시작하는 프로그램은 필요한 검사를 처음 실행할 때 컴파일됩니다. 다음 명령으로 미리 컴파일할 수 있습니다.",
        ),
        text(command, command),
    )
}
