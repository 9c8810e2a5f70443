// node grading.mjs FOLDER: grades the kernels that cases.py left there in the page, in Chromium, and compares with QEMU's
// gradings: of every test verdict, points and headline. Status 1 if any differs.

import { readFileSync, readdirSync } from "node:fs";
import { graded, start, stop, visit } from "./site.mjs";

const [folder] = process.argv.slice(2);
const cases = readdirSync(folder).filter((name) => name.endsWith(".json")).sort()
    .map((name) => JSON.parse(readFileSync(`${folder}/${name}`, "utf8")));
let tests = 0, failed = 0, different = 0;

const said = ({ test, verdict, points, rule, headline }) =>
    `${test}: ${verdict} ${points} ${verdict === "pass" ? "" : rule ?? headline}`;

function compare({ lab, name, marks }, found) {
    found.forEach((mark, i) => {
        const [ours, theirs] = [said(mark), said(marks[i])];
        tests++;
        failed += mark.verdict === "pass" ? 0 : 1;
        if (ours === theirs) return;
        different++;
        console.log(`${lab}/${name}: in the page ${ours}; in QEMU ${theirs}`);
    });
}

await start();
await visit("grade.html", {}, async (page) => {
    for (const one of cases) compare(one, await graded(page, `${folder}/${one.image}`, one.lab));
}).finally(stop);
console.log(`${cases.length} kernels, ${tests} tests, ${failed} not passed, ${different} different`);
process.exitCode = different ? 1 : 0;
