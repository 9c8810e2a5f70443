// The judge behind the page: it loads while the page is used already, and says how far it is. That it loads is said by
// the page: a prompt that somebody waits for comes first.

import { Asked } from "./ask.mjs";

export class Judge {
    /** @type {Promise<void> | undefined} */ ready;

    // `status(text)` is told how loading goes.
    constructor(status) {
        this.status = status;
    }

    // Resolves once it is there.
    load() {
        this.ready ??= new Promise((/** @type {(nothing?: any) => void} */ resolve, reject) => {
            this.worker = new Asked("../judge/worker.mjs", ({ progress, ready, broken }) => {
                if (progress) this.status(`The judge is loading: ${progress} …`);
                if (ready) resolve();
                if (broken) reject(new Error(broken));
            });
        }).catch((error) => {
            this.status(`The judge can't be loaded: ${error.message}`);
            throw error;
        });
        return this.ready;
    }

    async ask(call, kernel, argument, say) {
        await this.load();
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
