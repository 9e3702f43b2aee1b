// A correct `screen`, so that its pipeline is all that can be wrong.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const build = readFileSync(new URL("VERSION", import.meta.url), "utf8");
const denied = (process.env.DENY_HOSTS ?? "").split(",");

const server = createServer(async (request, response) => {
  const [status, body] = answer(request, await text(request));
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
});

function answer(request, body) {
  if (request.method === "GET") {
    return [200, request.url === "/version" ? { build, release: process.env.RELEASE_ID } : {}];
  }
  const { target } = JSON.parse(body);
  if (typeof target !== "string") return [400, { error: "bad-request" }];
  const host = new URL(target).hostname;
  if (request.url === "/v1/previews") return [200, { title: `A page of ${host}` }];
  return [200, { verdict: denied.includes(host) ? "deny" : "allow", reason: "the list of hosts" }];
}

async function text(request) {
  let whole = "";
  for await (const part of request) whole += part;
  return whole;
}

server.listen(Number(process.env.PORT), "0.0.0.0");
