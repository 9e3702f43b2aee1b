// The room in a real browser: joining, verdicts as they come, hands, announcements, the projector, both languages.
import assert from "node:assert/strict";
import { test } from "node:test";

import { LANGUAGES, SCHEMES, accessible, fits, visit } from "../../server/browser/tests/support.mjs";
import { Attendee, Way, asInstructor, invitation, read, secret, someName } from "./room.mjs";

// A check that every copy of the workshop knows.
const CHECK = "missing-required-fails-fast";

test("the instructor's address signs in, and the secret leaves the address", async (t) => {
    const page = await visit(t, `/instructor#${secret}`);
    await page.waitForURL("**/room");
    assert.equal(await page.locator("h1").innerText(), "Room");
    assert.doesNotMatch(page.url(), new RegExp(secret));
});

test("an invitation tells the command, and whoever runs it appears", async (t) => {
    const room = await asInstructor(t, "/room");
    const page = await visit(t, new URL(await invitation()).pathname);
    const command = await page.locator("code.big").innerText();
    assert.match(command, /^cargo xtask join http:\/\/localhost:\d+\/join\/[0-9A-Z]{6}$/);
    assert.equal(await page.locator("svg.qr").count(), 1);
    const name = someName();
    const attendee = await Attendee.joined(name);
    assert.match(attendee.said, new RegExp(`as ${name}`));
    await room.getByRole("link", { name }).waitFor();
});

test("a verdict appears by itself, and the keyboard stays where it was", async (t) => {
    const name = someName();
    const attendee = await Attendee.joined(name);
    const room = await asInstructor(t, "/room");
    const row = room.locator("#rows tr").filter({ hasText: name });
    await row.waitFor();
    await room.locator("#words").focus();
    await room.keyboard.type("half a sen");
    await attendee.reports(3, CHECK, "hung");
    await row.locator("td.s-failed").waitFor();
    assert.match(await row.innerText(), /factor-3\/missing-required-fails-fast/);
    assert.equal(await row.locator("td.s-failed .unseen").innerText(), "failing");
    await room.keyboard.type("tence");
    assert.equal(await room.locator("#words").inputValue(), "half a sentence");
    await attendee.reports(3);
    await row.locator("td.s-passed").waitFor();
    await row.getByRole("link").click();
    await room.waitForURL("**/attendees/*");
    assert.match(await room.locator("ol.line").innerText(), /passed[\s\S]*failing/);
});

test("a page that lost the board says so, and comes back with what happened meanwhile", async (t) => {
    const way = await Way.open();
    t.after(() => way.cut());
    const excused = (complaint) => complaint.includes("net::ERR_");
    const room = await asInstructor(t, "/room", { baseURL: way.url, excused });
    const [leaves, comes] = [someName(), someName()];
    const attendee = await Attendee.joined(leaves);
    await room.getByRole("link", { name: leaves }).waitFor();
    await way.cut();
    await room.locator("#lost").waitFor();
    await attendee.xtask("join", "--leave");
    await Attendee.joined(comes);
    await way.mend();
    await room.getByRole("link", { name: comes }).waitFor();
    await room.locator("#lost").waitFor({ state: "hidden" });
    assert.equal(await room.getByRole("link", { name: leaves }).count(), 0);
});

test("a raised hand is seen, answered by keyboard, and gone", async (t) => {
    const name = someName();
    const attendee = await Attendee.joined(name);
    const room = await asInstructor(t, "/room");
    assert.match(await attendee.xtask("hand", "factor-3"), /Your hand is up/);
    const hand = room.locator("#hands li").filter({ hasText: name });
    await hand.waitFor();
    assert.match(await hand.innerText(), /Factor 3/);
    await hand.getByRole("button", { name: `Done: ${name}` }).focus();
    await room.keyboard.press("Enter");
    await hand.waitFor({ state: "detached" });
    assert.match(room.url(), /\/room$/);
});

