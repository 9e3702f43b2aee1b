// What every test uses: a browser that asks nobody but our server, and pages that must not complain.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before } from "node:test";

import { chromium } from "playwright-core";

export const LANGUAGES = ["en", "ko"];
export const SCHEMES = ["light", "dark"];

const url = needed("WORKSHOP_URL");
const books = needed("WORKSHOP_BOOKS");

// Debian's Chromium may run as root here, and must not look for updates or for anything else outside.
const ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
    "--no-first-run",
];

let browser;

before(async () => {
    // A new profile each time, in the temporary folder; it is removed with the browser.
    browser = await chromium.launch({
        executablePath: needed("WORKSHOP_CHROMIUM"),
        args: ARGUMENTS,
        chromiumSandbox: false,
        headless: true,
    });
});

after(() => browser?.close());

/** The value of an environment variable that the Rust test sets. */
export function needed(name) {
    const value = process.env[name];
    assert.ok(value, `${name} is not set: run \`cargo test --package server --test browser\``);
    return value;
}

/** The pages of a book, as the builder wrote them. */
export function pages(language) {
    const files = readdirSync(`${books}/${language}`).filter((file) => file.endsWith(".html"));
    return files.filter((file) => !["print.html", "toc.html"].includes(file));
}

/** The language, its pages and their addresses. */
export function everyPage() {
    return LANGUAGES.flatMap((language) => pages(language).map((page) => `/${language}/${page}`));
}

/**
 * Opens a page. At the end of the test it must have had nothing to complain about and have asked nobody else.
 * `options` are those of a browser context, and: `prepared`, called with the context before the page opens; `asked`, called
 * with each answer; `status`, which is expected of the page itself; `excused`, which says of a complaint that the test caused it.
 */
export async function visit(t, path, options = {}) {
    const { prepared, asked, excused, status = 200, scheme = "light", width = 1280, height = 900, ...others } = options;
    const context = await browser.newContext({
        baseURL: url,
        colorScheme: scheme,
        viewport: { width, height },
        ...others,
    });
    await prepared?.(context);
    const page = await context.newPage();
    const complaints = [];
    listen(page, complaints, others.baseURL ?? url);
    if (asked) {
        page.on("response", asked);
    }
    t.after(async () => {
        await context.close();
        // A browser always complains of a page that is not there.
        const expected = (complaint) => status !== 200 && complaint.includes(path) && complaint.includes(String(status));
        const grave = complaints.filter((complaint) => !expected(complaint) && !excused?.(complaint));
        assert.deepEqual(grave, [], path);
    });
    const answer = await page.goto(path);
    assert.equal(answer.status(), status);
    return page;
}

function listen(page, complaints, own) {
    page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) {
            complaints.push(`console: ${message.text()} (${message.location().url})`);
        }
    });
    page.on("pageerror", (error) => complaints.push(`error: ${error.stack}`));
    page.on("request", (request) => {
        if (!request.url().startsWith(`${own}/`) && !/^(data|blob):/.test(request.url())) {
            complaints.push(`asks another host: ${request.url()}`);
        }
    });
    page.on("response", (answer) => {
        if (answer.status() >= 400) {
            complaints.push(`${answer.status()} ${answer.url()}`);
        }
    });
}

const axe = readAxe();

function readAxe() {
    // The whole library as one text, to be run in a page.
    return createRequire(import.meta.url)("axe-core").source;
}

/** Finds nothing serious or critical. */
export async function accessible(page, where) {
    await page.evaluate(axe);
    const { violations, passes } = await page.evaluate(() => globalThis.axe.run(document));
    assert.ok(passes.length > 10, `${where}: axe looked at nothing`);
    const grave = violations.filter((found) => ["serious", "critical"].includes(found.impact));
    const told = grave.flatMap((found) => found.nodes.map((node) => `${found.id}: ${node.html}\n${node.failureSummary}`));
    assert.deepEqual(told, [], where);
}

/** Nothing is wider than the window. */
export async function fits(page, where) {
    const { wide, width } = await page.evaluate(() => {
        const width = document.documentElement.clientWidth;
        // What scrolls by itself may hold something wide.
        const scrolls = (element) => element.closest("pre, .table-wrapper, #mdbook-sidebar, .sidebar");
        const beyond = [...document.querySelectorAll("body *")].filter((element) => {
            const { right, width: own } = element.getBoundingClientRect();
            return own > 0 && right > width + 1 && !scrolls(element);
        });
        const scroll = document.documentElement.scrollWidth;
        return { width: scroll - width, wide: beyond.slice(0, 5).map((element) => element.outerHTML.slice(0, 200)) };
    });
    assert.ok(width <= 0, `${where} is ${width} pixels too wide: ${wide.join("\n")}`);
}
