// The report in Chromium: it opens, it can be stepped through, everybody can read it.

import { readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { DESKTOP, PAGES, PHONE, openStory, screenshot, start, stop, visit } from "./browser.mjs";

before(start);
after(stop);

const operation = (viewer) => viewer.locator(".now code").textContent();
const drawing = (viewer) => viewer.locator(".stage").evaluate((stage) =>
    stage.innerHTML.replace(/picture-\d+/g, ""));

test("it opens at the first test that failed, at the operation that went wrong", () =>
    visit("labs-1", {}, async (page) => {
        const viewer = page.locator("details[open] .viewer");
        assert.equal(await viewer.count(), 1);
        assert.match(await viewer.locator(".now").textContent(), /this went wrong/);
        await screenshot(page, "report-desktop");
    }));

test("the last good state stands beside what was seen", () =>
    visit("story", {}, async (page) => {
        const viewer = await openStory(page, "buddy-starts_empty");
        const headings = await viewer.locator("figcaption").allTextContents();
        assert.deepEqual(headings, ["Before: the last good state", "What was seen"]);
        const [left, right] = await Promise.all([0, 1].map((i) =>
            viewer.locator("figure").nth(i).boundingBox()));
        assert.equal(left.y, right.y);
        assert.ok(left.x + left.width <= right.x);
        await screenshot(page, "report-both");
    }));

test("the arrow keys step, and stepping back shows the same picture again", () =>
    visit("long", {}, async (page) => {
        const viewer = await openStory(page, "buddy-starts_empty");
        await viewer.focus();
        await page.keyboard.press("Home");
        assert.equal(await operation(viewer), "init 1024");
        const seen = [await drawing(viewer)];
        for (let i = 0; i < 20; i++) {
            await page.keyboard.press("ArrowRight");
            seen.push(await drawing(viewer));
        }
        assert.equal(new Set(seen).size, seen.length, "every operation changes the picture");
        for (let i = 19; i >= 0; i--) {
            await page.keyboard.press("ArrowLeft");
            assert.equal(await drawing(viewer), seen[i]);
        }
        await page.keyboard.press("ArrowLeft");
        assert.equal(await operation(viewer), "init 1024", "there is nothing before the first");
        await page.keyboard.press("PageDown");
        assert.equal(await drawing(viewer), seen[10]);
        await page.keyboard.press("End");
        assert.match(await viewer.locator(".now").textContent(), /Operation 5000.*went wrong/);
    }));

test("buttons, the slider and the list of operations step as well", () =>
    visit("story", {}, async (page) => {
        const viewer = await openStory(page, "buddy-starts_empty");
        await viewer.getByRole("button", { name: "First operation" }).click();
        assert.equal(await operation(viewer), "init 8");
        await viewer.getByRole("button", { name: "Next operation" }).click();
        assert.equal(await operation(viewer), "free 0 4");
        await viewer.getByRole("slider").focus();
        await page.keyboard.press("End");
        assert.equal(await operation(viewer), "alloc 2 2");
        await viewer.locator(".nearby button").first().click();
        assert.equal(await operation(viewer), "init 8");
    }));

test("the arrow keys work before anything was clicked, and after the list was", () =>
    visit("story", {}, async (page) => {
        const viewer = await openStory(page, "buddy-starts_empty");
        await viewer.scrollIntoViewIfNeeded();
        await page.evaluate(() => document.activeElement.blur());
        await page.keyboard.press("ArrowLeft");
        assert.match(await viewer.locator(".now").textContent(), /^Operation 3/);
        await viewer.locator(".nearby button").first().click();
        await page.keyboard.press("ArrowRight");
        assert.match(await viewer.locator(".now").textContent(), /^Operation 2/);
    }));

test("the words stay open, and say of each step what is to be seen", () =>
    visit("story", {}, async (page) => {
        const viewer = await openStory(page, "buddy-starts_empty");
        await viewer.getByText("In words").click();
        const words = viewer.locator(".words p");
        assert.match(await words.textContent(), /Before: the last good state.*What was seen/);
        await page.keyboard.press("ArrowLeft");
        assert.ok(await words.isVisible());
        assert.match(await words.textContent(), /6 units of 8 free, in 2 blocks: 0–3, 6–7/);
    }));

test("five thousand operations never fill the page", (context) =>
    visit("long", {}, async (page) => {
        const viewer = await openStory(page, "buddy-starts_empty");
        await viewer.focus();
        const nodes = () => page.evaluate(() => document.querySelectorAll("*").length);
        const counts = [];
        for (const key of ["Home", ...Array(60).fill("PageDown"), "End", ...Array(60).fill("ArrowLeft")]) {
            await page.keyboard.press(key);
            counts.push(await nodes());
        }
        assert.ok(Math.max(...counts) < 2000, `${Math.max(...counts)} elements`);
        context.diagnostic(`at most ${Math.max(...counts)} elements in the page`);
    }));

// Which of the oracles' faults comes first on a page is theirs to say.
const EVERY_FAULT = readdirSync(PAGES).filter((name) => /^labs-\d+\.html$/.test(name)).sort()
    .map((name) => name.replace(".html", ""));
const LABS = ["buddy", "ppalloc", "vpalloc", "kvmalloc", "malloc", "paging"];

// Opens every story there is in a part of the page.
async function openAll(page, part = "body") {
    await page.evaluate((selector) => {
        for (const story of document.querySelectorAll(`${selector} details.test`)) story.open = true;
    }, part);
    await page.waitForFunction((selector) =>
        !document.querySelector(`${selector} details[open] .viewer.waiting[data-film]`), part);
}

// Pictures without words, or with numbers that are none. Runs in the page.
function faultyPictures() {
    const found = [];
    for (const svg of document.querySelectorAll(".stage svg")) {
        const where = svg.closest("details.test").id;
        const named = svg.getAttribute("aria-labelledby").split(" ")
            .map((id) => document.getElementById(id)?.textContent ?? "");
        if (svg.getAttribute("role") !== "img" || !named.every(Boolean)) found.push(`${where}: no words`);
        if (/NaN|undefined|Infinity/.test(svg.outerHTML)) found.push(`${where}: ${svg.outerHTML}`);
    }
    return found;
}

test("every picture has a name and words, and every number in it is one", async (context) => {
    let pictures = 0;
    for (const name of EVERY_FAULT) {
        await visit(name, {}, async (page) => {
            await openAll(page);
            assert.deepEqual(await page.evaluate(faultyPictures), []);
            pictures += await page.locator(".stage svg").count();
        });
    }
    assert.ok(pictures > 300);
    context.diagnostic(`${pictures} pictures`);
});

for (const lab of LABS) {
    test(`stories of lab ${lab} have pictures`, async () => {
        let found = 0;
        for (const name of EVERY_FAULT) {
            if (found >= 5) return;
            await visit(name, {}, async (page) => {
                const section = `section[aria-labelledby=lab-${lab}]`;
                await openAll(page, section);
                const drawn = page.locator(`${section} details.test`)
                    .filter({ has: page.locator(".stage svg rect") });
                found += await drawn.count();
                if (found >= 5) await screenshot(drawn.last(), `lab-${lab}`);
            });
        }
        assert.ok(found >= 5, `${found} pictures`);
    });
}

test("a page without a fault has an example for each test, from its beginning", () =>
    visit("passed", {}, async (page) => {
        assert.equal(await page.locator("details[open]").count(), 0);
        const viewer = await openStory(page, "buddy-coalescing");
        assert.equal(await operation(viewer), "init 8");
        await viewer.focus();
        await page.keyboard.press("End");
        assert.match(await viewer.locator("svg desc").textContent(),
            /5 units of 8 free, in 2 blocks: 3, 4–7. Allocated: 0–2 by operation 3./);
    }));

test("headings descend one by one, names are given, ids are unique", () =>
    visit("labs-1", {}, async (page) => {
        await openStory(page, "paging-rights");
        const problems = await page.evaluate(() => {
            const found = [];
            let last = 0;
            for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
                const level = Number(heading.tagName[1]);
                if (level > last + 1) found.push(`${heading.textContent}: h${level} after h${last}`);
                last = level;
            }
            if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
            if (!document.documentElement.lang || !document.title) found.push("no language or title");
            for (const control of document.querySelectorAll("button, input, a, [role=group], pre")) {
                const name = control.getAttribute("aria-label") ?? control.textContent.trim();
                if (!name) found.push(`no name: ${control.outerHTML}`);
            }
            const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
            if (new Set(ids).size !== ids.length) found.push("an id stands twice");
            for (const link of document.querySelectorAll("a[href^='#']")) {
                if (!document.getElementById(link.hash.slice(1))) found.push(`${link.hash} leads nowhere`);
            }
            return found;
        });
        assert.deepEqual(problems, []);
    }));

