// The configuration: read once at start, checked completely (factor 3).

/** Names the variable that is missing or malformed, and never shows its value. */
export class ConfigError extends Error {}

/** Where links and users are kept; the admin commands need nothing else. */
export function database() {
  return {
    url: required("DATABASE_URL", (text) => new URL(text).href),
    poolMax: optional("DB_POOL_MAX", positive, 5),
    timeout: optional("DB_TIMEOUT_MS", positive, 3000),
  };
}

/** Everything that may differ between two deploys. */
export function config() {
  return {
    port: required("PORT", positive),
    database: database(),
    redisUrl: required("REDIS_URL", (text) => new URL(text).href),
    sessionTtl: optional("SESSION_TTL_SECONDS", positive, 900),
    screenUrl: required("SCREEN_URL", webUrl),
    screenApiKey: required("SCREEN_API_KEY", (text) => text),
    upstreamTimeout: optional("UPSTREAM_TIMEOUT_MS", positive, 3000),
    publicBaseUrl: required("PUBLIC_BASE_URL", webUrl),
    releaseId: optional("RELEASE_ID", (text) => text, "unreleased"),
    shutdownGrace: optional("SHUTDOWN_GRACE_SECONDS", positive, 20),
  };
}

export function required(name, parse) {
  if (!process.env[name]) throw new ConfigError(`${name} is missing`);
  return optional(name, parse);
}

function optional(name, parse, byDefault) {
  if (process.env[name] === undefined) return byDefault;
  try {
    return parse(process.env[name]);
  } catch {
    throw new ConfigError(`${name} is malformed`);
  }
}

function positive(text) {
  const number = Number(text);
  if (!Number.isInteger(number) || number <= 0) throw new RangeError();
  return number;
}

/** An absolute http or https URL with a host, without a slash at the end. */
export function webUrl(text) {
  const url = new URL(text);
  if (!["http:", "https:"].includes(url.protocol) || /[\s\p{C}]/u.test(text)) throw new RangeError();
  return text.replace(/\/+$/, "");
}
