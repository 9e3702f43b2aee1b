// What is done once, by somebody or by a clock: one-off processes (factor 12). Each does one thing, says what it did, and ends.
//
// They are part of the program and not scripts beside it, so a release brings the very commands that know its tables. Each may be
// started twice, next to another one, and next to all of `web`; and each may be killed at any moment, since a platform tries again
// what has failed.

import * as accounts from "./accounts.js";
import { commit, database, hashCost, newUserPassword, releaseId } from "./config.js";
import { Database, migrate as bringSchema } from "./database.js";
import { Refused } from "./errors.js";
import { log } from "./log.js";

// Rows that are changed together. Few enough that nobody waits for the lock on one of them.
const BATCH = 500;

const PURGE = `
delete from links where slug in (
    select slug from links where created_at < now() - $2 * interval '1 day' limit $1
)`;

// One statement marks the link and queues its job. A second run, or one at the same time, waits for the locked row, looks at it
// again and no longer finds it `failed`: somebody *will* start it twice.
const BACKFILL = `
with missing as (select slug from links where state = 'failed' order by slug limit $1 for update),
queued as (insert into jobs (slug) select slug from missing)
update links set state = 'pending' from missing where links.slug = missing.slug`;

export async function migrate() {
  const steps = await bringSchema(database());
  log.info({ steps, release: releaseId(), commit }, "migrated");
}

export async function createUser({ name, role }) {
  const [password, cost, settings] = [newUserPassword(), hashCost(), database()];
  if (!["user", "admin"].includes(role)) throw new Refused("--role is `user` or `admin`", 2);
  if (name.length < 1 || name.length > accounts.LONGEST_NAME || password.length > accounts.LONGEST_PASSWORD) {
    throw new Refused("a name has 1 to 64 characters, a password at most 1024");
  }
  await accounts.createUser(new Database(settings), name, role, password, cost);
  log.info({ user: name, role, commit }, "created");
}

/** Deletes links that were made more than this many days ago, and their jobs with them. */
export async function purge(days) {
  // Not 0: "all of them" should not be one slip of the finger away.
  if (!/^[1-9]\d{0,4}$/.test(days) || +days > 36_500) throw new Refused("DAYS is not 1 to 36500", 2);
  log.info({ links: await inBatches(PURGE, +days), commit }, "purged");
}

/** Queues a job for each link whose preview has failed, or that is older than previews. */
export async function backfillPreviews() {
  log.info({ previews: await inBatches(BACKFILL), commit }, "queued");
}

/** Runs a statement until there is nothing left to change. Each run of it is a transaction of its own: `web` never waits for more
 * than one batch, and what is done stays done if this process ends in between. */
async function inBatches(statement, ...values) {
  const attached = new Database({ ...database(), poolMax: 1 });
  let changed = 0;
  for (;;) {
    const rows = await attached.run(statement, BATCH, ...values);
    if (rows === 0) return changed;
    changed += rows;
  }
}
