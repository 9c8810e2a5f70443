// node grading.mjs FOLDER: grades the kernels that cases.py left there as the page does, and compares with QEMU's
// gradings: of every test verdict, points and headline. Status 1 if any differs.

import { readFileSync, readdirSync } from "node:fs";
import { judge } from "./judge.mjs";

const [folder] = process.argv.slice(2);
const cases = readdirSync(folder).filter((name) => name.endsWith(".json")).sort()
    .map((name) => JSON.parse(readFileSync(`${folder}/${name}`, "utf8")));
const there = await judge();
let tests = 0, failed = 0, different = 0;
for (const { lab, name, image, marks } of cases) {
    const found = there.ask("graded", new Uint8Array(readFileSync(`${folder}/${image}`)), lab);
    const said = ({ test, verdict, points, rule, headline }) =>
        `${test}: ${verdict} ${points} ${verdict === "pass" ? "" : rule ?? headline}`;
    found.forEach((mark, i) => {
        const [ours, theirs] = [said(mark), said(marks[i])];
        tests++;
        failed += mark.verdict === "pass" ? 0 : 1;
        if (ours === theirs) return;
        different++;
        console.log(`${lab}/${name}: in the page ${ours}; in QEMU ${theirs}`);
    });
}
console.log(`${cases.length} kernels, ${tests} tests, ${failed} not passed, ${different} different`);
process.exitCode = different ? 1 : 0;
