//! A PostgreSQL database of a check's own, behind a fault proxy.

use backing_protocol::{Answer, Ask};

use crate::backing::{Door, unexpected};
use crate::check::CheckResult;
use crate::lab::Lab;
use crate::lab::proxy::{Proxy, Wire};
use crate::lab::secrets::percent_encoded;
use crate::lab::servers::Running;

/// A database and its role. Dropping it removes both.
#[derive(Debug)]
pub struct Postgres {
    /// Between the service and the server.
    pub proxy: Proxy,
    credentials: Credentials,
    door: Door,
}

/// Who may use which database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The database.
    pub database: String,
    /// Its owner.
    pub user: String,
    /// The owner's password.
    pub password: String,
}

impl Lab {
    /// An empty database that nobody else uses.
    pub async fn postgres(&self) -> CheckResult<Postgres> {
        let word = |kind: &str| format!("{kind}_{}", self.chance().word(12));
        let credentials = Credentials { database: word("links"), user: word("app"), password: self.chance().word(20) };
        self.postgres_with(credentials).await
    }

    /// The same with names that the check chooses.
    pub async fn postgres_with(&self, credentials: Credentials) -> CheckResult<Postgres> {
        let Running { server, door } = self.bench.servers.postgres()?;
        let Credentials { database: name, user, password } = credentials.clone();
        door.done(Ask::CreateDatabase { name, user, password }).await?;
        let proxy = self.proxy((server.host, server.port), Wire::Postgres).await?;
        Ok(Postgres { proxy, credentials, door })
    }
}

impl Postgres {
    /// The whole address, as `DATABASE_URL` says it.
    pub fn url(&self) -> String {
        let Credentials { database, user, password } = &self.credentials;
        let [database, user, password] = [database, user, password].map(|part| percent_encoded(part));
        format!("postgres://{user}:{password}@127.0.0.1:{}/{database}", self.proxy.port())
    }

    /// Runs SQL as the server's administrator, past the proxy: what is seen does not depend on the fault of the moment.
    /// Returns the rows of the last statement that has any; `None` stands for NULL.
    pub async fn query(&self, sql: impl Into<String>) -> CheckResult<Vec<Vec<Option<String>>>> {
        let ask = Ask::Query { database: self.credentials.database.clone(), sql: sql.into() };
        match self.door.ask(ask).await? {
            Answer::Rows { rows } => Ok(rows),
            other => Err(unexpected(&other).into()),
        }
    }

    /// The schema as ordered text; equal schemas have equal texts.
    pub async fn schema(&self) -> CheckResult<String> {
        let ask = Ask::SchemaDump { database: self.credentials.database.clone() };
        match self.door.ask(ask).await? {
            Answer::Text { text } => Ok(text),
            other => Err(unexpected(&other).into()),
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let Credentials { database: name, user, .. } = self.credentials.clone();
        self.door.tell(Ask::DropDatabase { name, user });
    }
}