test("an attendee's page opens by the link in the terminal, and shows nobody else", async (t) => {
    const [name, other] = [someName(), someName()];
    const attendee = await Attendee.joined(name);
    await Attendee.joined(other);
    const [link] = attendee.said.match(/\/me\/sign-in#\S+/);
    const page = await visit(t, link);
    await page.waitForURL("**/me");
    await page.getByRole("button", { name: "Raise my hand" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("Your hand is up").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "hand-button", "the focus was lost");
    await attendee.reports(9, "some-check", "lost");
    await page.locator("#own").getByText("some-check (lost)").waitFor();
    assert.doesNotMatch(await page.content(), new RegExp(other));
    for (const scheme of SCHEMES) {
        await page.emulateMedia({ colorScheme: scheme });
        await page.setViewportSize({ width: 360, height: 740 });
        await accessible(page, `/me, ${scheme}`);
        await fits(page, `/me, ${scheme}`);
    }
});

test("an announcement and an opened solution reach pages and terminals", async (t) => {
    const attendee = await Attendee.joined(someName());
    const [link] = attendee.said.match(/\/me\/sign-in#\S+/);
    const own = await visit(t, link);
    await own.waitForURL("**/me");
    const room = await asInstructor(t, "/room");
    const words = `Lunch, ${someName()}`;
    await room.locator("#words").fill(words);
    await room.keyboard.press("Enter");
    await own.getByRole("status").getByText(words).waitFor();
    assert.match(await attendee.xtask("join"), new RegExp(`From the instructor: ${words}`));
    await room.locator("#factor").selectOption("3");
    await room.getByRole("button", { name: "Open the solution" }).click();
    await own.getByText("The solution of factor 3 is open").waitFor();
    assert.match(await attendee.xtask("solution", "factor-3"), /solutions\/factor-03-config/);
});

test("the projector shows the way in, the time and numbers, and no name", async (t) => {
    const name = someName();
    const attendee = await Attendee.joined(name);
    await attendee.reports(3, CHECK, "hung");
    const room = await asInstructor(t, "/room");
    await room.getByRole("button", { name: "Begin: Three hours" }).click();
    await room.locator("#pace").getByText("step 1 of").waitFor();
    for (const language of LANGUAGES) {
        const page = await asInstructor(t, `/projector?lang=${language}`, { width: 1920, height: 1080 });
        await page.locator("time.left").getByText(/\d+:\d\d/).waitFor();
        await page.locator("svg.qr").waitFor();
        await page.locator("#groups li").first().waitFor();
        assert.doesNotMatch(await page.content(), new RegExp(name));
    }
    await room.getByRole("button", { name: "Next" }).click();
    await room.locator("#pace").getByText("step 2 of").waitFor();
});

test("what the room fails with leads to the mistake's diff", async (t) => {
    for (let n = 0; n < 2; n += 1) {
        await (await Attendee.joined(someName())).reports(3, CHECK, "hung");
    }
    const room = await asInstructor(t, "/room");
    const group = room.locator("#groups li").filter({ hasText: `factor-3/${CHECK} (hung)` });
    await group.waitFor();
    await group.getByRole("link", { name: "The mistake" }).click();
    await room.locator("pre.diff ins").first().waitFor();
});

test("a nickname is shown as it was typed, and never run", async (t) => {
    const name = "<img src=x onerror=alert(1)>";
    await Attendee.joined(name);
    const room = await asInstructor(t, "/room");
    // The board cuts it at 24 letters.
    await room.getByRole("link", { name: name.slice(0, 24) }).first().waitFor();
    assert.equal(await room.locator("main img").count(), 0);
});

test("every page is for everybody, on every screen, in both languages", async (t) => {
    const name = someName();
    const attendee = await Attendee.joined(name);
    await attendee.reports(3, CHECK, "hung");
    await attendee.xtask("hand");
    const [, own] = (await read("/room")).match(new RegExp(`/attendees/([0-9a-f]+)">${name}<`));
    const pages = ["/room", "/projector", "/report", `/attendees/${own}`, `/mistakes/3/${CHECK}/hung`, "/instructor", "/"];
    for (const path of [...pages, new URL(await invitation()).pathname]) {
        // Each language in one of the schemes: texts differ by language, colours by scheme.
        for (const [n, language] of LANGUAGES.entries()) {
            const [where, scheme] = [`${path}?lang=${language}`, SCHEMES[n]];
            const page = await asInstructor(t, where, { scheme, width: 360, height: 740 });
            assert.equal(await page.getAttribute("html", "lang"), language);
            await accessible(page, `${where}, ${scheme}`);
            await fits(page, `${where}, ${scheme}`);
            await page.context().close();
        }
    }
});
