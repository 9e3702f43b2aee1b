//! A Redis server in a container.

use std::sync::Mutex;
use std::time::Duration;

use backing_protocol::Refusal;

use super::client::{Access, Client};
use super::{Databases, OWN_DATABASES, Redis};
use crate::containers::Engine;
use crate::containers::server::Wanted;
use crate::house::House;
use crate::refusals::failing;
use crate::session::random_word;
use crate::waiting::first_answer;

/// After this long it does not come up any more.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts a server.
pub async fn start(house: &House, engine: &Engine, may_pull: bool) -> Result<Redis, Refusal> {
    let password = random_word().map_err(failing("cannot draw a random number"))?;
    let databases = OWN_DATABASES.to_string();
    let settings = ["--save", "", "--appendonly", "no", "--protected-mode", "no", "--databases", &databases];
    let command = ["redis-server"].into_iter().chain(settings).chain(["--requirepass", &password]);
    let wanted = Wanted {
        image: &house.settings.images.redis,
        may_pull,
        port: 6379,
        environment: Vec::new(),
        command: command.map(str::to_owned).collect(),
        in_memory: None,
    };
    let started = engine.start_server(house, wanted).await?;
    let (host, port) = started.address;
    let access = Access { host, port, user: String::new(), password };
    let ask = async || Client::connect(&access).await.map(drop);
    first_answer("Redis", PATIENCE, ask, async || engine.last_words(&started.id).await).await?;
    Redis::greet("docker", access, Databases::Own(Mutex::default())).await
}
