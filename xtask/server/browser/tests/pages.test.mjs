// Every page of both books: quiet, readable on a small screen, light. One page of each kind: accessible in both themes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { LANGUAGES, SCHEMES, accessible, everyPage, fits, needed, pages, visit } from "./support.mjs";

// mdBook's own default theme weighs this much; the workshop may add a little.
const MDBOOK = 484_000;
const OURS = 20_000;

// A page of each kind: the first one, a factor's, one with a diagram, one with tables, a list of words.
const KINDS = ["index.html", "factor-03-config.html", "microservices.html", "instructors.html", "glossary.html"];

test("both books have the same pages", () => {
    assert.deepEqual(pages("en"), pages("ko"));
    KINDS.forEach((page) => assert.ok(pages("en").includes(page), page));
});

for (const path of everyPage()) {
    test(`${path} is quiet, knows its language, fits on a small screen and is light`, async (t) => {
        const answers = [];
        const page = await visit(t, path, { width: 360, height: 740, asked: (answer) => answers.push(answer) });
        assert.equal(await page.getAttribute("html", "lang"), path.slice(1, 3));
        assert.equal(await page.locator("h1:visible").count() >= 1, true);
        await fits(page, path);
        const bytes = await weight(answers);
        t.diagnostic(`${bytes} bytes`);
        assert.ok(bytes > 100_000, `${bytes} bytes: is that all of a page?`);
        assert.ok(bytes <= MDBOOK + OURS, `${bytes} bytes`);
    });
}

async function weight(answers) {
    const files = answers.filter((answer) => !answer.url().includes("/api/"));
    const sizes = await Promise.all(files.map(async (answer) => (await answer.body()).length));
    return sizes.reduce((sum, size) => sum + size, 0);
}

for (const language of LANGUAGES) {
    for (const scheme of SCHEMES) {
        for (const kind of KINDS) {
            test(`${language}, ${scheme}: ${kind} keeps nobody out`, async (t) => {
                const page = await visit(t, `/${language}/${kind}`, { scheme });
                assert.match(await page.getAttribute("html", "class"), scheme === "dark" ? /\bnavy\b/ : /\blight\b/);
                await accessible(page, kind);
            });
        }

        test(`${language}, ${scheme}: the search and the menus keep nobody out`, async (t) => {
            const page = await visit(t, `/${language}/index.html`, { scheme });
            await page.keyboard.press("/");
            await page.locator("#mdbook-searchbar").pressSequentially("config");
            await page.locator("#mdbook-searchresults li").first().waitFor();
            await page.locator("#mdbook-theme-toggle").click();
            await page.locator("#mdbook-theme-list").waitFor();
            await accessible(page, "search and menus");
        });

        test(`${language}, ${scheme}: a factor's page keeps nobody out on a small screen`, async (t) => {
            const page = await visit(t, `/${language}/factor-03-config.html`, { scheme, width: 360, height: 740 });
            await accessible(page, "factor-03-config.html at 360 px");
        });
    }
}

for (const scheme of SCHEMES) {
    test(`${scheme}: the server's own pages keep nobody out`, async (t) => {
        const page = await visit(t, "/ko/no-such-page.html", { scheme, status: 404 });
        await accessible(page, "what is not there");
        assert.match(await page.locator("main").innerText(), /There is no such page[^]*없는 페이지입니다/);
        // This one is shown where no books are, so it is read from its file.
        const file = readFileSync(join(needed("WORKSHOP_COPY"), "xtask/server/src/not-built.html"), "utf8");
        await page.setContent(file);
        await accessible(page, "what is not built");
        assert.match(await page.locator("main").innerText(), /cargo xtask book --build[^]*cargo xtask book --build/);
    });
}

test("an open page shows books that were built anew", async (t) => {
    let asked = 0;
    const page = await visit(t, "/en/glossary.html", { prepared: (context) => context.route("/api/reload", (route) => {
        asked += 1;
        const books = asked === 1 ? ["old", "new"] : ["new"];
        const [first, ...rest] = books.map((name) => `data: "${name}"\n\n`);
        return route.fulfill({ contentType: "text/event-stream", body: `event: books\n${first}${rest.join("")}` });
    }) });
    await page.waitForFunction(() => performance.getEntriesByType("navigation")[0].type === "reload");
});
