//! The database of one test, and what lies in it.

use std::str::FromStr;
use std::sync::Arc;

use sqlx::any::AnyConnectOptions;
use sqlx::{ConnectOptions, Row};
use tempfile::TempDir;

use crate::postgres::Postgres;

/// A database that is empty at first.
pub struct Database {
    /// The board's folder.
    pub home: TempDir,
    url: Option<String>,
}

impl Database {
    /// A file.
    pub fn sqlite() -> Self {
        Self { home: tempfile::tempdir().unwrap(), url: None }
    }

    /// A database of the server.
    pub fn postgres(server: &Arc<Postgres>) -> Self {
        Self { home: tempfile::tempdir().unwrap(), url: Some(server.database()) }
    }

    /// What the board is told, if it is told anything.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// The rows that a question has, as text. Asked past the board.
    pub fn rows(&self, sql: &'static str) -> Vec<String> {
        let file = || format!("sqlite://{}", self.home.path().join("board.db").display());
        let url = self.url.clone().unwrap_or_else(file);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            sqlx::any::install_default_drivers();
            let mut connection = AnyConnectOptions::from_str(&url).unwrap().connect().await.unwrap();
            let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
            rows.iter().map(|row| row.get::<String, _>(0)).collect()
        })
    }

    /// The ids of all events.
    pub fn events(&self) -> Vec<String> {
        self.rows("SELECT id FROM events")
    }
}
