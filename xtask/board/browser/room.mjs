// What every test of the board uses: a room to be in, attendees who join by the real command, and the instructor's cookie.
import { execFile } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { needed, visit } from "../../server/browser/tests/support.mjs";

export const url = needed("WORKSHOP_URL");
export const secret = needed("BOARD_SECRET");
const xtask = needed("BOARD_XTASK");

/** Signs in as the instructor's browser does; the cookie. */
async function signIn() {
    const headers = { "Sec-Fetch-Site": "same-origin" };
    const answer = await fetch(`${url}/instructor`, {
        method: "POST",
        headers,
        redirect: "manual",
        body: new URLSearchParams({ word: secret }),
    });
    const [name, value] = answer.headers.getSetCookie()[0].split(";")[0].split("=");
    return { name, value, url };
}

const cookie = await signIn();

/** Opens a page of the instructor. */
export function asInstructor(t, path, options = {}) {
    return visit(t, path, { ...options, prepared: (context) => context.addCookies([cookie]) });
}

/** Asks for a page as the instructor, without a browser. */
export async function read(path) {
    const answer = await fetch(`${url}${path}`, { headers: { Cookie: `${cookie.name}=${cookie.value}` } });
    return answer.text();
}

/** The current invitation. */
export async function invitation() {
    return (await read("/room")).match(/http:[^<" ]*\/join\/[0-9A-Z]+/)[0];
}

/** Somebody with a copy of the workshop and a terminal. */
export class Attendee {
    constructor() {
        this.home = mkdtempSync(join(tmpdir(), "attendee-"));
        this.seq = 1000;
    }

    /** Joins by the real command. */
    static async joined(name) {
        const attendee = new Attendee();
        attendee.said = await attendee.xtask("join", await invitation(), "--name", name);
        return attendee;
    }

    /** Runs `cargo xtask`. */
    async xtask(...words) {
        const env = { ...process.env, WORKSHOP_HOME: this.home };
        const { stdout } = await promisify(execFile)(xtask, [...words, "--lang", "en", "--plain"], { env });
        return stdout;
    }

    /** Reports a run as `check` does: the check that fails, or none. */
    async reports(factor, check, reason) {
        const { token } = JSON.parse(readFileSync(join(this.home, "board.json"), "utf8"));
        this.seq += 1;
        const checks = check ? [{ check, verdict: "FAIL", reason }] : [{ check: "all", verdict: "PASS" }];
        const event = {
            id: randomUUID(),
            seq: this.seq,
            at: Date.now(),
            kind: "graded",
            factor,
            standing: check ? "failed" : "passed",
            whole: true,
            core_passed: !check,
            checks,
        };
        const answer = await fetch(`${url}/api/v1/events`, {
            method: "POST",
            headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
            body: JSON.stringify({ format_version: 1, now: Date.now(), events: [event] }),
        });
        if (answer.status !== 201) {
            throw new Error(`HTTP ${answer.status}`);
        }
    }
}

/** A way to the board that can be cut, as a room's wireless network is. */
export class Way {
    #connections = new Set();
    #port = 0;

    static async open() {
        const way = new Way();
        await way.mend();
        return way;
    }

    get url() {
        return `http://localhost:${this.#port}`;
    }

    /** Opens it, at the same address as before. */
    async mend() {
        this.server = createServer((near) => {
            const far = connect(new URL(url).port, "localhost");
            near.pipe(far).pipe(near);
            for (const end of [near, far]) {
                this.#connections.add(end);
                end.on("error", () => {});
                end.on("close", () => {
                    this.#connections.delete(end);
                    near.destroy();
                    far.destroy();
                });
            }
        });
        await new Promise((resolve) => this.server.listen(this.#port, "localhost", resolve));
        this.#port = this.server.address().port;
    }

    /** Breaks what is open; new connections are refused. */
    async cut() {
        const closed = new Promise((resolve) => this.server.close(resolve));
        for (const connection of this.#connections) connection.destroy();
        await closed;
    }
}

/** A name that nobody else has. */
export function someName() {
    return `Ann-${randomBytes(3).toString("hex")}`;
}
