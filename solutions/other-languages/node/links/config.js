// The configuration: read once at start, checked completely, never guessed (factor 3). Each process reads what it needs.
//
// There is deliberately no `NODE_ENV` in here: a deploy is nothing but the values of these variables. And there is no `.env`
// file that is read: a file that lies about would beat the platform, which is who decides.

import { existsSync, readFileSync } from "node:fs";

import { ConfigError } from "./errors.js";

// What the build wrote down. It lies next to the code in a release, and nowhere while somebody works on it.
const COMMIT_FILE = new URL("../commit.txt", import.meta.url);
const LEVELS = ["error", "warn", "info", "debug"];

/** The commit this was built of. */
export const commit = existsSync(COMMIT_FILE) ? readFileSync(COMMIT_FILE, "utf8").trim() : "unbuilt";

/** What `web` needs. */
export const web = () => ({
  port: required("PORT", port),
  publicBaseUrl: required("PUBLIC_BASE_URL", baseUrl),
  shutdownGrace: optional("SHUTDOWN_GRACE_SECONDS", seconds, 20_000),
  hashCost: hashCost(),
  database: database(),
  sessions: { url: required("REDIS_URL", redisUrl), ttl: optional("SESSION_TTL_SECONDS", number, 900) },
  mail: { server: required("SMTP_URL", smtpUrl), from: required("MAIL_FROM", address), timeout: upstreamTimeout() },
  partner: partner(),
  telemetry: telemetry(),
  releaseId: releaseId(),
});

/** What `worker` needs. It has no port: nobody calls it. */
export const worker = () => ({
  concurrency: optional("WORKER_CONCURRENCY", number, 1),
  lease: optional("JOB_LEASE_SECONDS", number, 30),
  poll: optional("JOB_POLL_MS", number, 200),
  attempts: optional("JOB_MAX_ATTEMPTS", number, 10),
  database: database(),
  partner: partner(),
  telemetry: telemetry(),
  releaseId: releaseId(),
});

/** What `screen` needs. Without keys everybody may ask: then the network decides. */
export const screen = () => ({
  port: required("PORT", port),
  shutdownGrace: optional("SHUTDOWN_GRACE_SECONDS", seconds, 20_000),
  releaseId: releaseId(),
  // Empty means that there are none, and is no mistake.
  deniedHosts: items(process.env.DENY_HOSTS ?? "").map((host) => host.toLowerCase()),
  apiKeys: items(process.env.SCREEN_API_KEYS ?? ""),
});

/** Where links and users are kept; the admin commands need nothing else. */
export const database = () => ({
  url: required("DATABASE_URL", postgresUrl),
  timeout: optional("DB_TIMEOUT_MS", number, 3000),
  poolMax: optional("DB_POOL_MAX", number, 5),
});

/** Not an argument: those can be read by everybody on the machine (`ps`), and stay in the history of a shell. */
export const newUserPassword = () => required("NEW_USER_PASSWORD", (text) => text);

/** `PASSWORD_HASH_COST`: a machine for tests may have the least; none has zero. */
export const hashCost = () => optional("PASSWORD_HASH_COST", (text) => (number(text) <= 6 ? number(text) : undefined), 2);

/** `LOG_LEVEL`: how much to log is one question, which deploy this is another. */
export const logLevel = () => optional("LOG_LEVEL", (text) => LEVELS.find((level) => level === text), "info");

export const releaseId = () => optional("RELEASE_ID", (text) => text, "unreleased");

const upstreamTimeout = () => optional("UPSTREAM_TIMEOUT_MS", number, 3000);

const partner = () => ({
  url: required("SCREEN_URL", baseUrl),
  key: required("SCREEN_API_KEY", (text) => (/^[!-~]+$/.test(text) ? text : undefined)),
  timeout: upstreamTimeout(),
});

const telemetry = () => ({
  collector: optional("OTEL_EXPORTER_OTLP_ENDPOINT", baseUrl, undefined),
  serviceName: optional("OTEL_SERVICE_NAME", (text) => text, "links"),
});

function required(name, parse) {
  if (process.env[name] === undefined) throw new ConfigError(`${name} is missing`);
  return optional(name, parse, undefined);
}

function optional(name, parse, byDefault) {
  const text = process.env[name];
  if (text === undefined) return byDefault;
  const value = text === "" ? undefined : parse(text);
  // Without the value: it may be somebody's password.
  if (value === undefined) throw new ConfigError(`${name} is empty or malformed`);
  return value;
}

/** A whole number from one on; bounded, since timers and sums with the current time must not overflow. */
const number = (text) => (/^\d{1,8}$/.test(text) && +text >= 1 && +text <= 86_400_000 ? +text : undefined);
const seconds = (text) => (number(text) <= 86_400 ? number(text) * 1000 : undefined);
const port = (text) => (number(text) <= 65_535 ? number(text) : undefined);
const items = (text) => text.split(",").map((item) => item.trim()).filter(Boolean);
const address = (text) => (/^[^\s@]+@[^\s@]+$|^[^\r\n<>]*<[^\s@<>]+@[^\s@<>]+>$/.test(text) ? text : undefined);

/**
 * An absolute URL with a host. `new URL` repairs what it is given: it drops newlines and reads `http:shop` as `http://shop`.
 * That is right for an address bar, and what would be repaired here is refused.
 */
export function url(text, ...schemes) {
  // A backslash is a slash to browsers and none to others, so in a host it would mean two of them.
  if (/[\s\p{Cc}\p{Cs}]/u.test(text) || !/^[a-z+]+:\/\/[^/\\][^/?#\\]*([/?#]|$)/i.test(text)) return undefined;
  try {
    const parsed = new URL(text);
    return schemes.includes(parsed.protocol) && parsed.hostname ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** A slash at the end means nothing. */
function baseUrl(text) {
  const parsed = url(text, "http:", "https:");
  return parsed && !parsed.search && !parsed.hash ? text.replace(/\/+$/, "") : undefined;
}

function postgresUrl(text) {
  const parsed = url(text, "postgres:", "postgresql:");
  return parsed && decodes(parsed.username, parsed.password, parsed.pathname) ? text : undefined;
}

function redisUrl(text) {
  const parsed = url(text, "redis:", "rediss:");
  const known = parsed && /^\/?\d*$/.test(parsed.pathname) && decodes(parsed.username, parsed.password);
  return known ? text : undefined;
}

function smtpUrl(text) {
  const parsed = url(text, "smtp:");
  if (!parsed || !decodes(parsed.username, parsed.password)) return undefined;
  const [user, pass] = [parsed.username, parsed.password].map(decodeURIComponent);
  // An address of IPv6 stands in brackets in a URL, and nowhere else.
  return { host: parsed.hostname.replace(/^\[|\]$/g, ""), port: +parsed.port || 25, auth: user ? { user, pass } : undefined };
}

function decodes(...parts) {
  try {
    parts.forEach(decodeURIComponent);
    return true;
  } catch {
    return false;
  }
}
