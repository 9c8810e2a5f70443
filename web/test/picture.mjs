// node picture.mjs FILE: the page in the README, as it looks.

import { is, start, stop, visit } from "./site.mjs";

const [file] = process.argv.slice(2);
const scenario = new URLSearchParams({ lab: "buddy", play: "init 16\nfree 0 16\na = alloc 3 3\nfree a+1 2", next: "free a 1" });
await start();
try {
    await visit(`try.html#${scenario}`, { viewport: { width: 900, height: 760 } }, async (page) => {
        await is(page, "judged", "4");
        await page.screenshot({ path: file, fullPage: true });
    });
} finally {
    await stop();
}
