// The lab in Chromium: it can be typed at, judged, shared, used by everybody, and without a network.

import { after, before, test } from "node:test";
import { execFileSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import { readFileSync, readdirSync, statSync } from "node:fs";
import assert from "node:assert/strict";
import { graded, PATIENCE, SITE, is, origin, start, stop, visit } from "./site.mjs";

const AXE = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const FAILS = "try.html#" + new URLSearchParams({ lab: "buddy", play: "init 16\nfree 0 16\nfree 0 1\nalloc 3 3" });

before(() => start());
after(stop);

async function violations(page) {
    await page.evaluate(AXE);
    const { violations: found } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
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
        assert.equal(await page.evaluate(() => /** @type {any} */ (window).hacked), undefined);
        assert.equal(await page.locator("main img").count(), 0);
    }));

test("a box of a handout is opened in it", () =>
    visit("1-buddy.html", {}, async (page) => {
        const box = page.locator("details.try").first();
        await box.locator("summary").click();
        const inside = page.frameLocator("details.try iframe").first();
        await inside.getByRole("button", { name: "init 16" }).click();
        await inside.locator("#log", { hasText: "size=" }).waitFor({ timeout: PATIENCE });
    }));

// The boxes' addresses, without those of the frames around them: of all handouts.
function boxes() {
    const handouts = readdirSync(SITE).filter((name) => /^\d.*\.html$/.test(name));
    return handouts.flatMap((name) => [...readFileSync(`${SITE}${name}`, "utf8").matchAll(/<iframe src="try\.html\?box([^"]+)"/g)]
        .map(([, fragment]) => fragment.replaceAll("&amp;", "&")));
}

test("each box of each handout boots its lab's kernel; each line of it is answered, and judged", () =>
    visit("try.html?box", {}, async (page) => {
        await is(page, "ready", "yes");
        const all = boxes(), labs = new Set(all.map((fragment) => new URLSearchParams(fragment.slice(1)).get("lab")));
        assert.equal(labs.size, 6);
        for (const fragment of all) {
            const lines = new URLSearchParams(fragment.slice(1)).get("next").split("\n");
            await page.evaluate((hash) => { location.hash = hash; }, fragment);
            for (const [i, line] of lines.entries()) {
                await page.locator("#next").getByRole("button", { name: line, exact: true }).click();
                await is(page, "played", String(i + 1));
            }
            await is(page, "judged", String(lines.length));
            const answers = await page.locator("#log > div").evaluateAll((items) =>
                items.map((item) => item.querySelector("div:not(.typed)")?.textContent ?? ""));
            assert.deepEqual(answers.filter(Boolean).length, lines.length, `${fragment}: ${answers.join(" | ")}`);
            assert.match(await page.locator("#judge").textContent(), /^✓/, fragment);
        }
    }));

test("a kernel with a mistake is chosen, found out, and shared; its name and its symbols do not tell", () =>
    visit("try.html#" + new URLSearchParams({ lab: "buddy", next: "init 16\nalloc 1 1" }), {}, async (page) => {
        await is(page, "ready", "yes");
        await page.locator("#kernel").selectOption("with a mistake: find it (1)");
        await is(page, "judge", "yes"); // what it says while it loads is not put in place of what is to be done
        await page.locator("#judge", { hasText: "This kernel has a mistake" }).waitFor();
        await page.getByRole("button", { name: "init 16" }).click();
        await page.getByRole("button", { name: "alloc 1 1" }).click();
        await is(page, "judged", "2");
        assert.match(await page.locator("#judge").textContent(), /^✗ Operation 2/);
        const shared = new URL(await page.locator("#share").evaluate(({ href }) => href));
        assert.match(shared.search, /^\?kernel=kernels/);
        await page.goto(String(shared));
        await is(page, "played", "2");
        assert.equal(await page.locator("#kernel").inputValue(), shared.searchParams.get("kernel"));
        const { kernels } = JSON.parse(readFileSync(`${SITE}kernels.json`, "utf8"));
        assert.equal(new Set(kernels.map(({ file }) => file)).size, 19);
        for (const { file, lab } of kernels.filter((kernel) => kernel.lab)) {
            assert.equal(execFileSync("readelf", ["-sW", `${SITE}${file}`], { encoding: "utf8" }).trim(), "");
            const content = readFileSync(`${SITE}${file}`, "latin1");
            assert.deepEqual(mutants(lab).filter((name) => content.includes(name)), []);
        }
    }));

function mutants(lab) {
    const labs = new URL("../../labs/", import.meta.url), [folder] = readdirSync(labs).filter((name) => name.endsWith(`-${lab}`));
    const text = readFileSync(new URL(`${folder}/impostors.toml`, labs), "utf8");
    return [...text.matchAll(/^mutant = "(\w+)"/gm)].map(([, name]) => name);
}

function compressed(name) {
    if (!statSync(`${SITE}${name}`).isDirectory()) return gzipSync(readFileSync(`${SITE}${name}`), { level: 9 }).length;
    return readdirSync(`${SITE}${name}`).reduce((sum, inside) => sum + compressed(`${name}/${inside}`), 0);
}

test("the prompt takes at most 1 MB, compressed, and the judge behind it 7 MB", () => {
    const prompt = ["try.html", "labs.json", "kernels.json", "reference.elf", "v86.wasm", "machine", "page"].map(compressed);
    assert.ok(prompt.reduce((sum, size) => sum + size) <= 1_000_000, `the prompt: ${prompt}`);
    assert.ok(compressed("pyodide") + compressed("judge") <= 7_000_000);
});

test("what is no kernel is refused in a sentence; a kernel with a mistake is graded to the end", () =>
    visit("grade.html", {}, async (page) => {
        await page.getByLabel("Kernel image").setInputFiles({ name: "x", mimeType: "x/y", buffer: Buffer.from("no kernel") });
        await page.locator("#lab").selectOption("vpalloc");
        await page.getByRole("button", { name: "Grade", exact: true }).click();
        await page.locator("#judge", { hasText: "This is no kernel image" }).waitFor({ timeout: PATIENCE });
        assert.deepEqual(await violations(page), []);
        const wrong = JSON.parse(readFileSync(`${SITE}kernels.json`, "utf8")).kernels.find(({ lab }) => lab === "buddy");
        const marks = await graded(page, `${SITE}${wrong.file}`, wrong.lab);
        const verdicts = new Set(marks.map(({ verdict }) => verdict));
        assert.ok(verdicts.has("fail") && !verdicts.has("todo"), [...verdicts].join(" "));
    }));
