// The queue of preview jobs, as workers use it: a table, because a link and its job can then be committed together.
//
// A job is free from `free_at` on; whoever claims it moves that into the future, and renews it while the work goes on. A job in
// hand is still in the queue, only leased: when its worker dies, time alone gives it back (`worker-kill9`).

// Looking and taking are one statement, so no two workers take the same job. `skip locked` lets them pass each other instead
// of queueing up behind one row, and no lock is held while the job is done.
const CLAIM = `
update jobs set owner = $1, free_at = clock_timestamp() + $2 * interval '1 second'
from links where links.slug = jobs.slug and jobs.slug = (
    select slug from jobs where free_at <= clock_timestamp() order by free_at for update skip locked limit 1
) returning jobs.slug, jobs.key, jobs.traceparent, links.target`;

const KEEP = `
update jobs set free_at = clock_timestamp() + $4 * interval '1 second' where slug = $1 and key = $2 and owner = $3`;

// Both or neither, and only while the job is ours. `purge` may have removed both meanwhile, which is fine.
const FINISH = `
with done as (delete from jobs where slug = $1 and key = $2 and owner = $3 returning slug)
update links set state = 'done', title = $4 from done where links.slug = done.slug`;

// Later and later; after the last attempt the preview has failed, and `admin backfill-previews` is there for the day on which
// the reason is gone. A worker that was killed or stopped does not count as an attempt.
const POSTPONE = `
with failed as (
    delete from jobs where slug = $1 and key = $2 and owner = $3 and failures + 1 >= $4 returning slug
), later as (
    update jobs set owner = null, failures = failures + 1,
        free_at = clock_timestamp() + least(60, 2 ^ failures) * interval '1 second'
    where slug = $1 and key = $2 and owner = $3 and failures + 1 < $4
)
update links set state = 'failed' from failed where links.slug = failed.slug`;

/** The jobs of this deploy, for one owner. */
export class Queue {
  constructor(database, owner, lease) {
    Object.assign(this, { database, owner, lease });
  }

  claim() {
    return this.database.one(CLAIM, this.owner, this.lease);
  }

  /** False when the job belongs to somebody else by now. */
  async keep(job) {
    return (await this.database.run(KEEP, job.slug, job.key, this.owner, this.lease)) === 1;
  }

  async finish(job, title) {
    await this.database.run(FINISH, job.slug, job.key, this.owner, title);
  }

  async postpone(job, attempts) {
    await this.database.run(POSTPONE, job.slug, job.key, this.owner, attempts);
  }

  /** Asked by owner and not by job: of a claim whose answer was lost the worker does not know. */
  async handBack() {
    await this.database.run("update jobs set owner = null, free_at = clock_timestamp() where owner = $1", this.owner);
  }
}
