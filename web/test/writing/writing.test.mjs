// Lab 1 written in the page, in Chromium: from the empty stub to full marks by typed keys.

import { after, before, test } from "node:test";
import { readFileSync } from "node:fs";
import assert from "node:assert/strict";
import { PATIENCE, is, start, stop, visit } from "../site.mjs";

const AXE = readFileSync(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const FIRST = "size_t buddy_state_size(size_t units)\n{\n";
// Without comments: fewer keys. A line is wrong, and is written anew again and again.
const SOLUTION = readFileSync(new URL("../../../solutions/mm/buddy.cpp", import.meta.url), "utf8")
    .split("\n").map((line) => line.replace(/\/\/.*/, "").trim()).filter(Boolean).join("\n")
    .replace(FIRST, `${FIRST}no_such_thing();\n`);
const GRADE = "Compile and grade";

before(() => start());
after(stop);

// In place of what is selected.
async function type(page, select, text) {
    await page.getByLabel("Your code").focus();
    for (const key of [...select, "Delete"]) await page.keyboard.press(key); // what replaced it would be styled, by Chromium
    await page.keyboard.type(text);
}

const ALL = ["Control+A"], LINE = ["Home", "Shift+End"];

async function graded(page, turn) {
    await page.getByRole("button", { name: GRADE }).click();
    await is(page, "graded", String(turn));
}

async function exported(page) {
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export buddy.cpp" }).click();
    return readFileSync(await (await download).path(), "utf8");
}

test("from the stub, by way of what does not compile, crashes and hangs, to full marks", { timeout: 4 * PATIENCE }, () =>
    visit("write.html", {}, async (page, context) => {
        await is(page, "ready", "yes");
        await page.evaluate(AXE);
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        assert.deepEqual(violations.map(({ id, nodes }) => `${id} ${nodes[0].html.slice(0, 90)}`), []);
        await graded(page, 1);
        assert.equal(await page.locator(".verdict.is-todo").count(), 17);
        await type(page, ALL, SOLUTION);
        await graded(page, 2);
        assert.match(await page.locator("#said").textContent(), /line \d+ error: use of undeclared identifier 'no_such_thing'/);
        await page.getByRole("button", { name: /^line \d+$/ }).click();
        await type(page, LINE, "*reinterpret_cast<volatile int *>(units) = 1;");
        await graded(page, 3);
        await page.locator("#results", { hasText: /page fault.*In buddy_state_size at kernel\/mm\/buddy\.cpp:\d+/ }).waitFor();
        await type(page, LINE, "for (;;);");
        await graded(page, 4);
        assert.ok(await page.locator(".verdict.is-hang").count() > 0);
        await type(page, LINE, "");
        await graded(page, 5);
        assert.equal(await page.evaluate(() => document.documentElement.dataset.points), "100");
        const text = await exported(page);
        assert.match(text, /size_t buddy_state_size/);
        await page.reload();
        await is(page, "ready", "yes");
        assert.equal(await exported(page), text);
        await page.goto(`${page.url().replace("write.html", "try.html")}?written#lab=buddy&play=init+16`);
        await is(page, "judged", "1");
        assert.match(await page.locator("#log").textContent(), /size=\d+/);
        assert.equal(context.pages().length, 1);
    }));
