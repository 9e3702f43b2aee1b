// From one language to the other, at the section that is being read.
import assert from "node:assert/strict";
import { test } from "node:test";

import { visit } from "./support.mjs";

test("the address alone chooses the reader's language", async (t) => {
    const korean = await visit(t, "/", { locale: "ko-KR" });
    assert.match(korean.url(), /\/ko\/$/);
    const english = await visit(t, "/", { locale: "en-GB" });
    assert.match(english.url(), /\/en\/$/);
});

for (const [from, to] of [["en", "ko"], ["ko", "en"]]) {
    test(`from ${from} to ${to} at the section that is being read`, async (t) => {
        const page = await visit(t, `/${from}/factor-03-config.html`);
        await page.locator("#mistakes").evaluate((heading) => heading.scrollIntoView());
        await page.locator("a.language-switch").click();
        await page.waitForURL(`**/${to}/factor-03-config.html#mistakes`);
        assert.equal(await page.getAttribute("html", "lang"), to);
        const top = await page.locator("#mistakes").evaluate((heading) => heading.getBoundingClientRect().top);
        assert.ok(top >= 0 && top < 450, `the section is ${top} pixels from the top`);
    });

    test(`from ${from} to ${to} by keyboard, at the top`, async (t) => {
        const page = await visit(t, `/${from}/glossary.html`);
        await page.locator("a.language-switch").focus();
        await page.keyboard.press("Enter");
        await page.waitForURL(`**/${to}/glossary.html`);
        assert.equal(await page.getAttribute("html", "lang"), to);
    });
}

test("each page tells search engines of its other language", async (t) => {
    const page = await visit(t, "/ko/glossary.html");
    const links = page.locator("link[rel=alternate][hreflang]");
    const addresses = await links.evaluateAll((all) => all.map((link) => [link.hreflang, new URL(link.href).pathname]));
    assert.deepEqual(addresses.sort(), [["en", "/en/glossary.html"], ["ko", "/ko/glossary.html"]]);
});
