//! Links, as requests make, find, change and follow them.

use std::fmt;
use std::str::FromStr;

use sqlx::postgres::PgRow;
use sqlx::{Connection, PgConnection, Row};

use super::{Store, StoreError};
use crate::telemetry::context_to_keep;

/// A random slug that is taken already is one in two billion; a second one in a row is no accident.
const SLUG_TRIES: usize = 3;

/// A link as it is kept.
#[derive(Debug)]
pub struct Link {
    /// Its name in short URLs.
    pub slug: String,
    /// Where it leads.
    pub target: String,
    /// Who made it, if anybody was logged in.
    pub owner: Option<String>,
    /// Whether it is left out of other people's lists.
    pub private: bool,
    /// How often the same link was submitted.
    pub submissions: i64,
    /// How often somebody followed it.
    pub clicks: i64,
    /// `pending`, `done` or `failed`.
    pub state: String,
    /// What its preview shows, once there is one.
    pub title: Option<String>,
    /// When it was made, RFC 3339 in UTC.
    pub created_at: String,
    /// Its place in the order of lists.
    pub cursor: Cursor,
}

/// What somebody wants to see of the list.
#[derive(Debug)]
pub struct Page<'a> {
    /// Who asks; private links are shown to their owner,
    pub reader: Option<&'a str>,
    /// and to administrators.
    pub all: bool,
    /// What target or title must hold.
    pub q: &'a str,
    /// How many links.
    pub limit: i64,
    /// The link before the first one.
    pub after: Option<Cursor>,
}

/// The place of a link in the order of lists: newest first, equally new ones by slug. It is made of what the order is made of,
/// so it leads to the same place when the link itself is gone, and in another process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Millionths of a second since 1970.
    pub made: i64,
    /// The link's slug.
    pub slug: String,
}

impl Store {
    // ANCHOR: submit
    /// Stores a link together with its job, or counts one more submission of a link that is there. The flag says which.
    ///
    /// Both rows are in one transaction: killed between two of them, there would be a link whose preview nobody ever makes.
    /// Whether the link is there is decided by the unique index, in the statement that inserts; asked beforehand, fifty equal
    /// requests would all be told "no".
    ///
    /// # Errors
    ///
    /// The database did not answer.
    pub async fn submit(
        &self,
        owner: Option<&str>,
        prefix: &str,
        target: &str,
        private: bool,
    ) -> Result<(Link, bool), StoreError> {
        for _ in 0..SLUG_TRIES {
            let slug = format!("{prefix}-{}", (0..6).map(|_| fastrand::digit(36)).collect::<String>());
            let submitted = self.with(async |connection| {
                let mut transaction = connection.begin().await?;
                let insert = "insert into links (slug, owner, prefix, target, private) values ($1, $2, $3, $4, $5) \
                              on conflict (owner, prefix, target) do update set submissions = links.submissions + 1 \
                              returning slug";
                let insert = sqlx::query(insert).bind(&slug).bind(owner).bind(prefix).bind(target).bind(private);
                let stored: String = insert.fetch_one(&mut *transaction).await?.try_get(0)?;
                let is_new = stored == slug;
                if is_new {
                    queue(&mut transaction, &slug).await?;
                }
                let link = select(&mut transaction, &stored).await?.ok_or(sqlx::Error::RowNotFound)?;
                // Nothing is promised before this: the answer is sent when the commit has been confirmed.
                transaction.commit().await?;
                Ok((link, is_new))
            });
            match submitted.await {
                Err(StoreError::Conflict) => {}
                other => return other,
            }
        }
        Err(StoreError::Conflict)
    }
    // ANCHOR_END: submit

    /// The link called `slug`.
    ///
    /// # Errors
    ///
    /// The database did not answer.
    pub async fn link(&self, slug: &str) -> Result<Option<Link>, StoreError> {
        self.with(async |connection| select(connection, slug).await).await
    }

