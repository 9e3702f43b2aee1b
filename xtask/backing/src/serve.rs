//! The loop: one line in, one task each, one line out; at the end of the input everything is removed.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use backing_protocol::{Answer, Ask, Engine, Line, Refusal, Reply, Request};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::engine::Found;
use crate::house::House;
use crate::place::Place;
use crate::refusals::failed;
use crate::session::removal;

/// Serves until standard input ends, nobody reads the answers any more, or SIGTERM comes.
pub async fn run(place: Place, engine: Found) -> ExitCode {
    let (lines, answers) = unbounded_channel();
    let mut requests = read();
    let nobody_listens = write(answers);
    let house = Arc::new(House::open(place.clone(), engine, lines.clone()));
    // What dead sessions left is nothing that anybody waits for.
    tokio::spawn({
        let place = place.clone();
        async move { removal::sweep(&place).await }
    });
    let idle = tokio::select! {
        idle = obey(&house, &mut requests, &lines) => idle,
        _ = nobody_listens => false,
        () = terminated() => false,
    };
    match house.as_ref() {
        Ok(house) if !house.session.close(&place, idle).await => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}

/// Carries out requests until there are no more. `false` when one was still under way.
async fn obey(
    house: &Arc<Result<House, Refusal>>,
    requests: &mut UnboundedReceiver<String>,
    lines: &UnboundedSender<Line>,
) -> bool {
    let mut tasks = JoinSet::new();
    while let Some(line) = requests.recv().await {
        let (house, lines) = (Arc::clone(house), lines.clone());
        tasks.spawn_local(async move {
            let reply = match serde_json::from_str::<Request>(&line) {
                Ok(Request { id, ask }) => Reply { id, result: answer(house.as_ref().as_ref(), ask).await },
                // Whoever sent this cannot be told which request it was; zero is no id of the grader's.
                Err(error) => Reply { id: 0, result: Err(failed("not a request", error)) },
            };
            // Nobody listens any more: the loop is about to learn it, too.
            let _ = lines.send(Line::Reply(reply));
        });
        while tasks.try_join_next().is_some() {}
    }
    while tasks.try_join_next().is_some() {}
    tasks.is_empty()
}

async fn answer(house: Result<&House, &Refusal>, ask: Ask) -> Result<Answer, Refusal> {
    let house = house.map_err(Refusal::clone)?;
    match ask {
        Ask::Up { engine: Engine::Postgres } => Ok(Answer::Up(house.postgres_up().await?)),
        Ask::Up { engine: Engine::Redis } => Ok(Answer::Up(house.redis_up().await?)),
        Ask::CreateDatabase { name, user, password } => {
            house.postgres().await?.create(&house.session, &name, &user, &password).await.map(|()| Answer::Done)
        }
        Ask::DropDatabase { name, user } => house.postgres().await?.remove(&name, &user).await.map(|()| Answer::Done),
        Ask::Query { database, sql } => {
            Ok(Answer::Rows { rows: house.postgres().await?.query(&database, &sql).await? })
        }
        Ask::SchemaDump { database } => Ok(Answer::Text { text: house.postgres().await?.schema(&database).await? }),
        Ask::TakeRedis => Ok(Answer::RedisDatabase { index: house.redis().await?.take(&house.session).await? }),
        Ask::ReturnRedis { index } => house.redis().await?.give_back(index).await.map(|()| Answer::Done),
        Ask::ScanRedis { index } => Ok(Answer::Keys { keys: house.redis().await?.keys(index).await? }),
        Ask::Up { engine: Engine::Containers } => Ok(Answer::Up(house.engine().await?.server())),
        Ask::BuildImage { context, dockerfile, tag } => {
            house.engine().await?.build(house, context, dockerfile, &tag).await
        }
        Ask::ComposeUp { folder, file, images } => {
            house.engine().await?.compose_up(house, folder, &file, &images).await
        }
        Ask::ComposeDown { project } => house.engine().await?.compose_down(&project).await.map(|()| Answer::Done),
        Ask::RunContainer(spec) => house.engine().await?.run(house, spec).await,
        Ask::ImageUser { tag } => Ok(Answer::Text { text: house.engine().await?.user_of(&tag).await? }),
        Ask::SignalContainer { container, signal } => {
            house.engine().await?.signal(&container, signal).await.map(|()| Answer::Done)
        }
        Ask::StopContainer { container, grace_seconds } => {
            Ok(Answer::Ended { code: house.engine().await?.stop(&container, grace_seconds).await? })
        }
        Ask::WaitContainer { container } => Ok(Answer::Ended { code: house.engine().await?.ended(&container).await? }),
        Ask::ContainerLogs { container } => Ok(Answer::Text { text: house.engine().await?.logs(&container).await? }),
        Ask::RemoveContainer { container } => house.engine().await?.remove(&container).await.map(|()| Answer::Done),
    }
}

/// Reads standard input in a thread of its own, since nothing can wait for it without one; the channel ends with the input.
fn read() -> UnboundedReceiver<String> {
    let (sender, requests) = unbounded_channel();
    thread::spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    requests
}

/// Writes lines in a thread of its own; what is returned resolves when nobody reads them any more.
fn write(mut answers: UnboundedReceiver<Line>) -> oneshot::Receiver<()> {
    let (alive, nobody_listens) = oneshot::channel();
    thread::spawn(move || {
        let _alive: oneshot::Sender<()> = alive;
        let mut output = io::stdout();
        while let Some(line) = answers.blocking_recv() {
            let Ok(mut text) = serde_json::to_vec(&line) else { continue };
            text.push(b'\n');
            if output.write_all(&text).and_then(|()| output.flush()).is_err() {
                return;
            }
        }
    });
    nobody_listens
}

/// A terminal's Ctrl-C and its end reach the whole family; the grader decides by closing our input when it needs nothing more.
async fn terminated() {
    let caught = [SignalKind::interrupt(), SignalKind::hangup()].map(signal);
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => drop(terminate.recv().await),
        Err(_) => std::future::pending().await,
    }
    drop(caught);
}