for (const colorScheme of ["light", "dark"]) {
    test(`all text stands out from what is behind it, ${colorScheme}`, () =>
        visit("labs-1", { colorScheme }, async (page) => {
            await openAll(page);
            assert.deepEqual(await page.evaluate(faintTexts), []);
            await screenshot(page, `report-${colorScheme}`);
        }));
}

// Texts whose contrast is under 4.5 to 1, measured as WCAG 2 does. Runs in the page.
function faintTexts() {
    const channels = (color) => color.match(/[\d.]+/g).map(Number);
    const luminance = ([r, g, b]) => {
        const linear = [r, g, b].map((c) => c / 255)
            .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    };
    const behind = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const [r, g, b, a = 1] = channels(getComputedStyle(at).backgroundColor);
            if (a === 1) return [r, g, b];
        }
        return [255, 255, 255];
    };
    const found = new Set();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
        const element = node.parentElement, style = getComputedStyle(element);
        if (!node.textContent.trim() || !element.checkVisibility() || element.closest("[aria-disabled=true]")) continue;
        if (element.closest("title, desc, script, style, .skip")) continue;
        const ink = luminance(channels(element.closest("svg") ? style.fill : style.color));
        const ground = luminance(behind(element));
        const contrast = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
        if (contrast < 4.5) found.add(`${element.className}: ${node.textContent.trim()} ${contrast.toFixed(2)}`);
    }
    return [...found];
}

