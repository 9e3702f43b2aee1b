//! Hand-made runs: a factor that exists only here, and the events of one run for each way a run can end.

use std::time::Duration;

use crate::check::{Check, Failure, LabError, LogLine, Missing, Speaker, Stop, Tier};
use crate::event::{CheckFinished, Event, Moment, RunStarted, Stage};
use crate::factors::{Exercise, Factor};
use crate::outcome::{FactorOutcome, Outcome};
use crate::text::{Words, text};

/// The factor of every run below.
pub(super) static CONFIG: Factor = Factor {
    number: 3,
    slug: "config",
    title: Words { en: "Config", ko: "설정" },
    exercise: Exercise {
        checks: &CHECKS,
        smoke: |_| Box::pin(async { Ok(()) }),
        poisoned_at_build: &[],
        seeded: &[],
        hints: Words { en: HINTS_EN, ko: HINTS_KO },
        pristine: "",
    },
};

static CHECKS: [Check; 5] = [
    check(
        "env-drives-behaviour",
        Tier::Core,
        "One build follows the environment of each deploy: port, partner, address and release.",
        "빌드 하나가 배포마다 다른 환경 변수를 따라 동작합니다. 포트, 협력 서비스, 주소, 릴리즈가 모두 바뀝니다.",
    ),
    check(
        "missing-required-fails-fast",
        Tier::Core,
        "A missing required variable stops the start and is named.",
        "필수 환경 변수가 없으면 시작을 멈추고 그 이름을 알립니다.",
    ),
    check(
        "no-secrets-in-repo",
        Tier::Core,
        "The repository could be published without giving a secret away.",
        "저장소를 공개해도 비밀 값이 새어 나가지 않습니다.",
    ),
    check(
        "no-hidden-fallback",
        Tier::Full,
        "No address that is not configured is ever contacted.",
        "설정하지 않은 주소에는 접속하지 않습니다.",
    ),
    check(
        "malformed-value-rejected",
        Tier::Extra,
        "A value that makes no sense is rejected at the start.",
        "형식이 잘못된 값은 시작할 때 거부합니다.",
    ),
];

const HINTS_EN: &str = "\
## started-anyway

1. Somebody forgets one variable on a laptop, and the service starts all the same. Whose `screen` does it talk to now?
";

const HINTS_KO: &str = "\
## started-anyway

1. 누군가 노트북에서 환경 변수 하나를 빠뜨렸는데도 서비스가 시작됩니다. 이제 이 서비스는 누구의 `screen`과 통신하고 있습니까?
";

const fn check(id: &'static str, tier: Tier, en: &'static str, ko: &'static str) -> Check {
    Check { id, tier, fact: Words { en, ko }, reasons: &[], run: |_| Box::pin(async { Ok(()) }) }
}

/// Everything passes; the checks finish in another order than they are shown.
pub(super) fn passed() -> Vec<Event> {
    run(no_stops(), &[2, 0, 1, 4, 3])
}

/// A core check and a full check fail, and the extra one as well.
pub(super) fn failed() -> Vec<Event> {
    let mut stops = no_stops();
    stops[1] = Some(started_anyway().into());
    stops[2] = Some(secret_found().into());
    stops[4] = Some(default_port().into());
    run(stops, &[0, 1, 2, 3, 4])
}

/// Only the full check fails: core is open.
pub(super) fn failed_full() -> Vec<Event> {
    let mut stops = no_stops();
    stops[3] = Some(default_port().into());
    run(stops, &[0, 1, 2, 3, 4])
}

/// This machine cannot test one check.
pub(super) fn ungraded() -> Vec<Event> {
    let mut stops = no_stops();
    stops[3] = Some(Stop::Ungraded(Missing {
        what: text("user namespaces, which the sandbox needs", "샌드박스에 필요한 사용자 네임스페이스"),
        fix: text("sudo sysctl kernel.unprivileged_userns_clone=1", "sudo sysctl kernel.unprivileged_userns_clone=1"),
    }));
    run(stops, &[0, 1, 2, 3, 4])
}

/// The grader could not look.
pub(super) fn error() -> Vec<Event> {
    let mut stops = no_stops();
    stops[2] = Some(LabError::new("cannot run git ls-files", "No such file or directory (os error 2)").into());
    run(stops, &[0, 1, 2, 3, 4])
}

