//! A PostgreSQL database of a check's own, behind a fault proxy.

use std::collections::BTreeMap;

use backing_protocol::{Answer, Ask};

use crate::backing::{Door, unexpected};
use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::proxy::{Proxy, Wire};
use crate::lab::secrets::percent_encoded;
use crate::lab::servers::Running;

/// Where each row lies and which transaction wrote it, folded into a word per table.
///
/// PostgreSQL never changes a row in place: whatever is inserted, updated or deleted moves one of the two. Statistics of
/// the server would tell it too, but many seconds late, and its log grows with everybody else's databases.
const ROWS: &str = "
    CREATE FUNCTION pg_temp.rows() RETURNS TABLE (name text, rows text) LANGUAGE plpgsql AS $$
    BEGIN
        FOR name IN SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r'
            AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) LOOP
            EXECUTE $q$ SELECT md5(string_agg(ctid::text || xmin::text, ' ' ORDER BY ctid)) FROM $q$ || name INTO rows;
            RETURN NEXT;
        END LOOP;
    END $$;
    SELECT name, coalesce(rows, 'none') FROM pg_temp.rows()";

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
        let word = |kind: &str| format!("{kind}_{}", self.chance().unshared_word(8));
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
        self.url_with("127.0.0.1", &self.credentials)
    }

    /// The same at another of this machine's addresses, where the proxy must listen too, or with other credentials.
    pub fn url_with(&self, host: &str, credentials: &Credentials) -> String {
        url_at(host, self.proxy.port(), credentials)
    }

    /// Another way to the same database: what happens to its connections, and what is counted of them, is nobody else's.
    pub async fn another_way(&self, lab: &Lab) -> CheckResult<Proxy> {
        lab.proxy(("127.0.0.1".to_owned(), self.proxy.port()), Wire::Postgres).await
    }

    /// Its address by another way.
    pub fn url_by(&self, way: &Proxy, credentials: &Credentials) -> String {
        url_at("127.0.0.1", way.port(), credentials)
    }

    /// Who may use it.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
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

    /// A word per table that changes with each row that is written or removed, whatever the schema. A row that comes and
    /// goes between two looks is not seen.
    pub async fn rows(&self) -> CheckResult<BTreeMap<String, String>> {
        let tables = self.query(ROWS).await?.into_iter();
        let table = |row: Vec<Option<String>>| match <[Option<String>; 2]>::try_from(row) {
            Ok([Some(name), Some(rows)]) => Ok((name, rows)),
            _ => Err(LabError::new("the rows of a database", "PostgreSQL answered something else").into()),
        };
        tables.map(table).collect()
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

fn url_at(host: &str, port: u16, credentials: &Credentials) -> String {
    let Credentials { database, user, password } = credentials;
    let [database, user, password] = [database, user, password].map(|part| percent_encoded(part));
    format!("postgres://{user}:{password}@{host}:{port}/{database}")
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let Credentials { database: name, user, .. } = self.credentials.clone();
        self.door.tell(Ask::DropDatabase { name, user });
    }
}