const ON_A_PHONE = { viewport: PHONE, hasTouch: true, isMobile: true };

test("on a phone nothing sticks out of the page", () =>
    visit("labs-1", ON_A_PHONE, async (page) => {
        await openAll(page);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= PHONE.width, `${width} pixels wide`);
    }));

test("fingers find the buttons", () =>
    visit("story", ON_A_PHONE, async (page) => {
        const viewer = await openStory(page, "buddy-starts_empty");
        for (const button of await viewer.locator(".controls button").all()) {
            const { width: wide, height } = await button.boundingBox();
            assert.ok(wide >= 44 && height >= 44, `${wide} × ${height}`);
        }
        await viewer.getByRole("button", { name: "Operation before" }).tap();
        assert.equal(await operation(viewer), "free 6 2");
        await viewer.scrollIntoViewIfNeeded();
        await screenshot(page, "report-phone");
    }));

test("a picture is drawn anew when the window gets narrower", () =>
    visit("story", {}, async (page) => {
        const viewer = await openStory(page, "buddy-starts_empty");
        const width = async () => Number(await viewer.locator("svg").first().getAttribute("width"));
        const wide = await width();
        await page.setViewportSize({ width: 500, height: DESKTOP.height });
        await page.waitForFunction((before) =>
            Number(document.querySelector("#buddy-starts_empty svg").getAttribute("width")) !== before, wide);
        await page.setViewportSize(PHONE);
        await page.waitForFunction(() => document.documentElement.scrollWidth <= innerWidth);
        assert.ok(await width() < PHONE.width);
    }));

test("the keyboard alone reaches the pictures, and shows where it is", () =>
    visit("passed", {}, async (page) => {
        await page.locator("details.test summary").first().focus();
        await page.keyboard.press("Enter");
        await page.locator("details[open] .viewer .now").waitFor();
        await page.keyboard.press("Tab");
        const focused = () => page.evaluate(() => ({
            group: document.activeElement.className,
            outline: getComputedStyle(document.activeElement).outlineStyle,
        }));
        assert.deepEqual(await focused(), { group: "viewer", outline: "solid" });
        await page.keyboard.press("ArrowRight");
        assert.equal(await page.locator("details[open] .now code").textContent(), "free 0 8");
    }));

test("what is said of a step is said to a screen reader, too", () =>
    visit("passed", {}, async (page) => {
        const viewer = await openStory(page, "buddy-coalescing");
        const live = viewer.locator("[aria-live=polite]");
        assert.match(await live.textContent(), /Operation 1/);
        await viewer.focus();
        await page.keyboard.press("End");
        assert.match(await live.textContent(), /Operation 3.*alloc 3 3.*count=3 start=0/);
        assert.match(await viewer.getByRole("slider").getAttribute("aria-valuetext"),
            /operation 3: alloc 3 3/);
    }));

test("who wants less motion gets none, and without scripts there is the story", async () => {
    await visit("story", { reducedMotion: "reduce" }, async (page) => {
        assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior),
            "auto");
    });
    await visit("story", { javaScriptEnabled: false }, async (page) => {
        const story = page.locator("#buddy-starts_empty");
        assert.ok(await story.getByText("Expected", { exact: true }).isVisible());
        assert.ok(await story.getByText("Before this operation, by what was answered so far:").isVisible());
    });
});

test("a link to a test opens it", () =>
    visit("labs-1", {}, async (page) => {
        await page.evaluate(() => { location.hash = "#paging-rights"; });
        await page.locator("#paging-rights .viewer .now").waitFor();
    }));

for (const [device, options] of [["a desktop", {}], ["a phone", ON_A_PHONE]]) {
    test(`a page that is opened at a test shows that test, on ${device}`, () =>
        visit("labs-1", options, async (page) => {
            const address = page.url();
            await page.goto("about:blank");
            await page.goto(`${address}#paging-rights`);
            const story = page.locator("#paging-rights");
            await story.locator(".viewer .now").waitFor();
            await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
            assert.ok(Math.abs((await story.boundingBox()).y) < 5, `${(await story.boundingBox()).y} pixels off`);
        }));
}
