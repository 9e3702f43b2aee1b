// What requests may say, what answers look like, and every way in which a request can fail.

import { url } from "./config.js";
import { Conflict, MailUnavailable, NoAnswer, SessionsUnavailable, StoreUnavailable, TooOften } from "./errors.js";
import { log } from "./log.js";

// No body of the contract comes near this.
const LARGEST_BODY = 16 * 1024;
// Longer is no link that somebody wants to shorten, and would not fit into the index that finds it again.
const LONGEST_TARGET = 2000;

// What is said about a failure is a constant. The reason, which may hold a statement, an address or a name, is for the log.
const MESSAGES = {
  400: ["bad-request", "the request is not what the contract describes"],
  401: ["unauthorized", "log in first"],
  403: ["forbidden", "that is not yours to do"],
  404: ["not-found", "there is nothing here"],
  409: ["conflict", "something like it is there already"],
  413: ["too-large", "no request of ours is that long"],
  422: ["denied", "this target must not be linked"],
  429: ["too-many-requests", "wait a minute, then try again"],
  500: ["internal", "something went wrong here"],
};
// Which error of ours means which answer.
const FAILURES = [
  [Conflict, 409, ...MESSAGES[409]],
  [TooOften, 429, ...MESSAGES[429]],
  [NoAnswer, 503, "screen-unavailable", "targets cannot be checked at the moment"],
  [StoreUnavailable, 503, "store-unavailable", "nothing can be looked up at the moment"],
  [SessionsUnavailable, 503, "store-unavailable", "nobody can be recognised at the moment"],
  [MailUnavailable, 503, "mail-unavailable", "no letters can be sent at the moment"],
];

/** A request that cannot be answered otherwise. */
export class Refusal extends Error {
  constructor(status) {
    super(MESSAGES[status][1]);
    this.status = status;
  }
}

/** Reads JSON of any media type, so that a bare `curl -d` works, and never more than a little of it. Express's own reader answers
 * after it has thrown away the rest of a body that is too large, and some bodies have no end. */
export async function jsonBody(request, _, next) {
  const pieces = [];
  let length = 0;
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    length += piece.length;
    check(length <= LARGEST_BODY, 413);
    pieces.push(piece);
  }
  try {
    request.body = JSON.parse(Buffer.concat(pieces).toString());
  } catch {
    throw new Refusal(400);
  }
  next();
}

/** What a client may say of a new link, field by field: owner and counters are not among it, so it cannot say them. */
export function newLink(body) {
  const { target, prefix = null, private: isPrivate } = fields(body);
  check(prefix === null || (typeof prefix === "string" && /^[a-z0-9-]{1,32}$/.test(prefix)));
  return { target: checkedTarget(target), prefix: prefix ?? "l", isPrivate: flag(isPrivate) ?? false };
}

export function linkChange(body) {
  const { target = null, private: isPrivate } = fields(body);
  return { target: target === null ? undefined : checkedTarget(target), isPrivate: flag(isPrivate) };
}

export function credentials(body) {
  const { user, password } = fields(body);
  check(typeof user === "string" && typeof password === "string");
  return { user, password };
}

/** Checked, not pasted: what goes on in a next line never gets near a header. */
export function recipient(body) {
  const { to } = fields(body);
  check(typeof to === "string" && to.length <= 254 && /^[!#-'*+/-9=?A-Z^-~.-]+@[A-Za-z0-9.-]+$/.test(to));
  return to;
}

export function page(query) {
  const { q = "", limit = "20", after } = query;
  check(typeof q === "string" && !q.includes("\0"));
  check(typeof limit === "string" && /^\d{1,3}$/.test(limit) && +limit >= 1 && +limit <= 100);
  return { q, limit: +limit, after };
}

/** Visitors are sent there, so it must be a place on the web: `javascript:` would be run, `file:` opened. A name before the host is
 * refused as well: people read `https://your-bank.example@evil.example/` from the left. */
function checkedTarget(target) {
  const parsed = typeof target === "string" && target.length <= LONGEST_TARGET && url(target, "http:", "https:");
  check(parsed && !parsed.username && !parsed.password && !target.split(/[/?#]/)[2].includes("@"));
  return target;
}

function fields(body) {
  check(body !== null && typeof body === "object" && !Array.isArray(body));
  return body;
}

function flag(value) {
  check(value === undefined || value === null || typeof value === "boolean");
  return value ?? undefined;
}

export function check(holds, status = 400) {
  if (!holds) throw new Refusal(status);
}

/** What is shown of a link, field by field: what the table has besides stays there. */
export function view(link, publicBaseUrl) {
  const { slug, target, owner, private: isPrivate, submissions, clicks, state, title, created_at } = link;
  const shown = { slug, target, owner, private: isPrivate, submissions, clicks, created_at };
  return { ...shown, short_url: `${publicBaseUrl}/r/${slug}`, preview: { state, title } };
}

export function notFound() {
  throw new Refusal(404);
}

/** Express calls this because it has four arguments. */
export function failed(error, request, response, _next) {
  const [status, code, message] = FAILURES.find(([kind]) => error instanceof kind)?.slice(1) ?? refused(error);
  if (response.headersSent) return response.destroy();
  // What is left of a request that is too large is not read: this connection has no next request.
  if (status === 413) response.set("connection", "close").once("finish", () => request.destroy());
  response.status(status).json({ error: code, message });
}

function refused(error) {
  // Those of Express itself, such as a path that cannot be decoded.
  const status = error.status ?? 500;
  if (status >= 500) log.error({ kind: error.name, at: error.stack?.split("\n")[1]?.trim() }, "a mistake of ours");
  return [MESSAGES[status] ? status : 400, ...(MESSAGES[status] ?? MESSAGES[400])];
}
