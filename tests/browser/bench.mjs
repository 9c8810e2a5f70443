// How long pages take to open, and a step takes: `node bench.mjs`, after the tests have made the pages.

import { statSync } from "node:fs";
import path from "node:path";
import { PAGES, openStory, start, stop, visit } from "./browser.mjs";

const STEPS = 500;

await start();
for (const [name, story] of [["labs-1", "buddy-any_range"], ["long", "buddy-starts_empty"]]) {
    await visit(name, {}, async (page) => {
        const opened = await page.evaluate(() => {
            const [timing] = performance.getEntriesByType("navigation");
            return timing.domContentLoadedEventEnd - timing.startTime;
        });
        await openStory(page, story);
        const times = await page.evaluate(([id, steps]) => {
            const slider = document.querySelector(`#${id} input[type=range]`), taken = [];
            for (let i = 0; i < Math.min(steps, slider.max); i++) {
                const begin = performance.now();
                slider.value = slider.max - i;
                slider.dispatchEvent(new Event("input"));
                document.body.getBoundingClientRect(); // with the layout
                taken.push(performance.now() - begin);
            }
            return taken.sort((a, b) => a - b);
        }, [story, STEPS]);
        const size = statSync(path.join(PAGES, `${name}.html`)).size;
        const at = (part) => times[Math.floor(part * (times.length - 1))].toFixed(1);
        console.log(`${name}: ${Math.round(size / 1000)} kB, open after ${opened.toFixed(0)} ms, ` +
            `a step ${at(0.5)} ms (median), ${at(0.99)} ms (99 of 100)`);
    });
}
await stop();
