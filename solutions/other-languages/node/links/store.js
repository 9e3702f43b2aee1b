// Links and whose they are. Every statement is a constant, and whatever a client sent is a parameter of it (factor 15).
//
// There is deliberately no map, no cache and no file in here: each would be a second place for the same fact, in one process
// out of several (factor 6).

import { randomInt } from "node:crypto";

import { Conflict } from "./errors.js";

// A random slug that is taken already is one in two billion; a third one in a row is no accident.
const SLUG_TRIES = 3;

// Link and job are one statement, so one transaction: between two of them the process could be killed, and nobody would
// ever make the preview (`web-kill9-atomic`). What a client may choose is listed; owner and counters are not its to choose.
const SUBMIT = `
with link as (
    insert into links (slug, owner, prefix, target, private) values ($1, $2, $3, $4, $5)
    on conflict (owner, prefix, target) do update set submissions = links.submissions + 1
    returning slug, slug = $1 as is_new
), job as (
    insert into jobs (slug, traceparent) select slug, $6 from link where is_new
)
select slug, is_new from link`;

// A new target wants a new preview. A job that waits already begins anew, with another key: it asks for something else now.
const CHANGE = `
with old as (select slug, target from links where slug = $1 for update),
changed as (
    update links set target = coalesce($2::text, links.target), private = coalesce($3::boolean, private),
        state = case when $2 <> old.target then 'pending' else state end,
        title = case when $2 <> old.target then null else title end
    from old where links.slug = old.slug
    returning links.slug, links.target <> old.target as moved
)
insert into jobs (slug, traceparent) select slug, $4 from changed where moved
on conflict (slug) do update set
    key = excluded.key, free_at = excluded.free_at, owner = null, failures = 0, traceparent = excluded.traceparent`;

// The words of a visitor are no pattern: `strpos` knows no wildcards, as `like` does, so "100%" is found as it is written.
// Bytes are compared, since collations come from the operating system and differ between two images of one version.
const LIST = `
select * from shown_links
where (not private or owner = $1 or $2)
  and ($3 = ''
       or strpos(lower(normalize(target, NFC) collate "C"), lower(normalize($3, NFC) collate "C")) > 0
       or strpos(lower(normalize(title, NFC) collate "C"), lower(normalize($3, NFC) collate "C")) > 0)
  and ($4::bigint is null or made < $4 or made = $4 and slug > $5 collate "C")
order by made desc, slug limit $6`;

// The database adds, in the statement that holds the row, and commits before the visitor is sent on: no click is lost between
// two processes, and none with a process.
const FOLLOW = `
update links set clicks = clicks + 1 where slug = $1 and (not private or owner = $2 or $3) returning target`;

/** The links of this deploy. */
export class Store {
  constructor(database) {
    this.database = database;
  }

  /** Submits a link; whether it is new comes with it. One statement decides and counts for all processes at once. */
  async submit(owner, prefix, target, isPrivate, traceparent) {
    for (let attempt = 0; attempt < SLUG_TRIES; attempt++) {
      const slug = `${prefix}-${Array.from({ length: 6 }, () => randomInt(36).toString(36)).join("")}`;
      try {
        const found = await this.database.one(SUBMIT, slug, owner?.name ?? null, prefix, target, isPrivate, traceparent);
        const link = await this.link(found.slug);
        if (link) return { link, isNew: found.is_new };
      } catch (error) {
        if (!(error instanceof Conflict)) throw error;
      }
    }
    throw new Conflict("no free slug was found");
  }

  link(slug) {
    return this.database.one("select * from shown_links where slug = $1", slug);
  }

  /** The link, if `reader` may know of it. */
  async shown(reader, slug) {
    const link = await this.link(slug);
    return link && (!link.private || owns(reader, link)) ? link : undefined;
  }

  /** At most `limit` links that `reader` may know of, newest first, behind the cursor `after`. */
  list(reader, wanted, limit, after) {
    return this.database.all(LIST, ...seenBy(reader), wanted, after?.made ?? null, after?.slug ?? "", limit);
  }

  async change(slug, target, isPrivate, traceparent) {
    await this.database.run(CHANGE, slug, target ?? null, isPrivate ?? null, traceparent);
  }

  /** Its job goes with it. */
  async delete(slug) {
    return (await this.database.run("delete from links where slug = $1", slug)) > 0;
  }

  /** Where `slug` leads; counts the click. */
  async follow(reader, slug) {
    return (await this.database.one(FOLLOW, slug, ...seenBy(reader)))?.target;
  }
}

/** Whether somebody may change a link, and know of it when it is private. The one place that decides it. */
export const owns = (user, link) => user !== undefined && (user.role === "admin" || link.owner === user.name);

const seenBy = (reader) => [reader?.name ?? null, reader?.role === "admin"];

/** The place in a list after which the next page begins. It travels with the client: one that the process remembered would end
 * with the process. */
export const writeCursor = ({ made, slug }) => `${made}.${slug}`;

export function readCursor(text) {
  const [, made, slug] = /^(\d{1,15}|[1-8]\d{15})\.([^\0]+)$/.exec(text) ?? [];
  return slug === undefined ? undefined : { made: Number(made), slug };
}
