//! `links worker`: makes previews, one job after the other. It may be stopped or killed at any line of this file.
//!
//! A job that is in hand is still in the queue, only leased. So there are two ways back: on SIGTERM the worker gives it
//! back at once, and after a sudden death the lease runs out. Either way somebody may have called `screen` already;
//! "exactly once" cannot be had across two systems, but "at least once, with the same key" can.

use std::time::Duration;

use reqwest::Client;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::config::{ScreenConfig, WorkerConfig};
use crate::http::{ask, client};
use crate::log;
use crate::store::{Job, Store, Unavailable};

/// Works until `stop` becomes true.
pub async fn work(config: WorkerConfig, mut stop: watch::Receiver<bool>) {
    let worker = Worker {
        store: Store::attach(&config.database),
        client: client(&config.screen),
        screen: config.screen,
        // Two processes must never believe that they are the same owner; a host name or a process id can repeat.
        owner: format!("worker-{:032x}", fastrand::u128(..)),
        lease: config.lease,
    };
    log(format_args!("info worker started"));
    while !*stop.borrow() {
        // Awaited to its end, also when the signal comes meanwhile: of a claim that is broken off nobody knows whether the
        // database has done it.
        match worker.store.claim(&worker.owner, worker.lease).await {
            Ok(Some(job)) => worker.attempt(&job, &mut stop).await,
            Ok(None) => rest(config.poll, &mut stop).await,
            // The worker outlives its database, as it outlives its partner. It says so and looks again.
            Err(why) => {
                log(format_args!("warn {why}"));
                rest(config.poll, &mut stop).await;
            }
        }
    }
    // Also when nothing seems to be in hand: see `Store::hand_back`. The wait for it is bounded like every other.
    if let Err(why) = worker.store.hand_back(&worker.owner).await {
        log(format_args!("warn job not handed back, its lease will: {why}"));
    }
}

struct Worker {
    store: Store,
    client: Client,
    screen: ScreenConfig,
    owner: String,
    lease: Duration,
}

impl Worker {
    /// One attempt at a job. Ends early, with the job still leased, when the worker is to stop or the job was lost.
    async fn attempt(&self, job: &Job, stop: &mut watch::Receiver<bool>) {
        let body = json!({ "target": job.target });
        let answer = tokio::select! {
            answer = ask(&self.client, &self.screen, "previews", Some(&job.key), body) => answer,
            () = self.keep(job) => return,
            // The partner may take two minutes, and a platform that wants to stop this process gives it seconds. The call is
            // given up; the next worker repeats it with the same key (`worker-hands-back`).
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let stored = match answer.as_ref().map(|answer| answer["title"].as_str()) {
            Ok(Some(title)) => self.store.finish(&self.owner, job, title).await,
            Ok(None) => self.put_off(job, "screen answered something that is not a title").await,
            Err(why) => self.put_off(job, why).await,
        };
        if let Err(why) = stored {
            // The lease is not renewed any more, so the job comes back by itself and is done again.
            log(format_args!("warn result of {} not stored: {why}", job.slug));
        }
    }

    async fn put_off(&self, job: &Job, why: &str) -> Result<(), Unavailable> {
        log(format_args!("warn {} put off: {why}", job.slug));
        self.store.postpone(&self.owner, job).await
    }

    /// Renews the lease for as long as the job is worked on, so that it can be short: its length decides how long a job
    /// waits after a sudden death, not how long a job may take. Returns when the job belongs to somebody else.
    async fn keep(&self, job: &Job) {
        loop {
            sleep(self.lease / 3).await;
            if let Ok(false) = self.store.keep(&self.owner, job, self.lease).await {
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
