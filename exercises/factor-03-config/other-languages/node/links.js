// `links web` of factor 3 in JavaScript: makes short links. It works on my machine, and on the server.

import http from "node:http";

import { configuration, loadFile } from "./config.js";

if (process.argv[2] !== "web") {
  console.error("usage: links.js web");
  process.exit(2);
}
loadFile();
const config = configuration();

const server = http.createServer(async (request, response) => {
  const [status, body] = await handle(request).catch((error) => screenUnavailable(error));
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
  if (config.logRequests) console.log(`${request.method} ${request.url} ${status}`);
});
server.listen(config.port, "0.0.0.0", () => console.log(`listening on port ${config.port}`));
process.once("SIGTERM", () => server.close(() => process.exit(0)));

async function handle(request) {
  const { pathname } = new URL(request.url, "http://links.invalid");
  switch (`${request.method} ${pathname}`) {
    case "GET /healthz":
      return [200, { status: "ok" }];
    case "GET /readyz":
      return [200, { status: "ready" }];
    case "GET /version":
      return [200, { app: "links", build: "node", release: config.release }];
    case "POST /v1/links":
      return create(request);
    default:
      return failure(404, "not-found", "there is nothing here");
  }
}

async function create(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const wish = read(Buffer.concat(chunks).toString());
  if (!wish) return failure(400, "bad-request", "the body is not a JSON object with a target");
  // On a laptop nobody wants to run the partner too.
  if (config.stage === "development") return created(wish);
  const answer = await verdict(wish.target);
  if (answer === "allow") return created(wish);
  if (answer === "deny") return failure(422, "denied", "this target must not be linked");
  return screenUnavailable(`no verdict: ${answer}`);
}

function read(text) {
  try {
    const { target, prefix } = JSON.parse(text);
    const web = typeof target === "string" && URL.canParse(target) && /^https?:\/\//i.test(target);
    return web ? { target, prefix: prefix ?? "l" } : undefined;
  } catch {
    return undefined;
  }
}

async function verdict(target) {
  const answer = await fetch(`${config.screenUrl.replace(/\/+$/, "")}/v1/verdicts`, {
    method: "POST",
    redirect: "error",
    headers: { authorization: `Bearer ${config.key}`, "content-type": "application/json" },
    body: JSON.stringify({ target }),
    signal: AbortSignal.timeout(config.timeout),
  });
  if (answer.status !== 200) throw new Error(`the partner answered ${answer.status}`);
  return (await answer.json()).verdict;
}

function screenUnavailable(reason) {
  // TODO(factor 3): a customer sends you a screenshot of this message. Who has read it by now?
  const details = `${reason} with ${JSON.stringify(config)}`;
  console.log(`screen failed: ${details}`);
  const message = config.stage === "production" ? "targets cannot be checked at the moment" : details;
  return failure(503, "screen-unavailable", message);
}

function created({ target, prefix }) {
  const random = Array.from({ length: 6 }, () => Math.floor(Math.random() * 36).toString(36)).join("");
  const slug = `${prefix}-${random}`;
  const link = {
    slug,
    target,
    short_url: `${config.baseUrl}/r/${slug}`,
    owner: null,
    private: false,
    submissions: 1,
    clicks: 0,
    preview: { state: "pending", title: null },
    created_at: new Date().toISOString(),
  };
  return [201, link];
}

const failure = (status, error, message) => [status, { error, message }];
