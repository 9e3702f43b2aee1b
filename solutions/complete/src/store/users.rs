//! Users: who they are, and whether a password is theirs.

use sqlx::Row;

use super::{Store, StoreError, password};

impl Store {
    /// `user` or `admin`, if there is such a user. Asked at every request, so that losing a role takes effect at once.
    ///
    /// # Errors
    ///
    /// The database did not answer.
    pub async fn role(&self, name: &str) -> Result<Option<String>, StoreError> {
        let query = sqlx::query("select role from users where name = $1").bind(name);
        let row = self.with(async |connection| query.fetch_optional(connection).await).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Everybody with their roles, for administrators. Columns are named: with `select *` the answer grows by each column that
    /// somebody adds, and the next one may be a secret.
    ///
    /// # Errors
    ///
    /// The database did not answer.
    pub async fn users(&self) -> Result<Vec<(String, String)>, StoreError> {
        let query = sqlx::query("select name, role from users order by name");
        let rows = self.with(async |connection| query.fetch_all(connection).await).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// Whether name and password belong together.
    ///
    /// # Errors
    ///
    /// The database did not answer.
    pub async fn is_password(&self, name: &str, password: &str, cost: u32) -> Result<bool, StoreError> {
        let query = sqlx::query("select password_hash from users where name = $1").bind(name);
        let row = self.with(async |connection| query.fetch_optional(connection).await).await?;
        let hash: Option<String> = row.map(|row| row.try_get(0)).transpose()?;
        let password = password.to_owned();
        // Argon2 is slow on purpose. On this thread it would stop everybody else's requests.
        let verify = move || password::fits(&password, hash.as_deref(), cost);
        Ok(tokio::task::spawn_blocking(verify).await.unwrap_or(false))
    }
}
