// The grader's Python, unchanged, in Pyodide; and a machine that it plays scripts on. In a browser's worker and in Node.

import { play } from "../machine/play.mjs";

export class Judge {
    // `python` is a Pyodide; `module` v86.wasm, compiled; `kit` what kit.zip holds, `page` the text of page.py.
    constructor(python, module, kit, page) {
        this.python = python;
        this.kernel = null;
        python.unpackArchive(kit, "zip", { extractDir: "/kit" });
        python.globals.set("play_in_page", (script, memory) => {
            const { log, ending, fault, looks } = play(module, this.kernel, script, { memory });
            return python.toPy([log, ending, fault, looks]);
        });
        python.runPython(page);
    }

    /**
     * What page.py's function `call` answers; `say` has what it tells on its way.
     * @param {string} call @param {Uint8Array} kernel @param {string} argument @param {(said: any) => void} say
     */
    ask(call, kernel, argument, say = () => {}) {
        this.kernel = kernel;
        return JSON.parse(this.python.globals.get(call)(argument, (said) => say(JSON.parse(said))));
    }
}
