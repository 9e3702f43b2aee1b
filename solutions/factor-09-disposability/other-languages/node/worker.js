// `links worker`: makes previews, one job after the other. It may be stopped or killed at any line of this file.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { ask } from "./web.js";

export async function work(config, store) {
  const owner = `worker-${randomUUID()}`;
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => stop.abort());
  // Renews the lease, so that it can be short: it decides how long a job waits after a sudden death.
  setInterval(() => store.keep(owner, config.JOB_LEASE_SECONDS).catch(() => {}), (config.JOB_LEASE_SECONDS * 1000) / 3);
  console.log("info worker started");
  while (!stop.signal.aborted) {
    try {
      await attempt(config, store, owner, stop.signal);
    } catch (error) {
      console.log(`warn the database does not help: ${error.code ?? error.name}`);
      await rest(config, stop.signal);
    }
  }
  // Everything that is ours, also what a claim brought whose answer was lost (`worker-hands-back`).
  await store.handBack(owner).catch(() => console.log("warn job not handed back, its lease will"));
  console.log("info stopped");
}

async function attempt(config, store, owner, stopped) {
  const job = await store.claim(owner, config.JOB_LEASE_SECONDS);
  if (!job) return rest(config, stopped);
  // The key was drawn when the job was made, and is the same in every attempt (`worker-kill9`).
  const call = ask(config, "previews", { target: job.target }, { "idempotency-key": job.key }, stopped);
  const answer = await call.catch(() => ({}));
  if (stopped.aborted && !answer.title) return;
  if (typeof answer.title === "string") return store.finish(owner, job, answer.title);
  console.log(`warn ${job.slug} put off`);
  await store.handBack(owner, 5);
}

const rest = (config, stopped) => sleep(config.JOB_POLL_MS, undefined, { signal: stopped }).catch(() => {});
