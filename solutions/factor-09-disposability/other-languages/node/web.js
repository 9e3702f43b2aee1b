// The HTTP contract, and an end that waits for whoever is served, but not for ever.

import http from "node:http";

/** Asks the partner; fails when there is no answer. `stopped` breaks the call off. */
export async function ask(config, what, body, headers = {}, stopped = undefined) {
  const patience = AbortSignal.timeout(config.UPSTREAM_TIMEOUT_MS);
  const answer = await fetch(`${config.SCREEN_URL}/v1/${what}`, {
    method: "POST",
    redirect: "error",
    headers: { authorization: `Bearer ${config.SCREEN_API_KEY}`, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
    signal: stopped ? AbortSignal.any([patience, stopped]) : patience,
  });
  if (answer.status !== 200) throw new Error(`the partner answered ${answer.status}`);
  return answer.json();
}

export function serve(config, store) {
  const server = http.createServer(async (request, response) => {
    const [status, body] = await handle(config, store, request).catch(() => [503, "unavailable"]);
    const text = JSON.stringify(typeof body === "string" ? { error: body, message: body.replaceAll("-", " ") } : body);
    // Whoever is answered while the service ends is told not to come back on this connection.
    const last = server.listening ? {} : { connection: "close" };
    response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text), ...last });
    response.end(text);
    console.log(`info ${request.method} ${request.url.split("?")[0]} ${status}`);
  });
  server.on("error", (error) => {
    console.error(`cannot listen on port ${config.PORT} (PORT): ${error.code}`);
    process.exit(1);
  });
  server.listen(config.PORT, "0.0.0.0", () => console.log(`info listening port=${config.PORT}`));
  for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => end(server, config));
}

function end(server, config) {
  console.log("info asked to end");
  // Refuses new connections, closes idle ones, and calls back when the last request is answered (`inflight-completes`).
  server.close(() => {
    console.log("info stopped");
    process.exit(0);
  });
  // Half a request would hold up the end as well: the drain has a deadline of its own (`drain-is-bounded`).
  setTimeout(() => {
    console.log("warn stopped, with connections left");
    process.exit(0);
  }, config.SHUTDOWN_GRACE_SECONDS * 1000);
}

async function handle(config, store, request) {
  const { pathname, searchParams } = new URL(request.url, "http://links.invalid");
  switch (`${request.method} ${pathname}`) {
    case "GET /healthz":
      return [200, { status: "ok" }];
    case "GET /readyz":
      return store.check().then(
        () => [200, { status: "ready" }],
        () => [503, { status: "not-ready", failing: ["postgres"] }],
      );
    case "GET /version":
      return [200, { app: "links", build: "node", release: config.RELEASE_ID }];
    case "POST /v1/links":
      return create(config, store, request);
    case "GET /v1/links": {
      const limit = Number(searchParams.get("limit") ?? 20);
      if (!Number.isInteger(limit) || limit < 1 || limit > 100) return [400, "bad-request"];
      return [200, { items: (await store.list(limit)).map((link) => view(config, link)), next: null }];
    }
  }
  const slug = request.method === "GET" && pathname.startsWith("/v1/links/") ? pathname.slice("/v1/links/".length) : "";
  const link = slug && (await store.find(decodeURIComponent(slug)));
  return link ? [200, view(config, link)] : [404, "not-found"];
}

async function create(config, store, request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const wish = read(Buffer.concat(chunks).toString());
  if (!wish) return [400, "bad-request"];
  const answer = await ask(config, "verdicts", { target: wish.target }).catch(() => ({}));
  if (answer.verdict === "deny") return [422, "denied"];
  if (answer.verdict !== "allow") return [503, "screen-unavailable"];
  // Nothing is promised before the commit.
  const { link, isNew } = await store.create(wish.prefix, wish.target);
  return [isNew ? 201 : 200, view(config, link)];
}

function read(text) {
  try {
    const { target, prefix } = JSON.parse(text);
    const clean = typeof target === "string" && target.length <= 2000 && !/[\s\p{Cc}]/u.test(target);
    const web = clean && URL.canParse(target) && ["http:", "https:"].includes(new URL(target).protocol);
    return web && /^[a-z0-9-]{1,32}$/.test(prefix ?? "l") ? { target, prefix: prefix ?? "l" } : undefined;
  } catch {
    return undefined;
  }
}

function view(config, link) {
  return {
    slug: link.slug,
    target: link.target,
    short_url: `${config.PUBLIC_BASE_URL}/r/${link.slug}`,
    owner: null,
    private: false,
    submissions: link.submissions,
    clicks: 0,
    preview: { state: link.state, title: link.title },
    created_at: link.created_at.toISOString(),
  };
}
