//! `links worker`: makes previews. There may be any number of workers, each may have several jobs in progress (factor 8), and
//! each may be stopped or killed at any line of this file (factor 9).
//!
//! There are two ways back for a job: on SIGTERM the worker gives it back at once, and after a sudden death the lease runs out.
//! Either way somebody may have called `screen` already; "exactly once" cannot be had across two systems, but "at least once,
//! with the same key" can.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tracing::{Instrument, info_span};

use crate::config::WorkerConfig;
use crate::partner::Partner;
use crate::store::{Job, Store, StoreError};
use crate::telemetry::continues;

// ANCHOR: work
/// Works until `stop` becomes true, with as many hands as configured, each with one job at a time.
pub async fn work(config: WorkerConfig, stop: watch::Receiver<bool>) {
    let worker = Arc::new(Worker {
        store: Store::attach(&config.database),
        partner: Partner::attach(config.screen),
        lease: config.lease,
        poll: config.poll,
        attempts: config.attempts,
    });
    tracing::info!(concurrency = config.concurrency, release = config.database.release_id, "working");
    let mut hands = JoinSet::new();
    for _ in 0..config.concurrency {
        hands.spawn(hand(Arc::clone(&worker), stop.clone()));
    }
    hands.join_all().await;
}
// ANCHOR_END: work

/// Takes a job, does it, takes the next.
async fn hand(worker: Arc<Worker>, mut stop: watch::Receiver<bool>) {
    // Two hands must never believe that they are the same owner; a host name or a process id can repeat.
    let owner = format!("worker-{:032x}", fastrand::u128(..));
    while !*stop.borrow() {
        // Awaited to its end, also when the signal comes meanwhile: of a claim that is broken off nobody knows whether the
        // database has done it.
        match worker.store.claim(&owner, worker.lease).await {
            Ok(Some(job)) => {
                // A part of the trace of the request that has asked for it: minutes may lie between the two, and whoever looks
                // for a missing preview starts at the request.
                let span = info_span!("preview", otel.kind = "consumer", slug = job.slug);
                continues(&span, &job.context);
                worker.attempt(&owner, &job, &mut stop).instrument(span).await;
            }
            Ok(None) => rest(worker.poll, &mut stop).await,
            // The worker outlives its database, as it outlives its partner. It says so and looks again.
            Err(why) => {
                tracing::warn!(%why, "cannot look for jobs");
                rest(worker.poll, &mut stop).await;
            }
        }
    }
    // Also when nothing seems to be in hand: see `Store::hand_back`. The wait for it is bounded like every other.
    if let Err(why) = worker.store.hand_back(&owner).await {
        tracing::warn!(%why, "job not handed back, its lease will");
    }
}

struct Worker {
    store: Store,
    partner: Partner,
    lease: Duration,
    poll: Duration,
    attempts: u32,
}

impl Worker {
    /// One attempt at a job. Ends early, with the job still leased, when the worker is to stop or the job was lost.
    async fn attempt(&self, owner: &str, job: &Job, stop: &mut watch::Receiver<bool>) {
        let title = tokio::select! {
            title = self.partner.title(&job.target, &job.key) => title,
            () = self.keep(owner, job) => return,
            // The partner may take two minutes, and a platform that wants to stop this process gives it seconds. The call is
            // given up; the next worker repeats it with the same key.
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let stored = match title {
            Ok(title) => self.store.finish(owner, job, &title).await,
            Err(why) => self.put_off(owner, job, why).await,
        };
        if let Err(why) = stored {
            // The lease is not renewed any more, so the job comes back by itself and is done again.
            tracing::warn!(slug = job.slug, %why, "result not stored");
        }
    }

    async fn put_off(&self, owner: &str, job: &Job, why: &str) -> Result<(), StoreError> {
        tracing::warn!(slug = job.slug, why, "attempt failed");
        self.store.postpone(owner, job, self.attempts).await
    }

    /// Renews the lease for as long as the job is worked on, so that it can be short: its length decides how long a job
    /// waits after a sudden death, not how long a job may take. Returns when the job belongs to somebody else.
    async fn keep(&self, owner: &str, job: &Job) {
        loop {
            sleep(self.lease / 3).await;
            if let Ok(false) = self.store.keep(owner, job, self.lease).await {
                tracing::warn!(slug = job.slug, "the job went to another worker");
                return;
            }
        }
    }
}

/// Waits before looking again, but not for longer than the worker is wanted.
async fn rest(poll: Duration, stop: &mut watch::Receiver<bool>) {
    drop(timeout(poll, stop.wait_for(|stop| *stop)).await);
}
