// Takes the pictures of docs/report.md: `node shoot.mjs REPORT FOLDER`, REPORT being the absolute path
// of a report in which the tests below failed.

import path from "node:path";
import { chromium } from "playwright-core";

const [report, folder] = process.argv.slice(2);
const PHONE = { viewport: { width: 390, height: 800 }, colorScheme: "dark", isMobile: true };
const SHOTS = [
    { name: "page", test: "buddy-coalescing", part: "body", viewport: { width: 1000, height: 800 } },
    { name: "story", test: "buddy-coalescing", part: "#buddy-coalescing" },
    { name: "phone", test: "ppalloc-overlapping", part: "#ppalloc-overlapping .stage", ...PHONE },
    { name: "frames", test: "kvmalloc-scattered_frames", part: "#kvmalloc-scattered_frames .viewer" },
    { name: "heap", test: "malloc-realloc", part: "#malloc-realloc .viewer", colorScheme: "dark" },
    { name: "directories", test: "paging-out_of_memory", part: "#paging-out_of_memory .viewer" },
];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium" });
for (const { name, test, part, ...options } of SHOTS) {
    const page = await browser.newPage({ viewport: { width: 1000, height: 900 },
        deviceScaleFactor: part === "body" ? 1 : 1.5, ...options });
    await page.goto(`file://${report}${part === "body" ? "" : `#${test}`}`);
    await page.locator(`#${test} .viewer .now`).waitFor();
    const shown = part === "body" ? page : page.locator(part);
    await shown.screenshot({ path: path.join(folder, `${name}.png`) });
    await page.close();
}
await browser.close();
