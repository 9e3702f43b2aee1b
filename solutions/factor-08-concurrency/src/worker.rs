//! `links worker`: makes previews. There may be any number of workers, and each may have several jobs in progress.
//!
//! More jobs at once in one process (`WORKER_CONCURRENCY`) use the time in which a job waits; more processes use further
//! cores and machines, and survive each other. Both are the same to the queue: somebody who takes one job at a time.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::config::{ScreenConfig, WorkerConfig};
use crate::http::{ask, client};
use crate::log;
use crate::store::{Job, Store, Unavailable};

// ANCHOR: work
/// Works until `stop` becomes true, with as many hands as configured, each with one job at a time.
pub async fn work(config: WorkerConfig, stop: watch::Receiver<bool>) {
    let worker = Arc::new(Worker {
        store: Store::attach(&config.database),
        client: client(&config.screen),
        screen: config.screen,
        lease: config.lease,
        poll: config.poll,
    });
    log(format_args!("info worker started concurrency={}", config.concurrency));
    let mut hands = JoinSet::new();
    for _ in 0..config.concurrency {
        hands.spawn(hand(Arc::clone(&worker), stop.clone()));
    }
    hands.join_all().await;
}

/// Takes a job, does it, takes the next.
async fn hand(worker: Arc<Worker>, mut stop: watch::Receiver<bool>) {
    // Two hands must never believe that they are the same owner; a host name or a process id can repeat.
    let owner = format!("worker-{:032x}", fastrand::u128(..));
    while !*stop.borrow() {
        // Awaited to its end, also when the signal comes meanwhile: of a claim that is broken off nobody knows whether the
        // database has done it.
        match worker.store.claim(&owner, worker.lease).await {
            Ok(Some(job)) => worker.attempt(&owner, &job, &mut stop).await,
            Ok(None) => rest(worker.poll, &mut stop).await,
            // The worker outlives its database, as it outlives its partner. It says so and looks again.
            Err(why) => {
                log(format_args!("warn {why}"));
                rest(worker.poll, &mut stop).await;
            }
        }
    }
    // Also when nothing seems to be in hand: see `Store::hand_back`.
    if let Err(why) = worker.store.hand_back(&owner).await {
        log(format_args!("warn job not handed back, its lease will: {why}"));
    }
}
// ANCHOR_END: work

struct Worker {
    store: Store,
    client: Client,
    screen: ScreenConfig,
    lease: Duration,
    poll: Duration,
}

impl Worker {
    /// One attempt at a job. Ends early, with the job still leased, when the worker is to stop or the job was lost.
    async fn attempt(&self, owner: &str, job: &Job, stop: &mut watch::Receiver<bool>) {
        let body = json!({ "target": job.target });
        let answer = tokio::select! {
            answer = ask(&self.client, &self.screen, "previews", Some(&job.key), body) => answer,
            () = self.keep(owner, job) => return,
            // The partner may take two minutes, and a platform that wants to stop this process gives it seconds. The call is
            // given up; the next worker repeats it with the same key.
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let stored = match answer.as_ref().map(|answer| answer["title"].as_str()) {
            Ok(Some(title)) => self.store.finish(owner, job, title).await,
            Ok(None) => self.put_off(owner, job, "screen answered something that is not a title").await,
            Err(why) => self.put_off(owner, job, why).await,
        };
        if let Err(why) = stored {
            // The lease is not renewed any more, so the job comes back by itself and is done again.
            log(format_args!("warn result of {} not stored: {why}", job.slug));
        }
    }

    async fn put_off(&self, owner: &str, job: &Job, why: &str) -> Result<(), Unavailable> {
        log(format_args!("warn {} put off: {why}", job.slug));
        self.store.postpone(owner, job).await
    }

    /// Renews the lease for as long as the job is worked on, so that it can be short: its length decides how long a job
    /// waits after a sudden death, not how long a job may take. Returns when the job belongs to somebody else.
    async fn keep(&self, owner: &str, job: &Job) {
        loop {
            sleep(self.lease / 3).await;
            if let Ok(false) = self.store.keep(owner, job, self.lease).await {
                log(format_args!("warn {} went to another worker", job.slug));
                return;
            }
        }
    }
}

/// Waits before looking again, but not for longer than the worker is wanted.
async fn rest(poll: Duration, stop: &mut watch::Receiver<bool>) {
    drop(timeout(poll, stop.wait_for(|stop| *stop)).await);
}
