// `links` of factor 9 in JavaScript: makes short links, and previews of them. Please do not restart it during the day.

import { Store } from "./store.js";
import { serve } from "./web.js";
import { work } from "./worker.js";

const number = (most) => (text) => (/^\d+$/.test(text) && +text >= 1 && +text <= most ? +text : undefined);
const url = (...schemes) => (text) => {
  const parsed = URL.canParse(text) && !/\s/.test(text) ? new URL(text) : undefined;
  return parsed && schemes.includes(parsed.protocol) && parsed.hostname ? text.replace(/\/+$/, "") : undefined;
};
const visible = (text) => (/^[!-~]+$/.test(text) ? text : undefined);

const REQUIRED = {
  PORT: number(65535),
  DATABASE_URL: url("postgres:", "postgresql:"),
  SCREEN_URL: url("http:", "https:"),
  SCREEN_API_KEY: visible,
  PUBLIC_BASE_URL: url("http:", "https:"),
};
const OPTIONAL = {
  UPSTREAM_TIMEOUT_MS: 3000,
  DB_TIMEOUT_MS: 3000,
  DB_POOL_MAX: 5,
  SHUTDOWN_GRACE_SECONDS: 20,
  JOB_LEASE_SECONDS: 30,
  JOB_POLL_MS: 200,
};

/** Everything that differs between deploys. It is read completely before anything starts. */
function configuration(names) {
  const config = { RELEASE_ID: process.env.RELEASE_ID || "unreleased" };
  for (const name of names) config[name] = process.env[name] === undefined ? undefined : REQUIRED[name](process.env[name]);
  for (const [name, value] of Object.entries(OPTIONAL)) config[name] = number(86_400_000)(process.env[name] ?? `${value}`);
  const wrong = Object.keys(config).filter((name) => config[name] === undefined);
  if (wrong.length > 0) {
    // The names alone: a value may be somebody's key.
    console.error(`missing or malformed: ${wrong.join(", ")}`);
    process.exit(1);
  }
  return config;
}

switch (process.argv.slice(2).join(" ")) {
  case "web": {
    const config = configuration(Object.keys(REQUIRED));
    await serve(config, new Store(config));
    break;
  }
  case "worker": {
    const config = configuration(["DATABASE_URL", "SCREEN_URL", "SCREEN_API_KEY"]);
    await work(config, new Store(config));
    break;
  }
  case "migrate": {
    await new Store(configuration(["DATABASE_URL"])).migrate();
    process.exit(0);
  }
  default:
    console.error("usage: links.js web|worker|migrate");
    process.exit(2);
}
