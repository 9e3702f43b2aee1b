//! Users: who they are, and whether a password is theirs.

use argon2::Argon2;
use argon2::password_hash::PasswordVerifier;
use sqlx::Row;

use super::{Store, StoreError};

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

    /// Whether name and password belong together.
    ///
    /// # Errors
    ///
    /// The database did not answer.
    pub async fn is_password(&self, name: &str, password: &str) -> Result<bool, StoreError> {
        let query = sqlx::query("select password_hash from users where name = $1").bind(name);
        let row = self.with(async |connection| query.fetch_optional(connection).await).await?;
        let Some(row) = row else { return Ok(false) };
        let (hash, password): (String, _) = (row.try_get(0)?, password.to_owned());
        // Argon2 is slow on purpose. On this thread it would stop everybody else's requests.
        let verify = move || Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok();
        Ok(tokio::task::spawn_blocking(verify).await.unwrap_or(false))
    }
}
