// `worker`: makes previews. There may be any number of workers, each with several jobs in progress (factor 8), and each may be
// stopped or killed at any line of this file (factor 9).
//
// There are two ways back for a job: on SIGTERM the worker gives it back at once, and after a sudden death the lease runs out.
// Either way somebody may have called `screen` already; "exactly once" cannot be had across two systems, but "at least once, with
// the same key" can.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { SpanKind } from "@opentelemetry/api";

import { commit } from "./config.js";
import { Database } from "./database.js";
import { NoAnswer, StoreUnavailable } from "./errors.js";
import { Queue } from "./jobs.js";
import { log } from "./log.js";
import { Partner } from "./partner.js";
import { stopSignal } from "./serve.js";
import * as telemetry from "./telemetry.js";

/** Works until SIGTERM or SIGINT, with as many hands as configured, each with one job at a time. */
export async function work(settings) {
  telemetry.start(settings.telemetry);
  const stop = new AbortController();
  stopSignal().then(() => stop.abort());
  const { concurrency, releaseId } = settings;
  const resources = { database: new Database(settings.database), partner: new Partner(settings.partner) };
  const worker = { ...settings, ...resources, stop: stop.signal };
  log.info({ concurrency, release: releaseId, commit }, "working");
  await Promise.all(Array.from({ length: concurrency }, () => hand(worker)));
  log.info("stopped, no job is in hand");
  await telemetry.flush();
}

/** Takes a job, does it, takes the next. */
async function hand(worker) {
  // Two hands must never believe that they are the same owner; a host name or a process id can repeat.
  const queue = new Queue(worker.database, `worker-${randomUUID()}`, worker.lease);
  while (!worker.stop.aborted) {
    try {
      // Awaited to its end, also when the signal comes meanwhile: of a claim that is broken off nobody knows whether the database
      // has done it.
      const job = await queue.claim();
      await (job ? attempt(worker, queue, job) : rest(worker));
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      // The worker outlives its database, as it outlives its partner. A job in hand is not renewed any more, so it comes back.
      await rest(worker);
    }
  }
  // Also when nothing seems to be in hand: see `Queue.handBack`.
  await queue.handBack().catch(() => {});
}

/** One attempt at a job. Ends early, with the job still leased, when the worker is to stop or the job was lost. */
async function attempt(worker, queue, job) {
  const span = telemetry.spanOf("preview", SpanKind.CONSUMER, { traceparent: job.traceparent ?? undefined });
  // The partner may take two minutes, and a platform that wants to stop this process gives it seconds. The call is given up then;
  // the next worker repeats it with the same key.
  const enough = new AbortController();
  const giveUp = () => enough.abort();
  worker.stop.addEventListener("abort", giveUp);
  const renewal = setInterval(() => renew(queue, job, giveUp), (worker.lease * 1000) / 3);
  try {
    const title = await worker.partner.title(job.target, job.key, span, enough.signal);
    await queue.finish(job, title);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    if (enough.signal.aborted) return;
    log.warn({ slug: job.slug }, "attempt failed");
    await queue.postpone(job, worker.attempts);
  } finally {
    clearInterval(renewal);
    worker.stop.removeEventListener("abort", giveUp);
    span.end();
  }
}

/** Renews the lease for as long as the job is worked on, so that it can be short: it decides how long a job waits after a sudden
 * death, and not how long a job may take. */
async function renew(queue, job, lost) {
  const isOurs = await queue.keep(job).catch(() => true);
  if (isOurs) return;
  log.warn({ slug: job.slug }, "the job went to another worker");
  lost();
}

/** Waits before looking again, but not for longer than the worker is wanted. */
const rest = (worker) => sleep(worker.poll, undefined, { signal: worker.stop }).catch(() => {});
