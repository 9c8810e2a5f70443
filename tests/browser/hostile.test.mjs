// A submission writes markup, template code and terminal escapes wherever it can: all of it is text.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { openStory, screenshot, start, stop, visit } from "./browser.mjs";

before(start);
after(stop);

const SHOWN = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>";

test("nothing that a student wrote becomes an element, or runs", () =>
    visit("hostile", {}, async (page) => {
        const viewer = await openStory(page, "buddy-starts_empty");
        await viewer.focus();
        for (const key of ["Home", "ArrowRight", "End"]) await page.keyboard.press(key);
        for (const story of await page.locator("details.test:not([open]) summary").all()) await story.click();
        const seen = await page.evaluate(() => ({
            hacked: window.hacked,
            scripts: document.querySelectorAll("script").length,
            images: document.querySelectorAll("img, iframe, object, embed, b:not(.points b)").length,
            handlers: document.querySelectorAll("[onerror], [onload]").length,
        }));
        assert.deepEqual(seen, { hacked: undefined, scripts: 2, images: 0, handlers: 0 });
        await screenshot(page, "hostile", { fullPage: true });
    }));

test("it is shown as it was written, in each of its places", () =>
    visit("hostile", {}, async (page) => {
        const viewer = await openStory(page, "buddy-starts_empty");
        const texts = await page.evaluate(() => document.body.innerText);
        assert.ok(texts.split(SHOWN).length - 1 >= 8);
        assert.ok(texts.includes("{{7*7}}"));
        await viewer.locator(".nearby button").nth(1).click();
        assert.ok((await viewer.locator(".now").textContent()).includes(SHOWN));
    }));

test("even markup that got in would not run", () =>
    visit("passed", {}, async (page) => {
        const blocked = await page.evaluate(() => new Promise((resolve) => {
            document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
            const image = document.createElement("div");
            image.innerHTML = "<img src='data:,' onerror='window.hacked = 1'>";
            document.body.append(image);
        }));
        assert.match(blocked, /script-src/);
        assert.equal(await page.evaluate(() => window.hacked), undefined);
    }, /Content Security Policy/));