    /// The links of a page.
    ///
    /// `strpos` looks for characters, so a `%` of the user is a `%`. The collation says whose rules `lower` follows: without it
    /// those of the machine that the database was made on (factor 10).
    ///
    /// # Errors
    ///
    /// The database did not answer.
    pub async fn links(&self, page: &Page<'_>) -> Result<Vec<Link>, StoreError> {
        let query = r#"select shown_links.* from links join shown_links using (slug)
            where (not links.private or links.owner = $1 or $6)
              and ($2 = '' or strpos(lower(normalize(links.target, NFC) collate "C"), lower(normalize($2, NFC) collate "C")) > 0
                   or strpos(lower(normalize(links.title, NFC) collate "C"), lower(normalize($2, NFC) collate "C")) > 0)
              and ($3::bigint is null or made < $3 or made = $3 and links.slug > $4 collate "C")
            order by links.created_at desc, links.slug limit $5"#;
        let (made, slug) = page.after.as_ref().map(|after| (after.made, after.slug.as_str())).unzip();
        let query =
            sqlx::query(query).bind(page.reader).bind(page.q).bind(made).bind(slug).bind(page.limit).bind(page.all);
        self.with(async |connection| query.fetch_all(connection).await?.iter().map(link).collect()).await
    }

    /// Changes what is given of a link. A new target wants a new preview, and its job is queued in the same transaction.
    ///
    /// # Errors
    ///
    /// The owner has a link to this target already, or the database did not answer.
    pub async fn change(
        &self,
        slug: &str,
        target: Option<&str>,
        private: Option<bool>,
    ) -> Result<Option<Link>, StoreError> {
        self.with(async |connection| {
            let mut transaction = connection.begin().await?;
            let change = "with old as (select target from links where slug = $1 for update) \
                          update links set target = coalesce($2, links.target), private = coalesce($3, private), \
                          state = case when $2 <> old.target then 'pending' else state end, \
                          title = case when $2 <> old.target then null else title end \
                          from old where slug = $1 returning coalesce($2 <> old.target, false)";
            let change = sqlx::query(change).bind(slug).bind(target).bind(private);
            let Some(row) = change.fetch_optional(&mut *transaction).await? else { return Ok(None) };
            if row.try_get(0)? {
                queue(&mut transaction, slug).await?;
            }
            let link = select(&mut transaction, slug).await?;
            transaction.commit().await?;
            Ok(link)
        })
        .await
    }

    /// Deletes a link, and its job with it.
    ///
    /// # Errors
    ///
    /// The database did not answer.
    pub async fn delete(&self, slug: &str) -> Result<bool, StoreError> {
        let query = sqlx::query("delete from links where slug = $1").bind(slug);
        Ok(self.with(async |connection| query.execute(connection).await).await?.rows_affected() > 0)
    }

    /// Where `slug` leads; counts the click. The database adds, in the statement that holds the row, and it is committed before
    /// the visitor is sent on: no click is lost between processes, and none with a process.
    ///
    /// # Errors
    ///
    /// The database did not answer.
    pub async fn follow(&self, slug: &str) -> Result<Option<String>, StoreError> {
        let query = sqlx::query("update links set clicks = clicks + 1 where slug = $1 returning target").bind(slug);
        let row = self.with(async |connection| query.fetch_optional(connection).await).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.made, self.slug)
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (made, slug) = text.split_once('.').filter(|(_, slug)| !slug.contains('\0')).ok_or(())?;
        Ok(Self { made: made.parse().map_err(drop)?, slug: slug.to_owned() })
    }
}

/// A job that waits already is one that begins anew, with another key: what it asks for is another preview.
async fn queue(connection: &mut PgConnection, slug: &str) -> sqlx::Result<()> {
    let insert = "insert into jobs (slug, context) values ($1, $2) on conflict (slug) do update set key = excluded.key, \
                  context = excluded.context, free_at = excluded.free_at, owner = null, failures = 0";
    sqlx::query(insert).bind(slug).bind(context_to_keep()).execute(connection).await?;
    Ok(())
}

async fn select(connection: &mut PgConnection, slug: &str) -> sqlx::Result<Option<Link>> {
    let query = sqlx::query("select * from shown_links where slug = $1").bind(slug);
    query.fetch_optional(connection).await?.as_ref().map(link).transpose()
}

fn link(row: &PgRow) -> sqlx::Result<Link> {
    let slug: String = row.try_get("slug")?;
    Ok(Link {
        cursor: Cursor { made: row.try_get("made")?, slug: slug.clone() },
        slug,
        target: row.try_get("target")?,
        owner: row.try_get("owner")?,
        private: row.try_get("private")?,
        submissions: row.try_get("submissions")?,
        clicks: row.try_get("clicks")?,
        state: row.try_get("state")?,
        title: row.try_get("title")?,
        created_at: row.try_get("created_at")?,
    })
}
