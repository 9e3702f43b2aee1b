// `screen`: decides whether a target may be linked, and makes titles. It keeps nothing and asks nobody.
//
// To `links` it is an address and a key, like the database: an app of its own, with releases and a port of its own (factor 7).

import { createHash, timingSafeEqual } from "node:crypto";

import { check, jsonBody } from "./contract.js";
import { app, untilStopped } from "./serve.js";

export async function screen(settings) {
  const service = app("screen", settings.releaseId, (router) => addRoutes(router, settings));
  await untilStopped(service, settings.port, settings.shutdownGrace, settings.releaseId);
}

function addRoutes(router, { apiKeys, deniedHosts }) {
  /** `links` is a customer like any other: being another app of ours gives it no rights. */
  const customer = (request, _, next) => {
    const given = (request.headers.authorization ?? "").replace(/^Bearer /, "");
    check(apiKeys.length === 0 || apiKeys.some((key) => timingSafeEqual(digest(key), digest(given))), 401);
    next();
  };

  router.get("/readyz", (_, response) => response.json({ status: "ready" }));

  router.post("/v1/verdicts", customer, jsonBody, (request, response) => {
    const denied = deniedHosts.includes(host(request.body));
    response.json(denied ? { verdict: "deny", reason: "the host is denied" } : { verdict: "allow", reason: "nothing against it" });
  });

  // Made of the address alone. Whoever fetched what visitors name would be sent into our own network.
  router.post("/v1/previews", customer, jsonBody, (request, response) => {
    response.json({ title: `A page of ${host(request.body)}` });
  });
}

const digest = (text) => createHash("sha256").update(text).digest();

export function host(body) {
  check(typeof body?.target === "string" && URL.canParse(body.target));
  const { hostname } = new URL(body.target);
  check(hostname);
  return hostname;
}
