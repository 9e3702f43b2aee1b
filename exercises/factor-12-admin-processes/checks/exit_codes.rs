//! What a one-off says when it is over: to a pipeline by its exit code, to a human on stderr.

use super::age::make_older;
use super::scene::{
    BACKFILL, CREATE_USER, MIGRATE, ONE_OFFS, PURGE, State, complaint, create, deployed, end_of, failure, one_off,
    sensible_one_off, serving, slowed, state, web,
};
use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::one_off::OneOff;
use crate::lab::postgres::{Credentials, Postgres};
use crate::lab::process::Exit;
use crate::lab::proxy::Mode;
use crate::lab::start::Start;
use crate::links::{System, fresh_target};
use crate::text::{Text, text};

/// Older than what `purge` is asked to remove here.
const DAYS: u64 = 400;
/// What a one-off may wait for a database that will not have it, on a machine of the reference's speed, in milliseconds.
const UNWILLING: f64 = 3000.0;

/// Makes credentials wrong.
type Spoil = fn(&mut Credentials);

/// One-offs that cannot do what they are asked, and at the end some that can.
pub async fn exit_codes_are_honest(lab: Lab) -> CheckResult {
    let system = deployed(&lab).await?;
    let service = serving(&lab, web(&lab, &system)).await?;
    let slug = create(&system, &service, &fresh_target(&lab)).await?;
    make_older(system.postgres()?, &service, &slug, DAYS).await?;
    let bench = Desk { lab: &lab, system: &system };
    // Side by side where nothing is shared, and reported in this order.
    let before = state(system.postgres()?).await?;
    let (down, strangers, words) =
        tokio::join!(bench.database_is_down(), bench.strangers_ask(), bench.words_are_wrong());
    down.and(strangers).and(words)?;
    bench.nothing_changed(&before).await?;
    bench.successes_are_zero().await
}

/// Where one-offs are started.
struct Desk<'l> {
    lab: &'l Lab,
    system: &'l System,
}

