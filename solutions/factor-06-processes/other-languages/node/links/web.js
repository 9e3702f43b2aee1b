// The HTTP contract. A handler holds nothing between two requests: it asks the store, answers, and forgets.

import { createServer } from "node:http";
import { webUrl } from "./config.js";
import { Conflict, StoreError, TooOften } from "./store.js";

const BUILD = "1";
const LARGEST_BODY = 64 * 1024;
const LONGEST_TARGET = 2000;

/** A way in which a request can fail. */
class Failure extends Error {
  constructor(status, error, message) {
    super(message);
    this.status = status;
    this.body = { error, message };
  }
}

const badRequest = (message) => new Failure(400, "bad-request", message);
const unauthorized = () => new Failure(401, "unauthorized", "log in first");
const forbidden = () => new Failure(403, "forbidden", "this link belongs to somebody else");
const notFound = () => new Failure(404, "not-found", "there is nothing here");
const conflict = () => new Failure(409, "conflict", "you have a link to this target already");
const denied = () => new Failure(422, "denied", "this target must not be linked");
const tooMany = () => new Failure(429, "too-many-requests", "wait a minute, then try again");
const screenUnavailable = () => new Failure(503, "screen-unavailable", "targets cannot be checked at the moment");
const storeUnavailable = () => new Failure(503, "store-unavailable", "nothing can be looked up at the moment");

const ROUTES = [
  ["GET", /^\/healthz$/, async () => [200, { status: "ok" }]],
  ["GET", /^\/readyz$/, ready],
  ["GET", /^\/version$/, async ({ settings }) => [200, { app: "links", build: BUILD, release: settings.releaseId }]],
  ["POST", /^\/v1\/links$/, createLink],
  ["GET", /^\/v1\/links$/, listLinks],
  ["GET", /^\/v1\/links\/([^/]+)$/, showLink],
  ["PATCH", /^\/v1\/links\/([^/]+)$/, changeLink],
  ["DELETE", /^\/v1\/links\/([^/]+)$/, deleteLink],
  ["GET", /^\/r\/([^/]+)$/, followLink],
  ["POST", /^\/v1\/sessions$/, logIn],
  ["DELETE", /^\/v1\/sessions\/current$/, logOut],
  ["GET", /^\/v1\/me$/, me],
];

/** One of the equal processes: settings and connections, and nothing else. */
export function server(settings, store) {
  return createServer(async (request, response) => {
    const url = new URL(request.url, "http://localhost");
    const [status, body, headers] = await answer({ settings, store, request, url }).catch(failed);
    const content = body === undefined ? "" : JSON.stringify(body);
    response.writeHead(status, { ...(content && { "content-type": "application/json" }), ...headers });
    response.end(content);
    console.log(`${request.method} ${url.pathname} ${status}`);
  });
}

async function answer(visit) {
  for (const [method, pattern, handle] of ROUTES) {
    const found = pattern.exec(visit.url.pathname);
    if (found && method === visit.request.method) return handle(visit, ...found.slice(1).map(decodeURIComponent));
  }
  throw notFound();
}

function failed(error) {
  if (error instanceof Failure) return [error.status, error.body];
  if (error instanceof TooOften) return failed(tooMany());
  if (error instanceof Conflict) return failed(conflict());
  console.log(error instanceof StoreError ? `store unavailable: ${error.message}` : error.stack);
  return failed(storeUnavailable());
}

async function ready({ store }) {
  const isReady = await store.isReady().catch(() => false);
  return isReady ? [200, { status: "ready" }] : [503, { status: "not-ready", failing: ["postgres"] }];
}

async function createLink(visit) {
  const { target, prefix = "l", private: isPrivate } = await body(visit);
  isTarget(target);
  if (typeof prefix !== "string" || !/^[a-z0-9-]{1,32}$/.test(prefix)) {
    throw badRequest("prefix is not 1 to 32 of a-z, 0-9 and -");
  }
  const owner = await reader(visit);
  await askScreen(visit, target);
  const [link, isNew] = await visit.store.submit(owner?.user ?? null, prefix, target, isPrivate === true);
  return [isNew ? 201 : 200, view(visit, link)];
}

