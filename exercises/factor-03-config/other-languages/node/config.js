// What the service needs to know about the place it runs in.

import { readFileSync } from "node:fs";

// TODO(factor 3): tomorrow this repository becomes public. What do you have to do tonight?
const SCREEN_API_KEY = "sk_live_jjalda_7Q2mX9vB4tKp";
const SCREEN_URL = "http://screen.prod.jjalda.example:8080";

/** Reads `.env`, which everybody has in this folder. */
export function loadFile() {
  // TODO(factor 3): somebody sets a variable for this deploy, and this folder has a file. Who wins?
  let lines = [];
  try {
    lines = readFileSync(".env", "utf8").split("\n");
  } catch {
    return;
  }
  for (const line of lines) {
    const [, name, value] = /^(\w+)=(.*)$/.exec(line.trim()) ?? [];
    if (name) process.env[name] = value;
  }
}

export function configuration() {
  const { env } = process;
  return {
    // TODO(factor 3): what happens to a customer after a typing mistake in one of these numbers?
    port: Number(env.PORT) || 8080,
    timeout: Number(env.UPSTREAM_TIMEOUT_MS) || 3000,
    // TODO(factor 3): a new laptop, and nothing is set. Whom does it call, and as whom?
    screenUrl: env.SCREEN_URL ?? SCREEN_URL,
    key: env.SCREEN_API_KEY ?? SCREEN_API_KEY,
    // TODO(factor 3): who decides where this deploy is reached, and when?
    baseUrl: "https://jjal.da",
    release: env.RELEASE_ID ?? "unreleased",
    logRequests: !["error", "warn"].includes(env.LOG_LEVEL),
    // The three environments that we have.
    // TODO(factor 3): a colleague wants a deploy of her own and calls it `joe-staging`. Which of these is it?
    stage: ["development", "production"].includes(env.APP_ENV) ? env.APP_ENV : "staging",
  };
}