impl Desk<'_> {
    fn postgres(&self) -> CheckResult<&Postgres> {
        self.system.postgres()
    }

    fn start(&self, name: &'static str, arguments: &[&str]) -> Start {
        one_off(self.lab, self.system, name, arguments)
    }

    /// A command with arguments that are right.
    fn right(&self, name: &'static str) -> Start {
        sensible_one_off(self.lab, self.system, name)
    }

    /// The same where the database will not have it. A client may try again for as long as it may wait.
    fn without_database(&self, name: &'static str, url: &str) -> Start {
        self.right(name).set("DATABASE_URL", url).set("DB_TIMEOUT_MS", slowed(self.lab, UNWILLING))
    }

    async fn database_is_down(&self) -> CheckResult {
        let postgres = self.postgres()?;
        let proxy = postgres.another_way(self.lab).await?;
        proxy.set(Mode::Refuse);
        let url = postgres.url_by(&proxy, postgres.credentials());
        for name in ONE_OFFS {
            let did = text(
                format!("ran `{name}` while nothing answers at the address of the database"),
                format!("데이터베이스 주소에서 아무도 응답하지 않을 때 `{name}` 실행"),
            );
            let ended = self.without_database(name, &url).to_the_end().await?;
            refuses(&ended, &did)?;
        }
        Ok(())
    }

    /// Wrong credentials, which the server really refuses: otherwise nothing is concluded.
    async fn strangers_ask(&self) -> CheckResult {
        let changes: [(&str, &str, Spoil); 2] = [
            ("a wrong password", "틀린 비밀번호", |credentials| credentials.password.push('x')),
            ("a role that does not exist", "없는 사용자", |credentials| credentials.user.push('x')),
        ];
        let postgres = self.postgres()?;
        let proxy = postgres.another_way(self.lab).await?;
        for (wrong, wrong_ko, change) in changes {
            let mut credentials = postgres.credentials().clone();
            change(&mut credentials);
            let url = postgres.url_by(&proxy, &credentials);
            for name in ONE_OFFS {
                let did = text(
                    format!("ran `{name}` with {wrong} in DATABASE_URL"),
                    format!("DATABASE_URL에 {wrong_ko} 값을 넣고 `{name}` 실행"),
                );
                let ended = self.without_database(name, &url).to_the_end().await?;
                if proxy.counters().replies > 0 {
                    return Err(LabError::new("the database server", format!("lets somebody in with {wrong}")).into());
                }
                refuses(&ended, &did)?;
            }
        }
        Ok(())
    }

    /// What somebody mistypes at three in the morning, with a database that would do as it is told.
    async fn words_are_wrong(&self) -> CheckResult {
        let word = self.lab.chance().word(6);
        let option = format!("--{word}");
        let wrong: [(&'static str, &[&str]); 9] = [
            (CREATE_USER, &[]),
            (CREATE_USER, &["--name", &word]),
            (CREATE_USER, &["--name", &word, "--role", &word]),
            (CREATE_USER, &["--name", &word, "--role", "user", &option]),
            (PURGE, &[]),
            (PURGE, &["--older-than-days"]),
            (PURGE, &["--older-than-days", &word]),
            (PURGE, &["--older-than-days", "30", &option]),
            (BACKFILL, &[&option]),
        ];
        for (name, arguments) in wrong {
            let line = [&[name], arguments].concat().join(" ");
            let did = text(format!("ran `{line}`"), format!("`{line}` 실행"));
            refuses(&self.start(name, arguments).to_the_end().await?, &did)?;
        }
        for name in [CREATE_USER, PURGE, BACKFILL] {
            let Some(misspelt) = self.right(name).misspelt(&word) else { continue };
            let ended = misspelt.to_the_end().await?;
            let did = text(
                format!("ran the command of `{name}` with `{word}` in the place of the word `{name}`"),
                format!("`{name}` 명령에서 `{name}` 자리에 `{word}` 입력"),
            );
            refuses(&ended, &did)?;
        }
        let did = text("ran `create-user` without NEW_USER_PASSWORD", "NEW_USER_PASSWORD 없이 `create-user` 실행");
        refuses(&self.right(CREATE_USER).unset("NEW_USER_PASSWORD").to_the_end().await?, &did)
    }

    async fn nothing_changed(&self, before: &State) -> CheckResult {
        let now = state(self.postgres()?).await?;
        if now == *before {
            return Ok(());
        }
        let did = text(
            "ran one-offs with wrong words, wrong credentials and no database",
            "잘못된 인자, 잘못된 계정 정보, 멈춘 데이터베이스로 일회성 프로세스를 실행",
        );
        let expected = text("nothing in the database changes", "데이터베이스에서 아무것도 바뀌지 않아야 합니다");
        let table = now.1.iter().find(|(table, rows)| before.1.get(*table) != Some(rows)).map(|(table, _)| table);
        let table = table.map_or("the schema", String::as_str);
        let seen = text(format!("this changed: {table}"), format!("다음이 바뀌었습니다: {table}"));
        Err(failure("changed-something", &did, expected, seen, self.lab.last_lines()))
    }

    /// The positive control: the same commands, asked properly, do something and say so.
    async fn successes_are_zero(&self) -> CheckResult {
        for name in [MIGRATE, BACKFILL, CREATE_USER, PURGE] {
            let before = state(self.postgres()?).await?;
            let ended = self.right(name).offering_port().to_the_end().await?;
            let changed = state(self.postgres()?).await? != before;
            let did = text(
                format!("ran `{name}` properly after everything that was wrong"),
                format!("잘못된 실행이 모두 끝난 뒤 `{name}` 명령을 제대로 실행"),
            );
            if ended.exit != Some(Exit::Code(0)) {
                let expected = text("it ends with exit code 0", "종료 코드 0으로 끝나야 합니다");
                let seen = end_of(ended.exit);
                return Err(failure("failed-anyway", &did, expected, seen, ended.lines));
            }
            if !changed && [CREATE_USER, PURGE].contains(&name) {
                let expected = text("what it is for happens", "맡은 일을 해야 합니다");
                let seen = text("exit code 0, and nothing has changed", "종료 코드는 0인데 바뀐 것이 없습니다");
                return Err(failure("exited-zero", &did, expected, seen, ended.lines));
            }
        }
        Ok(())
    }
}

/// A one-off that cannot do what it was asked ends soon, with an exit code that says so, and with a word on stderr.
fn refuses(ended: &OneOff, did: &Text) -> CheckResult {
    let fails = text("it ends with an exit code other than 0", "0이 아닌 종료 코드로 끝나야 합니다");
    let end = end_of(ended.exit);
    let lines = || ended.lines.clone();
    match ended.exit {
        None => Err(failure("hung", did, fails, end, lines())),
        Some(Exit::Code(0)) => Err(failure("exited-zero", did, fails, end, lines())),
        Some(_) if complaint(&ended.lines).is_empty() => {
            let expected = text("it says on stderr what is wrong", "무엇이 잘못되었는지 stderr에 알려야 합니다");
            let seen = text(
                format!("{}, and nothing on stderr", end.en),
                format!("{}. stderr에는 아무 말도 없습니다", end.ko),
            );
            Err(failure("silent", did, expected, seen, lines()))
        }
        Some(_) => Ok(()),
    }
}
