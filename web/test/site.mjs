// The site on a web server of its own, in Chromium: what every test opens, and what it must never do.

import { createServer } from "node:http";
import { createReadStream, existsSync, statSync } from "node:fs";
import path from "node:path";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const SITE = fileURLToPath(new URL("../../build/site/", import.meta.url));
export const PATIENCE = 900_000; // milliseconds: a busy machine is no fault of the page's
const TYPES = { ".html": "text/html; charset=utf-8", ".mjs": "text/javascript", ".js": "text/javascript",
    ".wasm": "application/wasm", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml" };

let browser, server;
export let origin;

export async function start(folder = SITE) {
    server = createServer((request, response) => {
        const file = path.join(folder, decodeURIComponent(new URL(request.url, "http://x").pathname));
        if (!file.startsWith(folder) || !existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
        response.writeHead(200, { "content-type": TYPES[path.extname(file)] ?? "application/octet-stream" });
        createReadStream(file).pipe(response);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
    browser = await chromium.launch({ timeout: PATIENCE, executablePath: process.env.CHROMIUM || "/usr/bin/chromium" });
}

export async function stop() {
    await browser?.close();
    server?.closeAllConnections?.();
    server?.close();
}

// Opens a page, gives it to `look`, and fails if it asked anybody but the site, or complained.
export async function visit(address, options, look) {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage(), complaints = [], elsewhere = [];
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => request.url().startsWith(origin) || request.url().startsWith("data:")
        || elsewhere.push(request.url()));
    try {
        await page.goto(`${origin}/${address}`);
        await look(page, context);
        assert.deepEqual(complaints, []);
        assert.deepEqual(elsewhere, []);
    } finally {
        await context.close();
    }
}

// Waits until the page says so of itself; or that it failed, which is another value.
export async function is(page, name, value) {
    const said = await page.waitForFunction(([key, wanted]) => {
        const is = document.documentElement.dataset[key];
        return is === wanted || is?.startsWith("failed") ? is : null;
    }, [name, value], { timeout: PATIENCE });
    assert.equal(await said.jsonValue(), value);
}

// Grades a kernel's file in grade.html, and returns the marks of that lab's tests.
export async function graded(page, file, lab) {
    await page.getByLabel("Kernel image").setInputFiles(file);
    await page.locator("#lab").selectOption(lab);
    await page.evaluate(() => delete document.documentElement.dataset.graded);
    await page.getByRole("button", { name: "Grade", exact: true }).click();
    const found = await page.waitForFunction(() => document.documentElement.dataset.graded, null, { timeout: PATIENCE });
    const { [lab]: marks } = JSON.parse(await found.jsonValue());
    assert.ok(marks, await page.locator("#judge").textContent());
    return marks;
}
