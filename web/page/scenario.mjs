// A scenario as the page has it: a lab, and the lines below its name. And what the records say of it.

const FIRST = "marionette-scenario 1";
export const MOST = 100_000; // characters that a link may bring

// As the kernel and the judge read it.
export const script = ({ lab, lines }) => `${FIRST}\nlab ${lab}\nscenario here\n${lines.join("\n")}\n`;

// The scenario of a script's text: of several the first.
export function read(text) {
    const lines = text.split("\n").map((line) => line.replace(/#.*/, "").trim()).filter(Boolean);
    const lab = lines.find((line) => line.startsWith("lab "))?.slice(4) ?? "";
    const begin = lines.findIndex((line) => line.startsWith("scenario "));
    const rest = lines.slice(begin + 1), end = rest.findIndex((line) => /^(scenario|test|lab) /.test(line));
    return { lab, lines: end < 0 ? rest : rest.slice(0, end) };
}

// What a link's fragment says: { lab, lines, next }.
export function linked(fragment) {
    const said = new URLSearchParams(fragment.slice(1, MOST));
    const lines = (name) => (said.get(name) ?? "").split("\n").map((line) => line.replace(/[^ -~]/g, "").trim())
        .filter(Boolean);
    return { lab: said.get("lab") ?? "", lines: lines("play"), next: lines("next") };
}

export const link = ({ lab, lines }) => `#${new URLSearchParams({ lab, play: lines.join("\n") })}`;

export const isOperation = (line) => !/^(measure$|limit )/.test(line);

const RECORD = /^([@!?])(\d*) ?(.*) ~[0-9a-f]{4}$/;

// What came of each operation, by its number from 1: { outcome, stop, printed }. What stands between records was
// printed by the kernel under test.
export function outcomes(log) {
    const found = new Map(), at = (number) => {
        if (!found.has(number)) found.set(number, { outcome: "", stop: "", printed: [] });
        return found.get(number);
    };
    let printed = [], broken = "";
    for (const line of log.split("\n").map((text) => text.replace(/\r$/, ""))) {
        const record = RECORD.exec(line), number = Number(record?.[2]);
        if (!record) {
            if (line && !/^[#>@<!.?].* ~[0-9a-f]{4}$/.test(line)) printed.push(line);
            continue;
        }
        if (record[1] === "?") { broken = record[3]; continue; }
        Object.assign(at(number), record[1] === "@" ? { outcome: record[3].slice(record[3].indexOf(" -> ") + 4) }
            : { stop: record[3] });
        at(number).printed.push(...printed);
        printed = [];
    }
    return { found, broken };
}

// A stop in words: what kind, what was said, where.
export function stopInWords(stop) {
    const kind = stop.split(" ")[0], said = /message="([^"]*)"/.exec(stop)?.[1], eip = / eip=(\S+)/.exec(stop)?.[1];
    return [kind, said, eip && `at ${eip}`].filter(Boolean).join(", ");
}