/// `--core`: two checks are left out.
pub(super) fn core_only() -> Vec<Event> {
    let mut events = start();
    events.push(Event::FactorStarted { factor: &CONFIG, checks: CHECKS[..3].iter().collect() });
    let checks: Vec<CheckFinished> = (0..3).map(|index| end(index, None)).collect();
    events.extend(checks.iter().cloned().map(Event::CheckFinished));
    let left_out = CHECKS[3..].iter().collect();
    let outcome = FactorOutcome { factor: &CONFIG, blocked: None, checks, left_out };
    events.push(Event::FactorFinished { factor: &CONFIG, standing: outcome.standing() });
    events.push(finished(outcome));
    events
}

/// The service does not build.
pub(super) fn blocked() -> Vec<Event> {
    let failure = Box::new(build_failed());
    let outcome = FactorOutcome { factor: &CONFIG, blocked: Some(failure.clone()), checks: vec![], left_out: vec![] };
    let mut events = start();
    events.truncate(4);
    events.push(Event::FactorBlocked { factor: &CONFIG, failure });
    events.push(Event::FactorFinished { factor: &CONFIG, standing: outcome.standing() });
    events.push(finished(outcome));
    events
}

/// A service that is blocked for a reason without a hint, after thirty lines.
pub(super) fn talkative(speaker: Speaker) -> Event {
    let log = (1..=30).map(|number| line(speaker, number, &format!("line {number}"))).collect();
    let failure =
        Failure::new("no-hint", text("did", "한 일"), text("expected", "기대"), text("seen", "실제")).with_log(log);
    Event::FactorBlocked { factor: &CONFIG, failure: Box::new(failure) }
}

/// The end of a run of several factors: one passes, one fails, one is blocked.
pub(super) fn several() -> Vec<Event> {
    let outcomes = [passed(), failed(), blocked()].into_iter().map(|events| match events.into_iter().next_back() {
        Some(Event::RunFinished(outcome)) => outcome.factors,
        _ => Vec::new(),
    });
    vec![Event::RunFinished(Outcome { factors: outcomes.flatten().collect(), ..Outcome::default() })]
}

/// Ctrl-C while the second check still runs; the third has finished.
pub(super) fn interrupted() -> Vec<Event> {
    aborted("interrupted", true)
}

/// The disk fills up.
pub(super) fn disk_full() -> Vec<Event> {
    aborted("cannot write events.jsonl: No space left on device (os error 28)", false)
}

/// The same run with `--strict`.
pub(super) fn strictly(mut events: Vec<Event>) -> Vec<Event> {
    for event in &mut events {
        if let Event::RunStarted(run) = event {
            run.strict = true;
        }
    }
    events
}

fn aborted(why: &str, interrupted: bool) -> Vec<Event> {
    let mut events = start();
    events.push(factor_started());
    events.push(Event::CheckFinished(end(0, None)));
    events.push(Event::CheckStarted { factor: &CONFIG, check: &CHECKS[1] });
    events.push(Event::CheckFinished(end(2, None)));
    events.push(Event::RunAborted { why: why.to_owned(), interrupted });
    events
}

fn no_stops() -> [Option<Stop>; 5] {
    [const { None }; 5]
}

/// A whole run; `order` is the order in which the checks finish.
fn run(stops: [Option<Stop>; 5], order: &[usize]) -> Vec<Event> {
    let checks: Vec<CheckFinished> = stops.into_iter().enumerate().map(|(index, stop)| end(index, stop)).collect();
    let mut events = start();
    events.push(factor_started());
    events.extend(CHECKS.iter().map(|check| Event::CheckStarted { factor: &CONFIG, check }));
    events.extend(order.iter().map(|index| Event::CheckFinished(checks[*index].clone())));
    let outcome = FactorOutcome { factor: &CONFIG, blocked: None, checks, left_out: vec![] };
    events.push(Event::FactorFinished { factor: &CONFIG, standing: outcome.standing() });
    events.push(finished(outcome));
    events
}