async function listLinks(visit) {
  const limit = number(visit, "limit", 20);
  const after = number(visit, "after", Number.MAX_SAFE_INTEGER);
  if (limit < 1 || limit > 100) throw badRequest("limit is not 1 to 100");
  const user = await reader(visit);
  // The cursor travels with the client. A cursor that the process remembered would end with it.
  const items = await visit.store.links(user?.user ?? null, limit, after);
  const next = items.length === limit ? String(items[items.length - 1].id) : null;
  return [200, { items: items.map((link) => view(visit, link)), next }];
}

async function showLink(visit, slug) {
  return [200, view(visit, await found(visit, slug))];
}

async function changeLink(visit, slug) {
  const { target, private: isPrivate } = await body(visit);
  await mayChange(visit, slug);
  if (target !== undefined) {
    isTarget(target);
    await askScreen(visit, target);
  }
  await visit.store.change(slug, target ?? null, typeof isPrivate === "boolean" ? isPrivate : null);
  return [200, view(visit, await found(visit, slug))];
}

async function deleteLink(visit, slug) {
  await mayChange(visit, slug);
  if (!(await visit.store.delete(slug))) throw notFound();
  return [204];
}

async function followLink({ store }, slug) {
  const target = await store.follow(slug);
  if (target === undefined) throw notFound();
  return [307, undefined, { location: target }];
}

async function logIn(visit) {
  const { user, password } = await body(visit);
  if (typeof user !== "string" || typeof password !== "string") throw badRequest("user or password is missing");
  const token = await visit.store.logIn(user, password);
  if (token === undefined) throw unauthorized();
  return [201, { token, expires_in: visit.settings.sessionTtl }];
}

async function logOut(visit) {
  await writer(visit);
  await visit.store.logOut(bearer(visit));
  return [204];
}

async function me(visit) {
  return [200, await writer(visit)];
}

/** Who asks, where nobody in particular may ask as well. */
async function reader(visit) {
  return visit.request.headers.authorization === undefined ? undefined : writer(visit);
}

/** Who asks, where only somebody who is logged in may. */
async function writer(visit) {
  const token = bearer(visit);
  const user = token && (await visit.store.user(token));
  if (!user) throw unauthorized();
  return user;
}

function bearer({ request }) {
  return /^bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
}

async function found({ store }, slug) {
  const link = await store.link(slug);
  if (link === undefined) throw notFound();
  return link;
}

async function mayChange(visit, slug) {
  const user = await writer(visit);
  const link = await found(visit, slug);
  if (link.owner !== user.user && user.role !== "admin") throw forbidden();
}

async function askScreen({ settings }, target) {
  let verdict;
  try {
    const response = await fetch(`${settings.screenUrl}/v1/verdicts`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${settings.screenApiKey}` },
      body: JSON.stringify({ target }),
      redirect: "error",
      signal: AbortSignal.timeout(settings.upstreamTimeout),
    });
    verdict = response.status === 200 ? (await response.json())?.verdict : undefined;
  } catch {
    verdict = undefined;
  }
  if (verdict === "deny") throw denied();
  if (verdict !== "allow") throw screenUnavailable();
}

async function body({ request }) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > LARGEST_BODY) throw badRequest("the body is too large");
    chunks.push(chunk);
  }
  try {
    const value = JSON.parse(Buffer.concat(chunks).toString());
    if (value && typeof value === "object") return value;
  } catch {
    // Told below.
  }
  throw badRequest("the body is not a JSON object");
}

function number({ url }, name, byDefault) {
  const text = url.searchParams.get(name);
  if (text === null) return byDefault;
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`${name} is not a number`);
  return Number(text);
}

function isTarget(target) {
  try {
    if (target.length <= LONGEST_TARGET) return webUrl(target);
  } catch {
    // Told below.
  }
  throw badRequest("target is not an http or https URL with a host");
}

function view({ settings }, { id, ...link }) {
  // The worker that makes previews comes in factor 8.
  const preview = { state: "pending", title: null };
  return { ...link, short_url: `${settings.publicBaseUrl}/r/${link.slug}`, preview };
}
