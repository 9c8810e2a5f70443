// What fails in `make grade FORMATS=site` is played from its report, on the kernel that was graded, which is hostile here.

import { after, before, test } from "node:test";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { is, start, stop, visit } from "./site.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const HOSTILE = "<img src=x onerror='window.hacked=1'></script><script>window.hacked=1</script>";
let folder;

before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "marionette-play-"));
    const wrong = readFileSync(`${ROOT}solutions/mm/buddy.cpp`, "utf8")
        .replace('#include "mm/buddy.h"', '$&\n#include "lib/print.h"')
        .replace("    *start = first;\n", `    print("%s\\n", "${HOSTILE}");\n    *start = first + 1;\n`);
    mkdirSync(`${folder}/submission`);
    writeFileSync(`${folder}/submission/buddy.cpp`, wrong);
    execFileSync(`${ROOT}grader/marionette`, ["grade", "--lab", "buddy", "--submission", `${folder}/submission`,
        "--out", `${folder}/report`, "--formats", "site"], { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
    await start(`${folder}/report/`);
});
after(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
});

test("the report leads to its scenario, on the kernel that failed it; what that prints is text", () =>
    visit("report.html", {}, async (page) => {
        const link = page.getByRole("link", { name: "Play it here" }).first();
        await link.waitFor();
        const { search, hash } = new URL(await link.evaluate(({ href }) => href));
        assert.match(search, /^\?kernel=kernels\/[0-9a-f]{16}\.elf$/);
        await link.click();
        await is(page, "judged", String(new URLSearchParams(hash.slice(1)).get("play").split("\n").length));
        assert.ok((await page.locator("#log").textContent()).includes(HOSTILE));
        assert.match(await page.locator("#judge").textContent(), /^✗ Operation \d+, .*The contract: “/);
        assert.ok(await page.locator("#picture svg").count() > 0);
        assert.equal(await page.evaluate(() => /** @type {any} */ (window).hacked), undefined);
        assert.equal(await page.locator("main img, .of-a-site").count(), 0);
    }));
