// A quiz, with the keyboard alone.
import assert from "node:assert/strict";
import { test } from "node:test";

import { LANGUAGES, visit } from "./support.mjs";

for (const language of LANGUAGES) {
    test(`${language}: a quiz is answered by keyboard, wrongly and then rightly`, async (t) => {
        const page = await visit(t, `/${language}/factor-03-config.html`);
        const address = page.url();
        const quiz = page.locator("section.quiz").first();
        const right = await quiz.locator(".quiz-reasons > li").evaluateAll(
            (reasons) => reasons.findIndex((reason) => reason.classList.contains("right")));
        const radios = quiz.locator("input[type=radio]");
        const answers = await radios.count();
        assert.ok(right >= 0 && answers >= 2);

        await radios.first().focus();
        await page.keyboard.press(" ");
        const wrong = right === 0 ? 1 : 0;
        await choose(page, radios, wrong);
        await check(page, quiz, "wrong", wrong);
        await quiz.locator("input:checked").focus();
        await choose(page, radios, right);
        await check(page, quiz, "right", right);
        assert.equal(page.url(), address, "an arrow key turned the page");
    });

    test(`${language}: a quiz without an answer says so`, async (t) => {
        const page = await visit(t, `/${language}/factor-03-config.html`);
        const quiz = page.locator("section.quiz").first();
        await quiz.locator("button").click();
        const result = quiz.locator("[role=status]");
        assert.equal(await result.innerText(), await quiz.getAttribute("data-choose"));
    });
}

async function choose(page, radios, wanted) {
    while (!await radios.nth(wanted).isChecked()) {
        await page.keyboard.press("ArrowDown");
    }
}

async function check(page, quiz, verdict, chosen) {
    await quiz.locator("button").focus();
    await page.keyboard.press("Enter");
    const result = quiz.locator("[role=status]");
    assert.match(await result.getAttribute("class"), new RegExp(`\\b${verdict}\\b`));
    const below = (one, other) => one.y >= other.y + other.height;
    assert.ok(below(await result.boundingBox(), await quiz.locator("button").boundingBox()), "beside the button");
    assert.ok(below(await quiz.locator("details").boundingBox(), await result.boundingBox()), "beside the answers");
    const reason = quiz.locator(".quiz-reasons > li").nth(chosen);
    assert.equal((await result.textContent()).trim(), (await reason.textContent()).trim());
}
