// One program, several processes: which command starts what, and how each of them ends.

import { parseArgs } from "node:util";

import * as config from "./config.js";
import { forPeople, Refused } from "./errors.js";
import { logTo } from "./log.js";

// Each process imports what it needs: a one-off that brings the schema should not wait for a web framework.
const COMMANDS = {
  web: [{}, async () => (await import("./web.js")).web(config.web())],
  worker: [{}, async () => (await import("./worker.js")).work(config.worker())],
  screen: [{}, async () => (await import("./screen.js")).screen(config.screen())],
  migrate: [{}, async () => (await import("./admin.js")).migrate()],
  "admin create-user": [{ name: "string", role: "string" }, async (asked) => (await import("./admin.js")).createUser(asked)],
  "admin purge": [{ "older-than-days": "string" }, async (asked) => (await import("./admin.js")).purge(asked["older-than-days"])],
  "admin backfill-previews": [{}, async () => (await import("./admin.js")).backfillPreviews()],
};
const USAGE =
  "usage: links web | worker | screen | migrate | admin create-user --name NAME --role user|admin" +
  " | admin purge --older-than-days DAYS | admin backfill-previews";

/** Does what is asked; the exit code. */
export async function run(words) {
  try {
    const [options, start] = understood(words);
    logTo(config.logLevel());
    await start(options);
    return 0;
  } catch (error) {
    // The last line says why, in our own words where they are ours. What a library says may hold an address, so of everything
    // else there is the kind alone.
    process.stderr.write(`links: ${forPeople(error) ? error.message : (error.code ?? error.name)}\n`);
    return error instanceof Refused ? error.exitCode : 1;
  }
}

/** The options and what to start. Whatever is not understood to its last word is not done: of `purge --older-than-days 30
 * --dry-run`, somebody who overlooks the end would do the opposite of what was asked. */
function understood(words) {
  const name = words.slice(0, words[0] === "admin" ? 2 : 1).join(" ");
  const [wanted, start] = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : [];
  if (!start) throw new Refused(USAGE, 2);
  const options = Object.fromEntries(Object.entries(wanted).map(([option, type]) => [option, { type }]));
  let values;
  try {
    ({ values } = parseArgs({ args: words.slice(name.split(" ").length), options }));
  } catch {
    throw new Refused(USAGE, 2);
  }
  if (Object.keys(wanted).some((option) => values[option] === undefined)) throw new Refused(USAGE, 2);
  return [values, start];
}
