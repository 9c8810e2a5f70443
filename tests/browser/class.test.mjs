// The page about a class of 200, in Chromium: it fits its place, and somebody is found on it.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { screenshot, start, stop, visit } from "./browser.mjs";

before(start);
after(stop);

const shown = (page) => page.locator("table.everybody tbody tr:not([hidden])");

for (const width of [390, 1006, 1920]) {
    test(`at ${width} pixels nothing has to be scrolled sideways`, () =>
        visit("class", { viewport: { width, height: 900 } }, async (page) => {
            const tooWide = await page.locator(".wide, html").evaluateAll((parts) =>
                parts.filter((part) => part.scrollWidth > part.clientWidth)
                    .map((part) => `${part.getAttribute("aria-labelledby")}: ${part.scrollWidth} in ${part.clientWidth}`));
            assert.deepEqual(tooWide, []);
            await screenshot(page, `class-${width}`, { fullPage: true });
        }));
}

test("on a phone everybody has a card, whose cells say what they are, in letters that can be read", () =>
    visit("class", { viewport: { width: 390, height: 800 }, isMobile: true }, async (page) => {
        const cell = shown(page).first().locator("td").nth(1);
        assert.equal(await cell.evaluate((td) => getComputedStyle(td, "::before").content.replaceAll('"', "").trim()), "buddy");
        const sizes = await page.locator(".histogram li span").evaluateAll((texts) =>
            texts.map((text) => parseFloat(getComputedStyle(text).fontSize)));
        assert.ok(Math.min(...sizes) >= 12);
        assert.equal(await page.locator("table.everybody tbody tr:visible").count(), 15);
        await shown(page).nth(3).scrollIntoViewIfNeeded();
        await screenshot(page, "class-cards");
    }));

test("somebody is found by a part of the name, by lab, by mistake", () =>
    visit("class", {}, async (page) => {
        await shown(page).nth(49).waitFor();
        assert.equal(await shown(page).count(), 50);
        await page.getByRole("button", { name: "Show all 200" }).click();
        assert.equal(await shown(page).count(), 200);
        await page.getByLabel("Search").fill("STUDENT-12");
        assert.equal(await shown(page).count(), 10);
        assert.equal(await page.getByRole("status").textContent(), "10 of 200 submissions");
        await page.getByLabel("Search").fill("");
        await page.getByRole("combobox", { name: "Lab" }).selectOption("paging: nothing");
        const marks = await shown(page).locator("td[data-label=paging]").allTextContents();
        assert.ok(marks.length > 0 && marks.length < 200 && marks.every((mark) => mark === "–"));
        await page.locator("#mistakes").locator("..").locator("a[data-mistake]").first().press("Enter");
        const [count] = (await page.getByRole("region", { name: "The most common mistakes" })
            .locator("a[data-mistake]").first().textContent()).match(/\d+/);
        assert.equal(await shown(page).count(), Number(count));
    }));

test("the map of what they have not understood leads to those whom it counts, and says how many more there are", () =>
    visit("class", {}, async (page) => {
        await page.getByRole("button", { name: "Show all" }).click();
        const map = page.getByRole("region", { name: "What they have not understood" });
        const places = map.locator("tbody tr");
        assert.ok(await places.count() > 12);
        for (const place of [places.first(), places.nth(5), places.last()]) {
            const link = place.locator("a[data-mistake]");
            const count = parseInt(await link.textContent());
            await link.press("Enter"); // a click could still meet the page scrolling to where the last one led
            assert.equal(await shown(page).count(), count);
            assert.equal(await page.getByRole("status").textContent(), `${count} of 200 submissions`);
        }
        assert.match(await places.first().locator("td[data-label=since]").textContent(), /^\+\d+$/);
        assert.equal(await places.first().locator("td[data-label='in the handout']").textContent() === "", false);
    }));

test("a click on a column's name sorts by it, a second one the other way", () =>
    visit("class", {}, async (page) => {
        await page.getByRole("button", { name: "Show all" }).click();
        const points = async () => (await shown(page).locator("td[data-label=points]").allTextContents()).map(parseFloat);
        const button = page.getByRole("button", { name: "points" });
        await button.click();
        const falling = await points();
        assert.deepEqual(falling, [...falling].sort((a, b) => b - a));
        assert.equal(await page.locator("[aria-sort]").getAttribute("aria-sort"), "descending");
        await button.click();
        assert.deepEqual(await points(), falling.toSorted((a, b) => a - b));
    }));
