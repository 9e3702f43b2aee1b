// What this service remembers: links and users in PostgreSQL, wrong passwords in Redis, and the rest close at hand, where
// it is fast.

import { randomBytes, randomInt, scrypt as scryptCallback, timingSafeEqual } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { createClient } from "@redis/client";
import pg from "pg";

const scrypt = promisify(scryptCallback);
// Numbers of links are small enough for JavaScript.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

const SCHEMA = `
create table if not exists users (
    name text primary key,
    role text not null check (role in ('user', 'admin')),
    password_hash text not null
);
create table if not exists links (
    id bigint generated always as identity unique,
    slug text primary key,
    owner text references users (name),
    prefix text not null,
    target text not null,
    private boolean not null,
    submissions bigint not null default 1,
    clicks bigint not null default 0,
    created_at timestamptz not null default now(),
    unique nulls not distinct (owner, prefix, target)
);`;
const COLUMNS = `id, slug, target, owner, private, submissions, clicks,
    to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at`;
const UNIQUE_VIOLATION = "23505";
const SLUG_TRIES = 3;
// How many wrong passwords a name may be tried with before it has to wait, and how many seconds that lasts.
const WRONG_PASSWORDS = 10;
const LOCKED_SECONDS = 60;
// As many links as fit into the memory that we have.
const CACHED_LINKS = 1000;
// Counting every click in the database was too slow.
const BETWEEN_FLUSHES = 5000;
// TODO(factor 6): tomorrow there are three of this process, on three machines. In whose folder is this file?
const SESSION_FILE = "sessions.json";

/** A backing service did not do what it was asked. */
export class StoreError extends Error {}
/** What was asked contradicts what is there already. */
export class Conflict extends StoreError {}
/** A name was tried too often. */
export class TooOften extends StoreError {}

/** What this process holds. */
export class Store {
  constructor(settings) {
    this.pool = pool(settings.database);
    this.timeout = settings.database.timeout;
    this.sessionTtl = settings.sessionTtl;
    this.redis = createClient({
      url: settings.redisUrl,
      // A request that finds Redis gone is told so, and does not wait until it is back.
      disableOfflineQueue: true,
      socket: { connectTimeout: this.timeout, reconnectStrategy: 200 },
    });
    this.redis.on("error", (error) => console.log(`redis: ${error.message || error.code}`));
    this.connecting = this.redis.connect().catch(() => {});
    // TODO(factor 6): a customer logs in here, and her next request meets the process next door. What does it know?
    this.sessions = savedSessions();
    // TODO(factor 6): somebody changes a link at the process next door. When does this process hear of it?
    this.cache = new Map();
    this.clicks = new Map();
    this.flushing = setInterval(() => this.flushClicks(), BETWEEN_FLUSHES);
  }

  async close() {
    clearInterval(this.flushing);
    this.redis.destroy();
    await this.pool.end();
  }

  async isReady() {
    const rows = await this.query("select to_regclass('links') is not null as there");
    return rows[0].there;
  }

  /** Submits a link; whether it is new comes with it. */
  async submit(owner, prefix, target, isPrivate) {
    for (let attempt = 0; attempt < SLUG_TRIES; attempt++) {
      const slug = `${prefix}-${Array.from({ length: 6 }, () => randomInt(36).toString(36)).join("")}`;
      try {
        const [row] = await this.query(
          `insert into links (slug, owner, prefix, target, private) values ($1, $2, $3, $4, $5)
           on conflict (owner, prefix, target) do update set submissions = links.submissions + 1 returning slug`,
          [slug, owner, prefix, target, isPrivate],
        );
        this.cache.delete(row.slug);
        return [await this.link(row.slug), row.slug === slug];
      } catch (error) {
        if (!(error instanceof Conflict)) throw error;
      }
    }
    throw new StoreError("no free slug was found");
  }

  async link(slug) {
    if (this.cache.has(slug)) return this.cache.get(slug);
    const rows = await this.query(`select ${COLUMNS} from links where slug = $1`, [slug]);
    if (rows[0] === undefined) return undefined;
    if (this.cache.size >= CACHED_LINKS) this.cache.clear();
    this.cache.set(slug, rows[0]);
    return rows[0];
  }

  links(reader, limit, before) {
    return this.query(
      `select ${COLUMNS} from links where id < $1 and (not private or owner = $2) order by id desc limit $3`,
      [before, reader, limit],
    );
  }

  async change(slug, target, isPrivate) {
    await this.query(
      "update links set target = coalesce($2, target), private = coalesce($3, private) where slug = $1",
      [slug, target, isPrivate],
    );
    this.cache.delete(slug);
  }

