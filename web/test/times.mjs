// node times.mjs [TIMES]: milliseconds from the page's load to its prompt, and to its judge; each time a browser that knows
// nothing of the site yet.

import { start, stop, visit } from "./site.mjs";

const times = Number(process.argv[2] ?? 5);
const shown = (name, all) => console.log(`${name}: ${all.sort((a, b) => a - b)[all.length >> 1].toFixed(0)} ms in the median, `
    + `${all[0].toFixed(0)} to ${all.at(-1).toFixed(0)}`);

await start();
const prompt = [], judge = [];
for (let i = 0; i < times; i++) {
    await visit("try.html", {}, async (page) => {
        const now = () => page.evaluate(() => performance.now());
        await page.waitForSelector("html[data-ready=yes]", { state: "attached" });
        prompt.push(await now());
        await page.getByText("The judge is here").waitFor();
        judge.push(await now());
    });
}
await stop();
shown("prompt", prompt);
shown("judge", judge);
