// The kernels to play on: the reference; one with a mistake; one that lies beside the page; what was written in it.

const WRITTEN = "written"; // the cache's name, static/worker.js leaves it alone
const NAMES = /^kernels\/[\w-]+\.elf$/; // of those beside the page: nothing else is fetched for a link

const bytes = async (answer) => new Uint8Array(await answer.arrayBuffer());
const address = (lab) => new URL(`../${WRITTEN}/${lab}.elf`, import.meta.url).href;

export async function fetched(name) {
    const answer = await fetch(new URL(`../${name}`, import.meta.url));
    if (!answer.ok) throw new Error(`There is no kernel ${name} beside this page.`);
    return bytes(answer);
}

// What an address' `?kernel=` names, if it is one of those.
export function named(search) {
    const name = new URLSearchParams(search).get("kernel") ?? "";
    return NAMES.test(name) ? name : "";
}

export async function keepWritten(lab, kernel) {
    await (await globalThis.caches?.open(WRITTEN))?.put(address(lab), new Response(kernel));
}

// The kernel of what was written for a lab, or null.
export async function written(lab) {
    const found = await (await globalThis.caches?.open(WRITTEN))?.match(address(lab));
    return found ? bytes(found) : null;
}
