// Takes the pictures of docs/report.md and docs/class.md of the pages that pictured.py made:
// `node shoot.mjs PAGES DOCS`, PAGES being an absolute path.

import { mkdirSync } from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";

const [pages, docs] = process.argv.slice(2);
const PHONE = { viewport: { width: 390, height: 800 }, isMobile: true };
const WIDE = { viewport: { width: 1000, height: 800 }, deviceScaleFactor: 1 };
const DARK = { colorScheme: "dark" };
const viewer = (test) => ({ test, part: `#${test} .viewer` });
const SHOTS = {
    "report.html": [
        { name: "report/page", test: "buddy-coalescing", ...WIDE },
        { name: "report/story", test: "buddy-coalescing", part: "#buddy-coalescing" },
        { name: "report/phone", test: "ppalloc-overlapping", part: "#ppalloc-overlapping .stage", ...PHONE, ...DARK },
        { name: "report/frames", ...viewer("kvmalloc-scattered_frames") },
        { name: "report/heap", ...viewer("malloc-realloc"), ...DARK },
        { name: "report/directories", ...viewer("paging-out_of_memory") },
    ],
    "class/index.html": [
        { name: "class/page", ...WIDE, viewport: { width: 1000, height: 1300 } },
        { name: "class/dark", ...WIDE, viewport: { width: 1000, height: 1300 }, ...DARK, at: "#mistakes" },
        { name: "class/phone", ...PHONE, ...DARK },
    ],
};

// A picture of the whole window, or of a part of the page; of a test's story once it can be stepped through.
async function shoot(browser, address, { name, test, part, at, ...options }) {
    const page = await browser.newPage({ viewport: { width: 1000, height: 900 }, deviceScaleFactor: 1.5,
        ...options });
    await page.goto(address + (at ?? (part ? `#${test}` : "")));
    if (test) await page.locator(`#${test} .viewer .now`).waitFor();
    await (part ? page.locator(part) : page).screenshot({ path: path.join(docs, `${name}.png`) });
    await page.close();
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium" });
for (const [file, shots] of Object.entries(SHOTS)) {
    for (const shot of shots) {
        mkdirSync(path.join(docs, path.dirname(shot.name)), { recursive: true });
        await shoot(browser, `file://${pages}/${file}`, shot);
    }
}
await browser.close();
