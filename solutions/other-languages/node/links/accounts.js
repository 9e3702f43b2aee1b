// Who somebody is: passwords, sessions, and how many guesses a name is worth (factors 6 and 15).
//
// What is kept here must be of little use to whoever steals it: of a password its slow hash, of a token its fast one. And all of
// it is kept in PostgreSQL and Redis: one that lived in this process would be unknown to every other one.

import { createHash, randomBytes, scrypt as scryptWithCallback, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

import { Redis } from "ioredis";

import { SessionsUnavailable, TooOften } from "./errors.js";
import { log } from "./log.js";

// Runs in a thread of Node's own: slow on purpose, in the event loop it would stop everybody else's requests.
const scrypt = promisify(scryptWithCallback);
// How many passwords a name may be tried with before it has to wait, and how many seconds that lasts.
const GUESSES = 10;
const LOCKED_SECONDS = 60;
// What is longer is nobody's name, and no key in Redis whose size somebody else chooses.
export const LONGEST_NAME = 64;
// A password is hashed as a whole, so its length costs us something.
export const LONGEST_PASSWORD = 1024;

/** The accounts of this deploy. Attaching Redis reaches for nothing. */
export class Accounts {
  constructor({ url, ttl }, { timeout }, database, hashCost) {
    Object.assign(this, { database, ttl, hashCost });
    this.redis = new Redis(url, {
      lazyConnect: true,
      connectTimeout: timeout,
      // Also while it is not connected: whoever asks then waits so long, and no longer.
      commandTimeout: timeout,
      retryStrategy: () => 200,
      // A command that was on its way when the connection broke fails; it may have been done, and must not be done twice.
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 1,
    });
    // The name alone: what a client says of a server may hold its address.
    this.redis.on("error", (error) => log.warn({ code: error.code ?? error.name }, "redis unavailable"));
  }

  /**
   * The token of a new session, or undefined.
   *
   * A guess is counted before it is looked at: counted afterwards, forty guesses that are sent at once would all be looked at
   * before the first of them counts.
   */
  async logIn(name, password) {
    if (name.length > LONGEST_NAME || password.length > LONGEST_PASSWORD || name.includes("\0")) return undefined;
    if ((await this.countGuess(name)) > GUESSES) throw new TooOften("this name was tried too often");
    const row = await this.database.one("select password_hash from users where name = $1", name);
    if (!(await isPassword(row?.password_hash, password, this.hashCost))) return undefined;
    const token = randomBytes(32).toString("base64url");
    // Key and expiry are one command. A `SET` followed by an `EXPIRE` leaves an immortal session if we die in between.
    await this.ask((redis) => redis.set(session(token), name, "EX", this.ttl));
    await this.ask((redis) => redis.del(guesses(name)));
    return token;
  }

  /** Whose session the token opens. Redis is asked each time, so a logout or an expiry holds everywhere at once; and so is the
   * role, so somebody who is no administrator any more stops being one now, and not at the next login. */
  async user(token) {
    const name = await this.ask((redis) => redis.get(session(token)));
    return name === null ? undefined : this.database.one("select name, role from users where name = $1", name);
  }

  /** Ends a session for all processes. */
  async logOut(token) {
    await this.ask((redis) => redis.del(session(token)));
  }

  /** Everybody, for administrators. Columns are named: `select *` answers with whatever column somebody adds next. */
  users() {
    return this.database.all("select name, role from users order by name");
  }

  /** Counted by Redis and not here: three processes that count for themselves allow thirty guesses instead of ten. And by name:
   * whoever guesses at one of them must not keep everybody else out. Both commands are one transaction, so that no counter is left
   * behind that never expires. */
  async countGuess(name) {
    const count = (redis) => redis.multi().set(guesses(name), 0, "EX", LOCKED_SECONDS, "NX").incr(guesses(name)).exec();
    const [, [failed, guess]] = await this.ask(count);
    if (failed) throw new SessionsUnavailable("redis did not count");
    return guess;
  }

  async ask(question) {
    try {
      return await question(this.redis);
    } catch (error) {
      // One that does not answer is not asked again on the same line: a frozen connection would go on being frozen.
      if (/timed out/.test(error.message) && this.redis.status === "ready") this.redis.disconnect(true);
      throw new SessionsUnavailable("redis did not do what it was asked");
    }
  }
}

/** Adds a user. A name that is taken is a `Conflict`: a second password for somebody's account is nobody's intention. */
export async function createUser(database, name, role, password, cost) {
  const insert = "insert into users (name, role, password_hash) values ($1, $2, $3)";
  await database.run(insert, name, role, await hashed(password, cost));
}

/** Cost, salt and hash: each hash has a salt of its own, and whoever verifies reads the cost here, so that old ones stay valid
 * when it is raised. */
async function hashed(password, cost) {
  const salt = randomBytes(16);
  return `scrypt$${cost}$${salt.toString("base64url")}$${(await slow(password, salt, cost)).toString("base64url")}`;
}

async function isPassword(passwordHash, password, cost) {
  // As much work as for somebody who is known: how long an answer takes would tell who has an account.
  const [, itsCost, salt, expected] = (passwordHash ?? (await hashed("", cost))).split("$");
  const found = await slow(password, Buffer.from(salt, "base64url"), Number(itsCost));
  return timingSafeEqual(found, Buffer.from(expected, "base64url")) && passwordHash !== undefined;
}

/** 16 MiB of memory and as many rounds as the cost says; memory is what graphics cards have too little of per core. */
const slow = (password, salt, cost) =>
  scrypt(password.normalize(), salt, 32, { N: 2 ** 14, r: 8, p: cost, maxmem: 64 * 1024 * 1024 });

/** The key of a session. Whoever reads Redis, or a backup of it, must not be able to log in with what stands there. A fast hash is
 * enough here: nobody guesses 256 random bits. */
const session = (token) => `session:${createHash("sha256").update(token).digest("hex")}`;
const guesses = (name) => `guesses:${name}`;
