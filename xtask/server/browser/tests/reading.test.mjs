// Reading without a mouse, without JavaScript, and on paper.
import assert from "node:assert/strict";
import { test } from "node:test";

import { LANGUAGES, fits, visit } from "./support.mjs";

for (const language of LANGUAGES) {
    test(`${language}: the Tab key reaches everything that can be used`, async (t) => {
        const page = await visit(t, `/${language}/factor-03-config.html`);
        await page.locator(".check-ready").waitFor();
        const unreached = await reach(page);
        assert.deepEqual(unreached, []);
    });

    test(`${language}: the first Tab leads to the text, past the menu`, async (t) => {
        const page = await visit(t, `/${language}/factor-03-config.html`);
        await page.keyboard.press("Tab");
        assert.ok(await page.locator(".skip-link").isVisible());
        await page.keyboard.press("Enter");
        await page.keyboard.press("Tab");
        assert.ok(await page.evaluate(() => document.querySelector("main").contains(document.activeElement)));
    });

    test(`${language}: the menu opens and closes by keyboard`, async (t) => {
        const page = await visit(t, `/${language}/index.html`);
        const toggle = page.locator("#mdbook-sidebar-toggle");
        const before = await toggle.getAttribute("aria-expanded");
        await toggle.focus();
        await page.keyboard.press("Enter");
        assert.notEqual(await toggle.getAttribute("aria-expanded"), before);
        await page.keyboard.press(" ");
        assert.equal(await toggle.getAttribute("aria-expanded"), before);
    });

    test(`${language}: without JavaScript a page is whole`, async (t) => {
        const page = await visit(t, `/${language}/factor-03-config.html`, { javaScriptEnabled: false });
        const check = page.locator("section.check");
        assert.match(await check.innerText(), /cargo xtask check factor-3/);
        assert.equal(await page.locator(".check-run").count(), 0);
        const quizzes = page.locator("section.quiz");
        assert.equal(await quizzes.count(), 3);
        assert.ok(await quizzes.first().locator(".quiz-answers > li").count() >= 2);
        const reasons = quizzes.first().locator(".quiz-reasons");
        assert.equal(await reasons.isVisible(), false);
        await quizzes.first().locator("summary").click();
        assert.ok(await reasons.isVisible());
        await page.locator("a.language-switch").click();
        await page.waitForURL(`**/${language === "en" ? "ko" : "en"}/factor-03-config.html`);
    });

    test(`${language}: a page is printed with its commands and without its buttons`, async (t) => {
        const page = await visit(t, `/${language}/factor-03-config.html`, { width: 794, height: 1123 });
        await page.locator(".check-ready").waitFor();
        assert.ok(await page.locator(".check-run").isVisible());
        await page.emulateMedia({ media: "print" });
        assert.match(await page.locator("section.check").innerText(), /cargo xtask check factor-3/);
        for (const hidden of [".check-live", ".menu-bar", ".skip-link", ".quiz button", ".nav-wrapper"]) {
            assert.equal(await page.locator(hidden).first().isVisible(), false, hidden);
        }
        await fits(page, "paper");
        const paper = await page.pdf({ format: "A4" });
        assert.equal(paper.subarray(0, 5).toString(), "%PDF-");
        assert.ok(paper.length > 20_000, `${paper.length} bytes of paper`);
    });
}

test("paper is white and words are black, whatever the screen is", async (t) => {
    const page = await visit(t, "/en/factor-03-config.html", { scheme: "dark" });
    const colours = () => page.evaluate(() => ["main p", "main pre > code"].map((where) => {
        const style = getComputedStyle(document.querySelector(where));
        return [style.color, getComputedStyle(document.documentElement).backgroundColor];
    }));
    const white = "rgb(255, 255, 255)";
    assert.ok((await colours()).every(([, background]) => background !== white));
    await page.emulateMedia({ media: "print" });
    assert.deepEqual(await colours(), [["rgb(0, 0, 0)", white], ["rgb(0, 0, 0)", white]]);
});

test("what is too wide is scrolled by keyboard, and the page stays", async (t) => {
    const page = await visit(t, "/en/factor-03-config.html", { width: 360, height: 740 });
    const code = page.locator("main pre > code[tabindex='0']:visible").first();
    const address = page.url();
    await code.focus();
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction((element) => element.scrollLeft > 0, await code.elementHandle());
    assert.equal(page.url(), address);
});

// Presses Tab until the focus comes back to where it began, and returns what it never reached.
async function reach(page) {
    const wanted = await page.evaluate(() => {
        const usable = "a[href], button, input, select, textarea, summary, iframe, [tabindex='0']";
        const shown = (element) => element.checkVisibility({ visibilityProperty: true })
            && !element.closest("[inert]") && element.tabIndex >= 0;
        const all = [...document.querySelectorAll(usable)].filter(shown);
        // Of the radio buttons of one question, Tab reaches one and the arrow keys the others.
        const first = all.filter((element) => element.type !== "radio"
            || element === document.querySelector(`input[name="${CSS.escape(element.name)}"]`));
        globalThis.wanted = new Set(first);
        return first.length;
    });
    assert.ok(wanted > 20, `only ${wanted} things to reach`);
    for (let presses = 0; presses < wanted + 20; presses += 1) {
        await page.keyboard.press("Tab");
        await page.evaluate(() => globalThis.wanted.delete(document.activeElement));
    }
    return page.evaluate(() => [...globalThis.wanted].map((element) => element.outerHTML.slice(0, 200)));
}
