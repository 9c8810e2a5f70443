// A lab's graded tests as a table that fills while they are judged.

import { element } from "./element.mjs";
import { told } from "./judge.mjs";
import { link, read } from "./scenario.mjs";

// `place(stop)` says where in the source something stopped, if that is known; `open` is what a scenario is opened on.
function row({ test, idea, points, of, verdict, scenario, ...finding }, place, open) {
    const about = element("td", {}, verdict === "pass" ? idea : told({ verdict, ...finding })[1]);
    if (finding.stop) place(finding.stop).then((where) => { if (where) about.append(` In ${where}.`); });
    if (scenario) about.append(" ", element("a", { href: `try.html${open}${link(read(scenario))}` }, "Its scenario"));
    const cells = [element("td", { class: `verdict is-${verdict}` }, verdict), element("td", {}, `${points}/${of}`),
        element("td", {}, test), about];
    return element("tr", {}, ...cells);
}

// Grades, below `results`; returns the marks.
export async function gradeLab(judge, kernel, { slug, title }, results, place = async () => "", open = "") {
    const body = element("tbody"), heading = element("h2", {}, title);
    const names = ["verdict", "points", "test", "about"].map((name) => element("th", { scope: "col" }, name));
    results.append(heading, element("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": title },
        element("table", {}, element("thead", {}, element("tr", {}, ...names)), body)));
    const marks = await judge.ask("graded", kernel, slug, (mark) => body.append(row(mark, place, open)));
    const points = marks.reduce((sum, mark) => sum + mark.points, 0);
    heading.append(element("span", { class: "points" }, `${points}/${marks.reduce((sum, { of }) => sum + of, 0)}`));
    return marks;
}
