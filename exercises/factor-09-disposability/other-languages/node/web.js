// The HTTP contract: what the platform asks, and links.

import http from "node:http";

/** Asks the partner; fails when there is no answer. */
export async function ask(config, what, body, headers = {}) {
  const answer = await fetch(`${config.SCREEN_URL}/v1/${what}`, {
    method: "POST",
    redirect: "error",
    headers: { authorization: `Bearer ${config.SCREEN_API_KEY}`, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(config.UPSTREAM_TIMEOUT_MS),
  });
  if (answer.status !== 200) throw new Error(`the partner answered ${answer.status}`);
  return answer.json();
}

export async function serve(config, store) {
  // TODO(factor 9): this was quick in the first year. How long does a start take when everybody uses the service?
  const known = await store.everyLink().catch(() => []);
  const server = http.createServer(async (request, response) => {
    const [status, body] = await handle(config, store, request).catch(() => [503, "unavailable"]);
    const text = JSON.stringify(typeof body === "string" ? { error: body, message: body.replaceAll("-", " ") } : body);
    response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
    response.end(text);
    console.log(`info ${request.method} ${request.url.split("?")[0]} ${status}`);
  });
  server.on("error", (error) => {
    console.error(`cannot listen on port ${config.PORT} (PORT): ${error.code}`);
    process.exit(1);
  });
  server.listen(config.PORT, "0.0.0.0", () => {
    console.log(`info listening port=${config.PORT}, ${known.length} links are known`);
    console.log(`info requests in hand would get ${config.SHUTDOWN_GRACE_SECONDS} s at the end`);
  });
  // TODO(factor 9): Ctrl-C works well. Is this what a platform does when it wants a process to end?
  // TODO(factor 9): somebody sends half a request and goes to lunch. When does this call back?
  process.once("SIGINT", () => server.close(() => process.exit(0)));
}

async function handle(config, store, request) {
  const { pathname, searchParams } = new URL(request.url, "http://links.invalid");
  switch (`${request.method} ${pathname}`) {
    case "GET /healthz":
      return [200, { status: "ok" }];
    case "GET /readyz":
      // TODO(factor 9): the platform sends the next customer here because of this answer. Will the request work?
      return [200, { status: "ready" }];
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
