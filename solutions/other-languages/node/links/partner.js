// What `links` asks `screen`: verdicts, while a visitor waits, and previews, while nobody does. It is ours today; what it answers
// is somebody else's input all the same, and is believed as little as a request (factor 15).

import { NoAnswer } from "./errors.js";
import { log } from "./log.js";
import { traceparentOf } from "./telemetry.js";

// An answer of the partner is a few words. Whatever is longer is none, and is not read to its end.
const LONGEST_ANSWER = 64 * 1024;
// The most that is kept of a title.
const LONGEST_TITLE = 300;

/** The screening service of this deploy: an address and a key, so the one behind it may be anybody's. */
export class Partner {
  constructor({ url, key, timeout }) {
    Object.assign(this, { url, key, timeout });
  }

  /** Whether `target` may be linked. What is not a clear yes or no is neither: a guard who has fainted lets nobody in. */
  async allows(target, span) {
    const { verdict } = await this.ask("verdicts", target, span);
    if (verdict !== "allow" && verdict !== "deny") throw new NoAnswer("screen answered something that is not a verdict");
    return verdict === "allow";
  }

  /** The title of what `target` leads to: at most 300 characters, and none that controls a terminal. `key` is the same in every
   * attempt, so that a repeat is recognised. `stopped` breaks the call off. */
  async title(target, key, span, stopped) {
    const { title } = await this.ask("previews", target, span, { "idempotency-key": key }, stopped);
    if (typeof title !== "string") throw new NoAnswer("screen answered something that is not a title");
    return [...title.replace(/[\p{Cc}\p{Cs}]/gu, "")].slice(0, LONGEST_TITLE).join("");
  }

  async ask(what, target, span, more = {}, stopped = undefined) {
    // One bound around all of it, also around a body that drips in byte by byte.
    const call = new AbortController();
    const timer = setTimeout(() => call.abort(), this.timeout);
    stopped?.addEventListener("abort", () => call.abort(), { signal: call.signal });
    try {
      const headers = { authorization: `Bearer ${this.key}`, "content-type": "application/json", ...more };
      const answer = await fetch(`${this.url}/v1/${what}`, {
        method: "POST",
        headers: { ...headers, traceparent: traceparentOf(span) },
        body: JSON.stringify({ target }),
        // The configuration says where the partner is, and not the partner: followed, a redirect lets whoever answers choose an
        // address inside our network, and sends our key along.
        redirect: "error",
        signal: call.signal,
      });
      return answer.status === 200 ? await read(answer) : {};
    } catch (error) {
      log.warn({ code: error.cause?.code ?? error.cause?.message ?? error.name }, "screen did not answer");
      throw new NoAnswer("screen did not answer");
    } finally {
      // Also ends what was not read.
      clearTimeout(timer);
      call.abort();
    }
  }
}

/** Piece by piece: `json()` would first collect all of it, and how much that is the other side decides. */
async function read(answer) {
  const pieces = [];
  let length = 0;
  for await (const piece of answer.body) {
    length += piece.length;
    if (length > LONGEST_ANSWER) throw new NoAnswer("screen answered too much");
    pieces.push(piece);
  }
  const value = JSON.parse(Buffer.concat(pieces).toString());
  return value !== null && typeof value === "object" ? value : {};
}