fn start() -> Vec<Event> {
    let run = RunStarted {
        run_id: "20260731-101500-4711".to_owned(),
        seed: 4711,
        subject: "exercises/factor-03-config".to_owned(),
        factors: vec![&CONFIG],
        strict: false,
    };
    let working = |stage, detail: Option<&str>| Event::Working { stage, detail: detail.map(str::to_owned) };
    vec![
        Event::RunStarted(run),
        working(Stage::Preparing, None),
        working(Stage::Building, Some("   Compiling axum v0.8.9")),
        working(Stage::Building, Some("   Compiling factor-03-config v0.1.0")),
        working(Stage::Starting, None),
    ]
}

fn factor_started() -> Event {
    Event::FactorStarted { factor: &CONFIG, checks: CHECKS.iter().collect() }
}

fn finished(factor: FactorOutcome) -> Event {
    Event::RunFinished(Outcome { factors: vec![factor], ..Outcome::default() })
}

fn end(index: usize, stop: Option<Stop>) -> CheckFinished {
    let remark = text(
        "the history still holds an old key; rotate it",
        "커밋 이력에 예전 키가 남아 있습니다. 키를 교체하십시오.",
    );
    let moment = |sequence, at, who, what: &str| Moment { sequence, at, who, what: what.to_owned() };
    CheckFinished {
        factor: &CONFIG,
        check: &CHECKS[index],
        stop,
        remarks: if index == 2 { vec![remark] } else { vec![] },
        took: Duration::from_millis(38 + 900 * index as u64),
        output: vec![line(Speaker::Stdout, 10, "listening on port 23456")],
        timeline: vec![
            moment(11, Duration::from_millis(1200), "grader", "start web with PORT=41573, without SCREEN_URL"),
            moment(15, Duration::from_millis(1260), "service", "listens on 41573"),
        ],
    }
}

fn started_anyway() -> Failure {
    Failure::new(
        "started-anyway",
        text("started `web` with everything but SCREEN_URL", "SCREEN_URL만 빼고 `web`을 시작했습니다."),
        text(
            "it exits with a code other than 0, never listens, and its output names SCREEN_URL",
            "0이 아닌 코드로 끝나고, 포트를 열지 않으며, 출력에 SCREEN_URL이라는 이름이 나옵니다.",
        ),
        text(
            "it listened on port 41573 and answered GET /healthz with 200",
            "41573 포트를 열고 GET /healthz에 200으로 응답했습니다.",
        ),
    )
    .repeat_by(
        "env -i PORT=8080 SCREEN_API_KEY=k PUBLIC_BASE_URL=http://localhost:8080 ./target/debug/factor-03-config web",
    )
    .with_log(vec![
        line(Speaker::Stdout, 12, "using http://localhost:9100 for SCREEN_URL"),
        line(Speaker::Stderr, 13, "listening on 0.0.0.0:41573 <&> \"한글\""),
    ])
}

fn secret_found() -> Failure {
    Failure::new(
        "secret-in-tree",
        text("searched every tracked file", "추적하는 파일을 모두 살펴보았습니다."),
        text("no secret is among them", "비밀 값이 하나도 없습니다."),
        text("src/main.rs:14 holds an API key", "src/main.rs:14에 API 키가 있습니다."),
    )
}

fn default_port() -> Failure {
    Failure::new(
        "default-used",
        text("started `web` with PORT=80a", "PORT=80a로 `web`을 시작했습니다."),
        text("it exits and names PORT", "PORT를 알리고 끝납니다."),
        text("it listened on 8080", "8080 포트를 열었습니다."),
    )
}

fn build_failed() -> Failure {
    let lines =
        ["error[E0425]: cannot find value `prot` in this scope", "  --> src/main.rs:12:25", "error: could not compile"];
    let log = lines.iter().zip(1..).map(|(words, sequence)| line(Speaker::Build, sequence, words)).collect();
    Failure::new(
        "build-failed",
        text(
            "ran `cargo build --offline` in a copy of the folder",
            "폴더를 복사한 곳에서 `cargo build --offline`을 실행했습니다.",
        ),
        text("the build ends with exit code 0", "빌드가 종료 코드 0으로 끝납니다."),
        text("it ended with exit code 101", "종료 코드 101로 끝났습니다."),
    )
    .repeat_by("cd exercises/factor-03-config\ncargo build --offline")
    .with_log(log)
}

fn line(speaker: Speaker, sequence: u64, words: &str) -> LogLine {
    LogLine { speaker, sequence, text: words.to_owned() }
}
