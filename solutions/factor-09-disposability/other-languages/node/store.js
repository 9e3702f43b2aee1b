// Links and the queue of their preview jobs, in PostgreSQL. What must happen together is one transaction.
//
// A job is free from `free_at` on; whoever claims it moves `free_at` into the future. If the claimer dies, time gives it back.

import pg from "pg";

// May be applied again, and by two people at a time. Several statements in one query are one transaction.
const SCHEMA = `
  SELECT pg_advisory_xact_lock(20111);
  CREATE TABLE IF NOT EXISTS links (
    slug        text PRIMARY KEY,
    prefix      text NOT NULL,
    target      text NOT NULL,
    submissions integer NOT NULL DEFAULT 1,
    state       text NOT NULL DEFAULT 'pending',
    title       text,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (prefix, target)
  );
  CREATE TABLE IF NOT EXISTS jobs (
    slug    text PRIMARY KEY REFERENCES links,
    key     text NOT NULL DEFAULT gen_random_uuid()::text,
    free_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    owner   text
  );`;

/** The database of this deploy. Nothing is reached before somebody asks (`ready-is-true`). */
export class Store {
  constructor(config) {
    this.pool = new pg.Pool({
      connectionString: config.DATABASE_URL,
      max: config.DB_POOL_MAX,
      connectionTimeoutMillis: config.DB_TIMEOUT_MS,
      query_timeout: config.DB_TIMEOUT_MS,
    });
    // An idle connection that breaks is reported here; without a listener it would end the process.
    this.pool.on("error", () => {});
  }

  async migrate() {
    await this.pool.query(SCHEMA);
  }

  /** Touches what every request needs; fails when the next one would fail. */
  async check() {
    await this.pool.query("SELECT EXISTS (SELECT FROM links), EXISTS (SELECT FROM jobs)");
  }

  /**
   * Stores a link together with its job, or counts one more submission. One statement is one transaction: between two of
   * them the process could be killed (`web-kill9-atomic`).
   */
  async create(prefix, target) {
    const random = Array.from({ length: 6 }, () => Math.floor(Math.random() * 36).toString(36)).join("");
    const slug = `${prefix}-${random}`;
    const { rows } = await this.pool.query(
      `WITH link AS (
         INSERT INTO links (slug, prefix, target) VALUES ($1, $2, $3)
         ON CONFLICT (prefix, target) DO UPDATE SET submissions = links.submissions + 1 RETURNING *
       ), job AS (
         INSERT INTO jobs (slug) SELECT slug FROM link WHERE slug = $1
       ) SELECT * FROM link`,
      [slug, prefix, target],
    );
    return { link: rows[0], isNew: rows[0].slug === slug };
  }

  async find(slug) {
    return (await this.pool.query("SELECT * FROM links WHERE slug = $1", [slug])).rows[0];
  }

  async list(limit) {
    return (await this.pool.query("SELECT * FROM links ORDER BY created_at DESC, slug DESC LIMIT $1", [limit])).rows;
  }

  /** Takes one free job; it stays in the table, where it survives its worker (`worker-kill9`). */
  async claim(owner, lease) {
    const { rows } = await this.pool.query(
      `UPDATE jobs SET owner = $1, free_at = clock_timestamp() + $2 * interval '1 second' FROM links
       WHERE links.slug = jobs.slug AND jobs.slug = (SELECT slug FROM jobs WHERE free_at <= clock_timestamp()
       ORDER BY free_at FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING jobs.slug, links.target, jobs.key`,
      [owner, lease],
    );
    return rows[0];
  }

  async keep(owner, lease) {
    const keep = "UPDATE jobs SET free_at = clock_timestamp() + $2 * interval '1 second' WHERE owner = $1";
    await this.pool.query(keep, [owner, lease]);
  }

  /** Stores the title and removes the job, both or neither. */
  async finish(owner, job, title) {
    await this.pool.query(
      `WITH done AS (DELETE FROM jobs WHERE slug = $1 AND owner = $2 RETURNING slug)
       UPDATE links SET state = 'done', title = $3 FROM done WHERE links.slug = done.slug`,
      [job.slug, owner, title],
    );
  }

  /** Gives back whatever the owner holds, to be taken at once or after a while. */
  async handBack(owner, seconds = 0) {
    const free = "UPDATE jobs SET owner = NULL, free_at = clock_timestamp() + $2 * interval '1 second' WHERE owner = $1";
    await this.pool.query(free, [owner, seconds]);
  }
}
