//! What a start without a variable that the service needs must look like.

use crate::lab::process::Exit;
use crate::lab::service::{Service, Startup};
use crate::links::describe;
use crate::text::{Text, text, with_particle};

/// A reason code, what was expected, and what was seen.
pub type Complaint = (&'static str, Text, Text);

/// Whether a service that was not given `name` ended at once and said so; `secret`, unless it is empty, was looked for.
///
/// # Errors
///
/// `started-anyway`, `hung`, `exited-zero`, `leaked-value` or `variable-not-named`.
pub fn refused_well(service: &Service, startup: &Startup, name: &str, secret: &str) -> Result<(), Complaint> {
    let stops = text("it ends with an error before it accepts connections", "연결을 받기 전에 오류로 끝나야 합니다");
    let seen = describe(startup, service.port());
    let exit = match startup {
        Startup::Listening | Startup::Elsewhere(_) => return Err(("started-anyway", stops, seen)),
        Startup::Silent | Startup::NotExecutable(_) => return Err(("hung", stops, seen)),
        Startup::Exited(exit) => *exit,
    };
    if exit == Exit::Code(0) {
        let expected = text("the exit code says that something is wrong", "종료 코드가 실패를 알려야 합니다");
        return Err(("exited-zero", expected, seen));
    }
    if !secret.is_empty() && !service.logs().found().is_empty() {
        let expected = text("the message shows no secret value", "메시지에 비밀 값이 나오지 않아야 합니다");
        let seen = text("the value of SCREEN_API_KEY stands in the output", "SCREEN_API_KEY의 값이 출력에 있습니다");
        return Err(("leaked-value", expected, seen));
    }
    // Some read `PORT` and call it `port`.
    if !service.logs().text().to_ascii_uppercase().contains(name) {
        let expected = text(
            format!("the message names {name}"),
            format!("메시지가 {} 말해야 합니다", with_particle(name, "을/를")),
        );
        let seen = text(
            format!("it ended with {exit} and never mentions {name}"),
            format!("{} 말하지 않고 끝났습니다({})", with_particle(name, "을/를"), exit.text().ko),
        );
        return Err(("variable-not-named", expected, seen));
    }
    Ok(())
}
