// Every page that the grader makes, by axe: wide and dark, and on a phone.

import { readFileSync, readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { PAGES, PHONE, start, stop, visit } from "./browser.mjs";

const AXE = readFileSync(new URL("./node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const made = readdirSync(PAGES, { recursive: true })
    .filter((name) => /^(handouts.)?[\w-]+\.html$/.test(name)).map((name) => name.replace(/\.html$/, "")).sort();

before(start);
after(stop);

async function violations(page) {
    await page.evaluate(AXE);
    const { violations: found } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
    return found.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 4).map(({ html }) => html.slice(0, 120)).join("\n   ")}`);
}

test("there is a page of each kind", () => {
    for (const name of ["class", "labs-1", "hostile", "passed"]) assert.ok(made.includes(name), name);
});

// A film of thousands of operations has nothing for axe that a short one has not, nor have the reports of some labs
// that of others (tests/browser has them only to see every picture). Every other page is looked at on a
// phone and dark; the class in both ways.
for (const [i, name] of [...made.filter((one) => !/^(long|labs-[2-9])$/.test(one)), "class"].entries()) {
    const how = i % 2 ? { viewport: PHONE, colorScheme: "dark" } : { colorScheme: "light" };
    test(`axe finds nothing wrong with ${name}, ${how.colorScheme}`, () =>
        visit(name, how, async (page) => assert.deepEqual(await violations(page), [])));
}
