// The lab in Chromium: it can be typed at, judged, shared, used by everybody, and without a network.

import { after, before, test } from "node:test";
import { readFileSync } from "node:fs";
import assert from "node:assert/strict";
import { PATIENCE, is, origin, start, stop, visit } from "./site.mjs";

const AXE = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const FAILS = "try.html#" + new URLSearchParams({ lab: "buddy", play: "init 16\nfree 0 16\nfree 0 1\nalloc 3 3" });

before(start);
after(stop);

async function violations(page) {
    await page.evaluate(AXE);
    const { violations: found } = await page.evaluate(() => globalThis.axe.run());
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 80)).join(" ")}`);
}

test("what is typed is played, judged and drawn; then all of it works without a network", () =>
    visit("try.html", {}, async (page, context) => {
        await is(page, "ready", "yes");
        await page.getByLabel("buddy>").fill("init 16");
        await page.keyboard.press("Enter");
        await is(page, "played", "1");
        assert.match(await page.locator("#log").textContent(), /buddy> init 16size=\d+/);
        await page.getByLabel("buddy>").fill("free 0 16");
        await page.keyboard.press("Enter");
        await page.getByRole("button", { name: "init 16" }).waitFor();
        await is(page, "judged", "2");
        assert.match(await page.locator("#judge").textContent(), /✓ Every sentence of the contract was kept/);
        assert.ok(await page.locator("#picture svg").count() > 0);
        assert.deepEqual(await violations(page), []);
        await page.evaluate(() => navigator.serviceWorker.ready);
        await context.setOffline(true);
        await page.goto(`${origin}/${FAILS}`);
        await page.reload();
        await is(page, "judged", "4");
        assert.match(await page.locator("#log").textContent(), /panic/);
    }));

test("a phone, dark, less motion: nothing is wider than the screen, nothing is wrong for axe", () =>
    visit(FAILS, { viewport: { width: 360, height: 740 }, colorScheme: "dark", reducedMotion: "reduce" }, async (page) => {
        await is(page, "played", "4");
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
        assert.deepEqual(await violations(page), []);
    }));

test("a fragment that is hostile is text", () =>
    visit("try.html#" + new URLSearchParams({ lab: "<img src=x onerror=alert(1)>", next: "<b>x</b>",
        play: `init 8\n<img src=x onerror='window.hacked=1'>\n${"free 0 1\n".repeat(300)}` }), {}, async (page) => {
        await is(page, "ready", "yes");
        assert.equal(await page.evaluate(() => window.hacked), undefined);
        assert.equal(await page.locator("main img").count(), 0);
    }));

test("each box of a handout boots its lab's kernel, which answers", () =>
    visit("1-buddy.html", {}, async (page) => {
        const box = page.locator("details.try").first();
        await box.locator("summary").click();
        const inside = page.frameLocator("details.try iframe").first();
        await inside.getByRole("button", { name: "init 16" }).click();
        await inside.locator("#log", { hasText: "size=" }).waitFor({ timeout: PATIENCE });
    }));

test("what is no kernel is refused in a sentence", () =>
    visit("grade.html", {}, async (page) => {
        await page.getByLabel("Kernel image").setInputFiles({ name: "x", mimeType: "x/y", buffer: Buffer.from("no kernel") });
        await page.locator("#lab").selectOption("vpalloc");
        await page.getByRole("button", { name: "Grade", exact: true }).click();
        await page.locator("#judge", { hasText: "This is no kernel image" }).waitFor({ timeout: PATIENCE });
        assert.deepEqual(await violations(page), []);
    }));
