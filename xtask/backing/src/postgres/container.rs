//! A PostgreSQL server in a container.

use std::time::Duration;

use backing_protocol::Refusal;
use tokio_postgres::Config;

use super::{OPTIONS, Postgres};
use crate::containers::Engine;
use crate::containers::server::Wanted;
use crate::house::House;
use crate::refusals::failing;
use crate::session::random_word;
use crate::waiting::first_answer;

/// After this long it does not come up any more; an image that initialises its cluster on a slow disk may take its time.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the official image keeps its cluster. One that has it elsewhere is prepared already, and loses nothing by this.
const DATA: &str = "/var/lib/postgresql/data";

/// Starts a server.
pub async fn start(house: &House, engine: &Engine, may_pull: bool) -> Result<Postgres, Refusal> {
    let password = random_word().map_err(failing("cannot draw a random number"))?;
    let options = OPTIONS.iter().flat_map(|option| ["-c".to_owned(), (*option).to_owned()]);
    let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let wanted = Wanted {
        image: &house.settings.images.postgres,
        may_pull,
        port: 5432,
        environment: vec![
            set("POSTGRES_PASSWORD", &password),
            set("POSTGRES_INITDB_ARGS", "--no-sync --auth-host=scram-sha-256 --wal-segsize=1"),
        ],
        command: ["postgres".to_owned()].into_iter().chain(options).collect(),
        in_memory: Some(DATA),
    };
    let started = engine.start_server(house, wanted).await?;
    let mut admin = Config::new();
    admin
        .host(&started.address.0)
        .port(started.address.1)
        .user("postgres")
        .password(password)
        .connect_timeout(PATIENCE);
    let ask = async || Postgres::greet("docker", admin.clone(), started.address.clone(), None).await;
    let postgres = first_answer("PostgreSQL", PATIENCE, ask, async || engine.last_words(&started.id).await).await?;
    postgres.close_to_others().await?;
    Ok(postgres)
}
