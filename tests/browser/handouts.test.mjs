// The handouts on a phone: nothing is wider than the page; what has to be scrolls by itself.

import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { PAGES, start, stop, visit } from "./browser.mjs";

const WIDTH = 390;
const folder = path.join(PAGES, "handouts"); // there is none where Asciidoctor is not installed
const made = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".html")) : [];

before(start);
after(stop);

for (const name of made) {
    test(`${name} is as wide as a phone`, () =>
        visit(`handouts/${name.replace(/\.html$/, "")}`, { viewport: { width: WIDTH, height: 800 } }, async (page) =>
            assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), WIDTH)));
}
