// A port that the platform has chosen (factor 7), and an end that drops nobody (factor 9).

import { createServer } from "node:http";

import express from "express";

import { commit } from "./config.js";
import { ConfigError } from "./errors.js";
import { failed, notFound } from "./contract.js";
import { log } from "./log.js";
import { observed, registry } from "./telemetry.js";

/** An app with what every process that serves has. `addRoutes` brings the rest. */
export function app(name, releaseId, addRoutes) {
  const service = express();
  // Which software this is, is nobody's business. And a path has one spelling: whoever guards `/v1/admin` guards it all.
  service.disable("x-powered-by").disable("etag").enable("case sensitive routing").enable("strict routing");
  service.use(observed);
  // Whoever restarts this process when the database is down has two problems: this question depends on nothing.
  service.get("/healthz", (_, response) => response.json({ status: "ok" }));
  service.get("/version", (_, response) => response.json({ app: name, build: commit, release: releaseId }));
  service.get("/metrics", async (_, response) => response.type(registry.contentType).send(await registry.metrics()));
  addRoutes(service);
  service.use(notFound, failed);
  return service;
}

/** Serves until SIGTERM or SIGINT, then lets the requests in hand finish, but no longer than `grace` milliseconds. */
export async function untilStopped(service, port, grace, releaseId) {
  // A head or a body that dribbles in has an end as well; without one, whoever sends a byte an hour keeps a connection for ever.
  const server = createServer({ headersTimeout: 15_000, requestTimeout: 30_000, keepAliveTimeout: 75_000 });
  server.on("request", (request, response) => {
    // Whoever is answered while the service ends is told not to come back on this connection.
    if (!server.listening) response.setHeader("connection", "close");
    service(request, response);
  });
  await listen(server, port);
  log.info({ port, release: releaseId, commit }, "listening");
  await stopSignal();
  log.info("asked to end");
  const stopped = new Promise((resolve) => server.close(() => resolve(true)));
  // Those on which nobody is served would be waited for as well.
  const hangUp = setInterval(() => server.closeIdleConnections(), 50);
  server.closeIdleConnections();
  // Half a request, left open by a scanner, would hold up the deploy until the platform kills the process.
  const late = new Promise((resolve) => setTimeout(() => resolve(false), grace));
  const everybody = await Promise.race([stopped, late]);
  clearInterval(hangUp);
  if (everybody) log.info("stopped, every request is answered");
  else log.warn("stopped, with connections left");
}

/** A port that is taken is the end: nobody would find a service at another one. */
async function listen(server, port) {
  await new Promise((resolve, reject) => {
    server.once("error", (error) => reject(new ConfigError(`cannot listen on port ${port} (PORT): ${error.code}`)));
    server.listen({ port, host: "0.0.0.0", backlog: 1024 }, resolve);
  });
}

/** The handlers are installed by the call, so a signal that comes early is not lost. */
export function stopSignal() {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, resolve);
  });
}