  async delete(slug) {
    const rows = await this.query("delete from links where slug = $1 returning slug", [slug]);
    this.cache.delete(slug);
    return rows.length > 0;
  }

  /** Where a link leads; counts the click. */
  async follow(slug) {
    const link = await this.link(slug);
    if (link === undefined) return undefined;
    // TODO(factor 6): the visitor was sent on, and four seconds later this machine loses power. Who counted her?
    this.clicks.set(slug, (this.clicks.get(slug) ?? 0) + 1);
    return link.target;
  }

  /** Writes the clicks of the last seconds into the database. */
  async flushClicks() {
    const counted = this.clicks;
    this.clicks = new Map();
    for (const [slug, number] of counted) {
      await this.query("update links set clicks = clicks + $2 where slug = $1", [slug, number]).catch((error) =>
        console.log(`clicks lost: ${error.message}`),
      );
    }
  }

  /** The token of a new session, or undefined. */
  async logIn(name, password) {
    const wrong = await this.ask((redis) => redis.get(`wrong-passwords:${name}`));
    if (Number(wrong) >= WRONG_PASSWORDS) throw new TooOften("this name was tried too often");
    const rows = await this.query("select password_hash from users where name = $1", [name]);
    if (!rows[0] || !(await isPassword(rows[0].password_hash, password))) {
      const key = `wrong-passwords:${name}`;
      const expiry = { condition: "NX", expiration: { type: "EX", value: LOCKED_SECONDS } };
      await this.ask((redis) => redis.multi().set(key, "0", expiry).incr(key).exec());
      return undefined;
    }
    const token = randomBytes(32).toString("hex");
    this.sessions.set(token, { user: name, until: Date.now() + this.sessionTtl * 1000 });
    this.saveSessions();
    return token;
  }

  /** Whose session the token opens. */
  async user(token) {
    const session = this.sessions.get(token);
    // TODO(factor 6): nobody ever comes back to log out. Who throws these sessions away?
    if (session === undefined || session.until <= Date.now()) return undefined;
    const rows = await this.query("select name as user, role from users where name = $1", [session.user]);
    return rows[0];
  }

  async logOut(token) {
    this.sessions.delete(token);
    this.saveSessions();
  }

  saveSessions() {
    writeFileSync(SESSION_FILE, JSON.stringify([...this.sessions]));
  }

  /** Asks Redis, and does not wait for ever. */
  async ask(question) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new StoreError("Redis did not answer in time")), this.timeout);
    });
    try {
      await Promise.race([this.connecting, late]);
      return await Promise.race([question(this.redis), late]);
    } catch (error) {
      throw error instanceof StoreError ? error : new StoreError(error.message);
    } finally {
      clearTimeout(timer);
    }
  }

  query(sql, values) {
    return query(this.pool, sql, values);
  }
}

function savedSessions() {
  try {
    return new Map(JSON.parse(readFileSync(SESSION_FILE, "utf8")));
  } catch {
    return new Map();
  }
}

export async function migrate(settings) {
  const connections = pool({ ...settings, poolMax: 1 });
  // One message is one transaction; the lock makes a second `migrate` wait its turn.
  await query(connections, `select pg_advisory_xact_lock(hashtext('links migrate')); ${SCHEMA}`);
  await connections.end();
}

export async function createUser(settings, name, role, password) {
  const salt = randomBytes(16);
  const hash = await scrypt(password, salt, 32);
  const connections = pool({ ...settings, poolMax: 1 });
  try {
    await query(connections, "insert into users (name, role, password_hash) values ($1, $2, $3)", [
      name,
      role,
      `${salt.toString("hex")}.${hash.toString("hex")}`,
    ]);
  } finally {
    await connections.end();
  }
}

function pool({ url, poolMax, timeout }) {
  const { username, password, hostname, port, pathname } = new URL(url);
  const connections = new pg.Pool({
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || 5432,
    database: decodeURIComponent(pathname.slice(1)),
    max: poolMax,
    connectionTimeoutMillis: timeout,
    query_timeout: timeout,
  });
  // A connection that breaks while nobody uses it is replaced by the pool.
  connections.on("error", (error) => console.log(`postgres: ${error.message}`));
  return connections;
}

async function query(connections, sql, values) {
  try {
    const result = await connections.query(sql, values);
    return result.rows;
  } catch (error) {
    throw error.code === UNIQUE_VIOLATION ? new Conflict("it is there already") : new StoreError(error.message);
  }
}

async function isPassword(passwordHash, password) {
  const [salt, expected] = passwordHash.split(".").map((part) => Buffer.from(part, "hex"));
  return timingSafeEqual(await scrypt(password, salt, expected.length), expected);
}
