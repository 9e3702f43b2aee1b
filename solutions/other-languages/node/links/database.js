// PostgreSQL: a bounded number of connections, a bound on each wait for it, and how the schema gets there.

import { readdirSync, readFileSync } from "node:fs";

import pg from "pg";
import { parseIntoClientConfig } from "pg-connection-string";

import { Conflict, StoreUnavailable } from "./errors.js";
import { log } from "./log.js";

const MIGRATIONS = new URL("../migrations/", import.meta.url);
const UNIQUE_VIOLATION = "23505";

// 64 bits come as text, since not all of them fit into a number of JavaScript. Our counters stay below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** The database of this deploy. Attaching it reaches for nothing, so a process starts as well while it is away. */
export class Database {
  constructor(settings) {
    this.pool = new pg.Pool({
      ...address(settings.url),
      max: settings.poolMax,
      connectionTimeoutMillis: settings.timeout,
      // Counted here, and not by the server, of which a frozen one counts nothing. The pool throws away a connection whose
      // statement failed, so what the server may still answer meets no later question.
      query_timeout: settings.timeout,
    });
    // A connection that breaks while nobody uses it is reported here; without a listener it would end the process.
    this.pool.on("error", (error) => log.warn({ code: error.code }, "an idle connection to the database broke"));
  }

  async all(sql, ...values) {
    return (await this.ask(sql, values)).rows;
  }

  async one(sql, ...values) {
    return (await this.ask(sql, values)).rows[0];
  }

  /** Says how many rows were changed. */
  async run(sql, ...values) {
    return (await this.ask(sql, values)).rowcount ?? 0;
  }

  async ask(sql, values) {
    try {
      const result = await this.pool.query(sql, values);
      return { rows: result.rows, rowcount: result.rowCount };
    } catch (error) {
      throw ours(error);
    }
  }

  /** Whether PostgreSQL answers and has our tables. */
  async isReady() {
    const row = await this.one("select to_regclass('shown_links') is not null as there").catch(() => undefined);
    return row?.there === true;
  }

  async close() {
    await this.pool.end();
  }
}

/**
 * Brings the schema up to date, and says how many steps that took.
 *
 * All of it is one transaction: interrupted, it has not happened. The lock makes a second `migrate` wait its turn and then find
 * nothing left to do; it belongs to the transaction and ends with it.
 */
export async function migrate(settings) {
  // No bound on the statements: a step may rewrite a large table. Whoever starts it sets one (`activeDeadlineSeconds`).
  const client = new pg.Client({ ...address(settings.url), connectionTimeoutMillis: settings.timeout });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("begin");
    await client.query("select pg_advisory_xact_lock(hashtext('links migrate'))");
    await client.query("create table if not exists migrations (number bigint primary key)");
    const { rows } = await client.query("select number from migrations");
    const missing = steps().filter(({ number }) => !rows.some((row) => row.number === number));
    for (const { number, sql } of missing) {
      await client.query(sql);
      await client.query("insert into migrations values ($1)", [number]);
    }
    await client.query("commit");
    await client.end();
    return missing.length;
  } catch (error) {
    throw ours(error);
  }
}

function steps() {
  const names = readdirSync(MIGRATIONS).filter((name) => name.endsWith(".sql"));
  const found = names.map((name) => ({ number: Number.parseInt(name, 10), sql: readFileSync(new URL(name, MIGRATIONS), "utf8") }));
  return found.sort((one, other) => one.number - other.number);
}

/** Every part of the URL counts, and may be encoded. Of the database's name the library leaves `%2F` and its like as they are. */
function address(url) {
  return { ...parseIntoClientConfig(url), database: decodeURIComponent(new URL(url).pathname.slice(1)) };
}

function ours(error) {
  if (error.code === UNIQUE_VIOLATION) return new Conflict("it is there already");
  // The code alone: the text of a driver quotes names, statements and values.
  log.warn({ code: error.code ?? error.name }, "database unavailable");
  return new StoreUnavailable(`the database did not do what it was asked (${error.code ?? error.name})`);
}
