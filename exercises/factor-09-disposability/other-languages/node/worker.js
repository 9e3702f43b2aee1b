// `links worker`: makes previews, one job after the other.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { ask } from "./web.js";

export async function work(config, store) {
  // TODO(factor 9): the platform sends SIGTERM while a call is under way. Where is the job then, and who does it next?
  console.log(`info worker started; a lease would last ${config.JOB_LEASE_SECONDS} s`);
  for (;;) {
    try {
      const job = await store.pop();
      if (job) await makePreview(config, store, job);
      else await sleep(config.JOB_POLL_MS);
    } catch (error) {
      console.log(`warn the database does not help: ${error.code ?? error.name}`);
      await sleep(config.JOB_POLL_MS);
    }
  }
}

async function makePreview(config, store, job) {
  // TODO(factor 9): how does the partner recognise that it has made this preview before?
  const key = randomUUID();
  const call = ask(config, "previews", { target: job.target }, { "idempotency-key": key });
  const answer = await call.catch(() => ({}));
  if (typeof answer.title === "string") return store.finish(job, answer.title);
  console.log(`warn ${job.slug} put off`);
  await store.push(job.slug);
}
