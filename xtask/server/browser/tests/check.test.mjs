// A live check on a real exercise, in a copy of the workshop: it fails, is repaired, and passes.
import assert from "node:assert/strict";
import { appendFileSync, copyFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { SCHEMES, accessible, fits, needed, visit } from "./support.mjs";

const COPY = needed("WORKSHOP_COPY");
const PAGE = "factor-03-config.html";

// The first check builds the service.
const GRADED = { timeout: 300_000 };

test("a check fails, is followed over a reload, and passes after the repair", { timeout: 600_000 }, async (t) => {
    const page = await visit(t, `/en/${PAGE}`);
    const widget = page.locator("section.check");
    await start(page, widget);
    const address = page.url();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowLeft");
    assert.equal(page.url(), address, "an arrow key turned the page");

    // Somewhere in the middle: the run goes on without the page, and the page finds it again.
    await widget.locator(".check-list > li").first().waitFor(GRADED);
    await page.reload();
    await ended(widget, /^Not passed yet: \d of \d required checks pass\.$/);
    const failures = await verdicts(widget, "FAIL");
    assert.ok(failures > 3, `${failures} failures`);
    await tells(widget, ["did", "expected", "seen", "reason"], "Hint 1 of 3");
    assert.match(await widget.locator(".check-fact").first().innerText(), /environment/);

    repair();
    await start(page, widget);
    await ended(widget, /^Passed(\.|, \d not tested on this machine\.)$/);
    assert.equal(await verdicts(widget, "FAIL"), 0);
    assert.ok(await verdicts(widget, "PASS") > 3);
    assert.match(await widget.locator(".check-open").innerText(), /cargo xtask solution factor-3/);
    assert.equal(await page.evaluate(() => document.activeElement.className), "check-run", "the focus was lost");
});

test("Korean pages tell it in Korean, to everybody, on every screen", async (t) => {
    // The last run of the test before, shown again.
    for (const scheme of SCHEMES) {
        const page = await visit(t, `/ko/${PAGE}`, { scheme, width: 360, height: 740 });
        const widget = page.locator("section.check");
        await ended(widget, /통과했습니다\./);
        assert.match(await widget.locator(".check-fact").first().innerText(), /[가-힣]/);
        assert.match(await widget.locator(".check-open").innerText(), /핵심 검사를 모두 통과했습니다/);
        await accessible(page, `${PAGE} after a check, ${scheme}`);
        await fits(page, `${PAGE} after a check, ${scheme}`);
    }
});

test("a service that does not build is told in both languages, to everybody, on every screen", GRADED, async (t) => {
    breakBuild();
    const english = await visit(t, `/en/${PAGE}`);
    const widget = english.locator("section.check");
    await start(english, widget);
    await ended(widget, /^Blocked: /);
    await tells(widget, ["did", "expected", "seen", "reason"], "Hint 1 of 3");
    assert.match(await widget.locator(".check-text").first().innerText(), /\[build\] error/);
    for (const scheme of SCHEMES) {
        const korean = await visit(t, `/ko/${PAGE}`, { scheme, width: 360, height: 740 });
        const told = korean.locator("section.check");
        await ended(told, /검사를 시작하지 못했습니다\./);
        await tells(told, ["한 일", "기대", "실제", "이유 코드"], "힌트 1/3");
        await accessible(korean, `${PAGE} blocked, ${scheme}`);
        await fits(korean, `${PAGE} blocked, ${scheme}`);
    }
});

// By keyboard, as a reader without a mouse does. Nothing but the verdicts moves meanwhile.
async function start(page, widget) {
    await widget.locator(".check-ready .check-run[aria-disabled=false]").waitFor();
    await widget.locator(".check-run").focus();
    await page.keyboard.press("Enter");
    await widget.locator(".check-run[aria-disabled=true]").waitFor();
}

async function ended(widget, summary) {
    const status = widget.getByRole("status").filter({ hasText: /./ });
    await status.waitFor(GRADED);
    assert.match(await status.innerText(), summary);
    await widget.locator(".check-run[aria-disabled=false]").waitFor();
}

function verdicts(widget, verdict) {
    return widget.locator(`.check-list [data-verdict=${verdict}]`).count();
}

// The first failure is unfolded and complete.
async function tells(widget, names, hint) {
    const story = widget.locator("details.check-story[open]").first();
    assert.deepEqual(await story.locator("dt").allInnerTexts(), names);
    for (const said of await story.locator("dd").allInnerTexts()) {
        assert.ok(said.trim().length > 3, `too short: ${said}`);
    }
    assert.match(await story.locator(".check-hint").innerText(), new RegExp(hint));
}

// The solution's files over the exercise's, which also lies without a file that should never have been there.
function repair() {
    rmSync(join(COPY, "exercises/factor-03-config/.env"));
    const from = join(COPY, "solutions/factor-03-config/src");
    for (const file of readdirSync(from)) {
        copyFileSync(join(from, file), join(COPY, "exercises/factor-03-config/src", file));
    }
}

function breakBuild() {
    appendFileSync(join(COPY, "exercises/factor-03-config/src/main.rs"), "\nfn broken( {\n");
}
