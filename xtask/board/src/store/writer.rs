//! The one writer: it takes all that waits into one transaction, and answers when that is on the disk.

use std::sync::Arc;
use std::time::Duration;

use sqlx::{AnyPool, Row};
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::write::{Done, Write, apply};
use super::{Error, Kind};

/// How much may wait. Beyond it clients keep what they have and come again.
const QUEUE: usize = 4096;

/// How much goes into one transaction.
const GROUP: usize = 256;

/// A database that hangs holds up a transaction no longer than this.
const PATIENCE: Duration = Duration::from_secs(10);

/// Nothing was written, and somebody should try again a little later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

/// The way to the writer.
#[derive(Clone, Debug)]
pub struct Writer {
    queue: mpsc::Sender<Job>,
    written: watch::Receiver<i64>,
    task: Arc<Mutex<Option<JoinHandle<()>>>>,
}

struct Job {
    what: Write,
    done: oneshot::Sender<Result<Done, Busy>>,
}

impl Writer {
    /// Starts it on a pool of its own.
    pub fn start(kind: Kind, pool: AnyPool) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let (tell, written) = watch::channel(0);
        let task = tokio::spawn(work(kind, pool, jobs, tell));
        Self { queue, written, task: Arc::new(Mutex::new(Some(task))) }
    }

    /// Hands something in and waits until it is durable.
    pub async fn write(&self, what: Write) -> Result<Done, Busy> {
        let (done, answer) = oneshot::channel();
        self.queue.try_send(Job { what, done }).map_err(|_| Busy)?;
        answer.await.map_err(|_| Busy)?
    }

    /// The last revision that was written here.
    pub fn written(&self) -> watch::Receiver<i64> {
        self.written.clone()
    }

    /// Accepts nothing more, and returns when all that was accepted is answered.
    pub async fn finish(&self) {
        let (done, answer) = oneshot::channel();
        // Behind everything that waits; a queue that is full is worked off first.
        if self.queue.send(Job { what: Write::Stop, done }).await.is_ok() {
            drop(answer.await);
        }
        if let Some(task) = self.task.lock().await.take() {
            drop(task.await);
        }
    }
}

async fn work(kind: Kind, pool: AnyPool, mut jobs: mpsc::Receiver<Job>, tell: watch::Sender<i64>) {
    let mut group = Vec::new();
    while jobs.recv_many(&mut group, GROUP).await > 0 {
        let last = group.iter().any(|job| matches!(job.what, Write::Stop));
        let jobs: Vec<Job> = group.drain(..).filter(|job| !matches!(job.what, Write::Stop)).collect();
        if !jobs.is_empty() {
            write_group(kind, &pool, jobs, &tell).await;
        }
        if last {
            break;
        }
    }
    pool.close().await;
}

/// All in one transaction. If that fails, each in one of its own: whatever broke it must not harm its neighbours.
async fn write_group(kind: Kind, pool: &AnyPool, jobs: Vec<Job>, tell: &watch::Sender<i64>) {
    match transaction(kind, pool, &jobs).await {
        Ok((revision, done)) => {
            jobs.into_iter().zip(done).for_each(|(job, done)| drop(job.done.send(Ok(done))));
            tell.send_replace(revision);
        }
        Err(error) if jobs.len() > 1 && matches!(error, Error::Database(_)) => {
            for job in jobs {
                Box::pin(write_group(kind, pool, vec![job], tell)).await;
            }
        }
        Err(error) => {
            tracing::error!(error = %error, jobs = jobs.len(), "nothing could be written");
            jobs.into_iter().for_each(|job| drop(job.done.send(Err(Busy))));
        }
    }
}

async fn transaction(kind: Kind, pool: &AnyPool, jobs: &[Job]) -> Result<(i64, Vec<Done>), Error> {
    let work = async {
        let mut tx = pool.begin_with(kind.begin()).await?;
        let row = sqlx::query("UPDATE room SET revision = revision + 1 WHERE id = 1 RETURNING revision");
        let revision: i64 = row.fetch_one(&mut *tx).await?.try_get(0)?;
        let mut done = Vec::with_capacity(jobs.len());
        for job in jobs {
            done.push(apply(&mut tx, revision, &job.what).await?);
        }
        tx.commit().await?;
        Ok((revision, done))
    };
    tokio::time::timeout(PATIENCE, work).await.unwrap_or(Err(Error::PoolTimedOut))
}
