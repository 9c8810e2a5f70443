// A page in Chromium, offline: what every test opens, and what it must never do.

import { mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const HERE = path.dirname(fileURLToPath(import.meta.url));
export const PAGES = path.resolve(HERE, "../../build/browser");
export const DESKTOP = { width: 1200, height: 900 };
export const PHONE = { width: 360, height: 740 };

const PATIENCE = 900_000; // milliseconds: a busy machine is no fault of the page's

let browser;

export async function start() {
    mkdirSync(PAGES, { recursive: true });
    browser = await chromium.launch({ timeout: PATIENCE,
        executablePath: process.env.CHROMIUM || "/usr/bin/chromium" });
}

export const stop = () => browser?.close();

// Opens a page, gives it to `look`, and fails if the page asked for anything, or complained of
// anything but what is `due`.
export async function visit(name, options, look, due = /^$/) {
    const context = await browser.newContext({ viewport: DESKTOP, ...options });
    context.setDefaultTimeout(PATIENCE);
    await context.setOffline(true);
    const page = await context.newPage();
    const complaints = [], requests = [];
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => requests.push(request.url()));
    const address = `file://${PAGES}/${name}.html`;
    await page.goto(address);
    try {
        await look(page);
        const elsewhere = requests.filter((url) => url !== address && !url.startsWith("data:"));
        assert.deepEqual(complaints.filter((complaint) => !due.test(complaint)), []);
        assert.deepEqual(elsewhere, []);
    } finally {
        await context.close();
    }
}

export const screenshot = (page, name, options = {}) =>
    page.screenshot({ path: path.join(PAGES, `${name}.png`), ...options });

// Opens the story of a test, and returns its viewer.
export async function openStory(page, name) {
    const story = page.locator(`#${name}`);
    if (!(await story.evaluate((details) => details.open))) {
        await story.locator("summary").first().click();
    }
    const viewer = story.locator(".viewer");
    await viewer.locator(".now code").waitFor();
    return viewer;
}
