// What pages cost the browser's main thread, in its own processor time (so a busy machine changes
// little): `make -C tests/browser bench`.

import { statSync } from "node:fs";
import path from "node:path";
import { PAGES, openStory, start, stop, visit } from "./browser.mjs";

const STEPS = 500;

// Milliseconds of the main thread since the page began to load.
async function spent(session) {
    const { metrics } = await session.send("Performance.getMetrics");
    return 1000 * metrics.find(({ name }) => name === "TaskDuration").value;
}

// Steps backwards through a film, a frame on the screen for each step; returns how many.
function stepBack([id, steps]) {
    const slider = document.querySelector(`#${id} input[type=range]`);
    const count = Math.min(steps, Number(slider.max));
    return new Promise((resolve) => {
        let left = count;
        const next = () => {
            if (left-- === 0) return resolve(count);
            slider.value = Number(slider.value) - 1;
            slider.dispatchEvent(new Event("input"));
            requestAnimationFrame(next);
        };
        next();
    });
}

await start();
for (const name of ["story", "long", "labs-1"]) {
    await visit(name, {}, async (page) => {
        const session = await page.context().newCDPSession(page);
        await session.send("Performance.enable", { timeDomain: "threadTicks" });
        await page.reload();
        await openStory(page, "buddy-starts_empty");
        const opened = await spent(session);
        const steps = await page.evaluate(stepBack, ["buddy-starts_empty", STEPS]);
        const step = steps && (await spent(session) - opened) / steps;
        const size = statSync(path.join(PAGES, `${name}.html`)).size;
        console.log(`${name}: ${Math.round(size / 1000)} kB, ${opened.toFixed(0)} ms to open` +
            (steps ? `, ${step.toFixed(1)} ms a step (${steps} steps)` : ""));
    });
}
await stop();
