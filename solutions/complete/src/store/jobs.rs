//! The queue of preview jobs, as workers use it. A job that is in hand is still in the queue, only leased (factor 9).

use std::time::Duration;

use sqlx::Row;

use super::{Store, StoreError};

/// A preview job in somebody's hand.
#[derive(Debug)]
pub struct Job {
    /// The link that it is about.
    pub slug: String,
    /// Where that leads.
    pub target: String,
    /// Drawn when the job was made, and the same in every attempt.
    pub key: String,
    /// The trace of the request that asked for it, where one did.
    pub context: String,
}

impl Store {
    // ANCHOR: claim
    /// Takes one free job for `owner`, until `lease` has passed without [`Store::keep`].
    ///
    /// Looking and taking are one statement, so no two workers take the same job. `SKIP LOCKED` lets them pass each other
    /// instead of queueing up behind one row, and no lock is held while the job is done.
    ///
    /// # Errors
    ///
    /// The database did not answer.
    pub async fn claim(&self, owner: &str, lease: Duration) -> Result<Option<Job>, StoreError> {
        let query = "update jobs set owner = $1, free_at = clock_timestamp() + $2 * interval '1 second' from links \
                     where links.slug = jobs.slug and jobs.slug = (select slug from jobs where free_at <= clock_timestamp() \
                     order by free_at for update skip locked limit 1) returning jobs.slug, links.target, jobs.key, \
                     jobs.context";
        let query = sqlx::query(query).bind(owner).bind(lease.as_secs_f64());
        let row = self.with(async |connection| query.fetch_optional(connection).await).await?;
        let job = |row: sqlx::postgres::PgRow| {
            let (slug, target) = (row.try_get(0)?, row.try_get(1)?);
            Ok::<_, sqlx::Error>(Job { slug, target, key: row.try_get(2)?, context: row.try_get(3)? })
        };
        Ok(row.map(job).transpose()?)
    }
    // ANCHOR_END: claim

    /// Holds on to a claimed job for another `lease`. `false` when it belongs to somebody else by now.
    ///
    /// # Errors
    ///
    /// The database did not answer.
    pub async fn keep(&self, owner: &str, job: &Job, lease: Duration) -> Result<bool, StoreError> {
        let query = "update jobs set free_at = clock_timestamp() + $4 * interval '1 second' \
                     where slug = $1 and key = $2 and owner = $3";
        let query = sqlx::query(query).bind(&job.slug).bind(&job.key).bind(owner).bind(lease.as_secs_f64());
        let done = self.with(async |connection| query.execute(connection).await).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Gives back whatever `owner` holds, to be taken at once. Asked by owner and not by job: of a claim whose answer was
    /// lost the worker does not know.
    ///
    /// # Errors
    ///
    /// The database did not answer.
    pub async fn hand_back(&self, owner: &str) -> Result<(), StoreError> {
        let query =
            sqlx::query("update jobs set owner = null, free_at = clock_timestamp() where owner = $1").bind(owner);
        self.with(async |connection| query.execute(connection).await).await?;
        Ok(())
    }

    /// Stores the title and removes the job, both or neither, if the job still belongs to `owner`. `purge` may have removed
    /// both meanwhile, which is fine.
    ///
    /// # Errors
    ///
    /// The database did not answer.
    pub async fn finish(&self, owner: &str, job: &Job, title: &str) -> Result<(), StoreError> {
        let query = "with done as (delete from jobs where slug = $1 and key = $2 and owner = $3 returning slug) \
                     update links set state = 'done', title = $4 from done where links.slug = done.slug";
        let query = sqlx::query(query).bind(&job.slug).bind(&job.key).bind(owner).bind(title);
        self.with(async |connection| query.execute(connection).await).await?;
        Ok(())
    }

    /// Gives the job back after an attempt that failed, to be taken after a while; after the last of `attempts` the preview has
    /// failed, and `admin backfill-previews` is there for the day on which the reason is gone. A worker that was killed or
    /// stopped does not count as an attempt.
    ///
    /// # Errors
    ///
    /// The database did not answer.
    pub async fn postpone(&self, owner: &str, job: &Job, attempts: u32) -> Result<(), StoreError> {
        let query = "with failed as (delete from jobs where slug = $1 and key = $2 and owner = $3 and failures + 1 >= $4 \
                     returning slug), \
                     later as (update jobs set owner = null, failures = failures + 1, \
                     free_at = clock_timestamp() + least(60, 2 ^ failures) * interval '1 second' \
                     where slug = $1 and key = $2 and owner = $3 and failures + 1 < $4) \
                     update links set state = 'failed' from failed where links.slug = failed.slug";
        let query = sqlx::query(query).bind(&job.slug).bind(&job.key).bind(owner).bind(i64::from(attempts));
        self.with(async |connection| query.execute(connection).await).await?;
        Ok(())
    }
}
