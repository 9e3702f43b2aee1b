// The HTTP contract, and who may ask for what. A handler holds nothing between two requests, and starts nothing that outlives its
// answer.
//
// There is deliberately no handler that migrates, purges or shows the configuration: a maintenance task behind a path is one that
// everybody who can reach the service may start (factor 12).

import { Accounts } from "./accounts.js";
import { check, credentials, jsonBody, linkChange, newLink, page, recipient, Refusal, view } from "./contract.js";
import { Database } from "./database.js";
import * as mail from "./mail.js";
import { Partner } from "./partner.js";
import { app, untilStopped } from "./serve.js";
import { owns, readCursor, Store, writeCursor } from "./store.js";
import * as telemetry from "./telemetry.js";

/** Serves. It does not wait for its backing services: `/readyz` says when they are there. */
export async function web(settings) {
  telemetry.start(settings.telemetry);
  const service = app("links", settings.releaseId, (router) => addRoutes(router, attach(settings)));
  await untilStopped(service, settings.port, settings.shutdownGrace, settings.releaseId);
  await telemetry.flush();
}

/** What every request of this process shares: attached resources and two settings. Were a map of sessions or a cache of targets
 * among it, the answer would depend on which process the request met (factor 6). */
function attach(settings) {
  const database = new Database(settings.database);
  return {
    database,
    store: new Store(database),
    accounts: new Accounts(settings.sessions, settings.database, database, settings.hashCost),
    partner: new Partner(settings.partner),
    mail: settings.mail,
    publicBaseUrl: settings.publicBaseUrl,
  };
}

/** The token of a request. It is looked for in this one header: what stands in a URL stands in logs, in histories and in the
 * `Referer` of the next page. */
const bearer = (request) => /^bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];

function addRoutes(router, links) {
  // Each route says whom it serves by the middleware before its handler.

  /** Somebody who is logged in. */
  const somebody = async (request, _, next) => {
    const token = bearer(request);
    request.user = token === undefined ? undefined : await links.accounts.user(token);
    check(request.user, 401);
    next();
  };
  /** Whoever asks, where nobody in particular may ask as well. A token that opens nothing is refused all the same. */
  const anybody = (request, response, next) =>
    request.headers.authorization === undefined ? next() : somebody(request, response, next);
  /** Somebody whom we made an administrator. No header says so, whoever may have written it. */
  const administrator = (request, _, next) => {
    check(request.user.role === "admin", 403);
    next();
  };

  const passesScreen = async (target, span) => check(await links.partner.allows(target, span), 422);

  /** A link that `reader` may know of. Of another's private link they are told what they are told of one that does not exist:
   * "forbidden" would confirm a guess. */
  const shown = async (reader, slug) => {
    const link = slug.includes("\0") ? undefined : await links.store.shown(reader, slug);
    if (!link) throw new Refusal(404);
    return link;
  };
  /** A link that `user` may change or delete. Both begin with this, and so will whatever comes next. */
  const own = async (user, slug) => {
    const link = await shown(user, slug);
    check(owns(user, link), 403);
    return link;
  };
  const show = (link) => view(link, links.publicBaseUrl);

  // PostgreSQL alone decides: without it nothing can be served. Without Redis, `screen` or mail single requests fail, and taking
  // the whole process out of service for them would be worse.
  router.get("/readyz", async (_, response) => {
    if (await links.database.isReady()) return response.json({ status: "ready" });
    response.status(503).json({ status: "not-ready", failing: ["postgres"] });
  });

  router.post("/v1/links", jsonBody, anybody, async (request, response) => {
    const { target, prefix, isPrivate } = newLink(request.body);
    // The partner is asked before the database: it may take its time, and a transaction that waits for it would hold a connection
    // and its locks for as long.
    await passesScreen(target, request.span);
    const trace = telemetry.traceparentOf(request.span);
    const { link, isNew } = await links.store.submit(request.user, prefix, target, isPrivate, trace);
    response.status(isNew ? 201 : 200).json(show(link));
  });

  router.get("/v1/links", anybody, async (request, response) => {
    const { q, limit, after } = page(request.query);
    const cursor = after === undefined ? undefined : readCursor(String(after));
    check(after === undefined || cursor);
    const found = await links.store.list(request.user, q, limit, cursor);
    const next = found.length === limit ? writeCursor(found[found.length - 1]) : null;
    response.json({ items: found.map(show), next });
  });

  router.get("/v1/links/:slug", anybody, async (request, response) => {
    response.json(show(await shown(request.user, request.params.slug)));
  });

  router.patch("/v1/links/:slug", jsonBody, somebody, async (request, response) => {
    const { target, isPrivate } = linkChange(request.body);
    const { slug } = await own(request.user, request.params.slug);
    if (target !== undefined) await passesScreen(target, request.span);
    await links.store.change(slug, target, isPrivate, telemetry.traceparentOf(request.span));
    response.json(show(await own(request.user, slug)));
  });

  router.delete("/v1/links/:slug", somebody, async (request, response) => {
    const { slug } = await own(request.user, request.params.slug);
    check(await links.store.delete(slug), 404);
    response.status(204).end();
  });

  router.post("/v1/links/:slug/shares", jsonBody, somebody, async (request, response) => {
    const to = recipient(request.body);
    const link = await shown(request.user, request.params.slug);
    await mail.share(links.mail, to, show(link).short_url);
    response.status(202).end();
  });

  router.get("/r/:slug", anybody, async (request, response) => {
    const { slug } = request.params;
    const target = slug.includes("\0") ? undefined : await links.store.follow(request.user, slug);
    check(target !== undefined, 404);
    // As it was submitted, but for what cannot stand in a header.
    response.status(307).location(target).end();
  });

  router.post("/v1/sessions", jsonBody, async (request, response) => {
    const { user, password } = credentials(request.body);
    const token = await links.accounts.logIn(user, password);
    // For a name that nobody has, this is the same answer: it tells nobody who has an account.
    check(token, 401);
    response.status(201).json({ token, expires_in: links.accounts.ttl });
  });

  router.delete("/v1/sessions/current", somebody, async (request, response) => {
    await links.accounts.logOut(bearer(request));
    response.status(204).end();
  });

  router.get("/v1/me", somebody, ({ user }, response) => {
    response.json({ user: user.name, role: user.role });
  });

  router.get("/v1/admin/users", somebody, administrator, async (_, response) => {
    const users = await links.accounts.users();
    response.json({ items: users.map(({ name, role }) => ({ user: name, role })) });
  });
}
