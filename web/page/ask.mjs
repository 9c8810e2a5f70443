// A worker that is asked questions: each has a number, and its answer has the same.

export class Asked {
    /** @param {string} address @param {(message: any) => void} told  has what belongs to no question */
    constructor(address, told = () => {}) {
        this.waiting = new Map();
        this.count = 0;
        this.worker = new Worker(new URL(address, import.meta.url), { type: "module" });
        this.worker.onmessage = ({ data }) => {
            const question = this.waiting.get(data.id);
            if (!question) told(data);
            else if (data.said) question.say?.(data.said);
            else {
                this.waiting.delete(data.id);
                if (data.failed) question.reject(new Error(data.failed));
                else question.resolve(data);
            }
        };
        this.worker.onerror = (event) => told({ broken: event.message || "a script could not be loaded" });
    }

    ask(question, say) {
        return new Promise((resolve, reject) => {
            this.waiting.set(++this.count, { resolve, reject, say });
            this.worker.postMessage({ id: this.count, ...question });
        });
    }
}
