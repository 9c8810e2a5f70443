// The judge behind the page: it loads while the page is used already, and says how far it is.

import { Asked } from "./ask.mjs";

export class Judge {
    // `status(text)` is told how loading goes.
    constructor(status) {
        this.ready = new Promise((resolve, reject) => {
            this.worker = new Asked("../judge/worker.mjs", ({ progress, ready, broken }) => {
                if (progress) status(`The judge is loading: ${progress} …`);
                if (ready) resolve();
                if (broken) reject(new Error(broken));
            });
        });
        this.ready.catch((error) => status(`The judge can't be loaded: ${error.message}`));
    }

    async ask(call, kernel, argument, say) {
        await this.ready;
        return (await this.worker.ask({ call, kernel, argument }, say)).answer;
    }
}

/** What the judge says of a scenario, in elements' content. @param {any} scenario @returns {[boolean, string]} */
export function told({ verdict, rule, operation, text, expected, seen, sentence, header }) {
    if (verdict === "pass") return [true, "Every sentence of the contract was kept."];
    const parts = [operation ? `Operation ${operation}, ${text}: ` : "", `${verdict}, ${rule}.`];
    if (expected) parts.push(` Expected: ${expected}.`);
    if (seen) parts.push(` Seen: ${seen}.`);
    if (sentence) parts.push(` The contract: “${sentence}” (${header})`);
    return [false, parts.join("")];
}
