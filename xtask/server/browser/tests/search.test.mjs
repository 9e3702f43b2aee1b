// The search as readers use it: typed into mdBook's own box, in both languages.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { needed, visit } from "./support.mjs";

// What every reader of the twelve factors looks for, with and without particles and blanks.
const ALWAYS = {
    ko: [
        ["설정", "factor-03-config"],
        ["설정을", "factor-03-config"],
        ["환경변수에서", "factor-03-config"],
        ["환경 변수", "factor-03-config"],
        ["로그는", "factor-11-logs"],
        ["stdout", "factor-11-logs"],
        ["채점기가", "grader"],
        ["용어", "glossary"],
    ],
    en: [
        ["config", "factor-03-config"],
        ["environment variables", "factor-03-config"],
        ["logs", "factor-11-logs"],
        ["stdout", "factor-11-logs"],
        ["grader", "grader"],
        ["glossary", "glossary"],
    ],
};

// As in the builder's own measurement of that table.
const RECALL = 0.98;

for (const language of ["ko", "en"]) {
    test(`${language}: the box finds what readers look for`, { timeout: 300_000 }, async (t) => {
        const page = await visit(t, `/${language}/index.html`);
        await open(page);
        assert.deepEqual(await missed(page, ALWAYS[language]), []);
        const queries = table(language);
        assert.ok(queries.length >= 30, `only ${queries.length} queries`);
        const misses = await missed(page, queries);
        assert.ok(misses.length <= queries.length * (1 - RECALL), misses.join("\n"));
        assert.deepEqual(await find(page, "zzqxj"), []);
    });
}

// The queries that find none of the pages that they should.
async function missed(page, queries) {
    const misses = [];
    for (const [query, wanted] of queries) {
        const found = await find(page, query);
        if (!wanted.split(" ").some((name) => found.includes(name))) {
            misses.push(`${query}: ${wanted} is not among ${found.join(" ") || "nothing"}`);
        }
    }
    return misses;
}

test("a result leads to its page, where the words are marked", async (t) => {
    const page = await visit(t, "/ko/index.html");
    await open(page);
    await find(page, "설정을");
    await page.locator("#mdbook-searchresults a").first().click();
    await page.waitForURL(/highlight=/);
    const marks = await page.locator("main mark").allInnerTexts();
    assert.ok(marks.length > 0 && marks.every((mark) => mark.includes("설정")), marks.join(" "));
});

test("a Korean keyboard opens the search with the same key", async (t) => {
    const page = await visit(t, "/ko/index.html");
    const box = page.locator("#mdbook-searchbar");
    assert.equal(await box.isVisible(), false);
    // With this layout the key S sends ㄴ.
    await page.evaluate(() => document.body.dispatchEvent(
        new KeyboardEvent("keydown", { code: "KeyS", key: "ㄴ", bubbles: true, cancelable: true })));
    await box.waitFor();
    assert.equal(await box.inputValue(), "");
});

// The table that the builder's own tests measure: language, query, pages that must be found.
function table(language) {
    const file = join(needed("WORKSHOP_COPY"), "xtask/book/tests/search-queries.tsv");
    const lines = readFileSync(file, "utf8").split("\n").filter((line) => line.trim() && !line.startsWith("#"));
    const rows = lines.map((line) => line.split("\t").map((cell) => cell.trim()));
    return rows.filter(([of, , must]) => of === language && /^[a-z]/.test(must ?? "")).map((row) => row.slice(1, 3));
}

async function open(page) {
    const index = page.waitForResponse(/searchindex\.js$/);
    await page.keyboard.press("/");
    await (await index).finished();
    await page.locator("#mdbook-searchbar").waitFor();
}

// Types the query and returns the pages of the results, the best first.
async function find(page, query) {
    const box = page.locator("#mdbook-searchbar");
    await box.fill("");
    await page.keyboard.insertText(query);
    // The box listens to keys; what a keyboard or an input method sends last is a key that goes up.
    await page.waitForFunction((typed) => {
        const box = document.getElementById("mdbook-searchbar");
        box.dispatchEvent(new KeyboardEvent("keyup", { key: "Shift", bubbles: true }));
        return document.getElementById("mdbook-searchresults-header").textContent.includes(typed);
    }, query);
    const links = await page.locator("#mdbook-searchresults a").evaluateAll((all) => all.map((link) => link.pathname));
    return [...new Set(links.map((path) => path.split("/").pop().replace(".html", "")))];
}
