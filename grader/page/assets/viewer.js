// The viewer: a film, its controls, the operation in words, and the operations around it.

const DRAWERS = { units: unitsDrawer, blocks: blocksDrawer, links: linksDrawer, tree: treeDrawer,
    facts: factsDrawer };
const AROUND = 4; // operations that are listed before and after the present one

const LOOKS = { touched: "This operation", wanted: "It would have been right at", bad: "It touched" };

const marksOf = (marks, look) =>
    (marks ?? []).map(([panel, first, end]) => ({ panel, first, end, look }));

// The places that a change is about to take away or to replace, in trees.
function changedPlaces(film, { put = {}, gone = {} }, look) {
    const marks = [];
    for (const panel of film.shown().filter(({ kind }) => kind === "tree")) {
        for (const key of [...Object.keys(put[panel.name] ?? {}), ...(gone[panel.name] ?? [])]) {
            const item = key[0] === "r" && panel.items.get(key);
            if (item) marks.push([panel.name, item[0], item[0] + item[2] * PAGE]);
        }
    }
    return marksOf(marks, look);
}

function wordsOfMarks(panel, marks) {
    if (!marks.length) return "";
    const run = panel.kind === "units" ? spelling(panel.settings).run :
        (first, end) => `${hex(first)}–${hex(end - 1)}`;
    return `${LOOKS[marks[0].look]}: ${list(marks.map(({ first, end }) => run(first, end)))}.`;
}

class Viewer {
    constructor(place, film) {
        this.film = film;
        this.place = place;
        place.classList.remove("waiting");
        place.replaceChildren(); // the picture as text, for those without scripts
        place.setAttribute("role", "group");
        place.setAttribute("tabindex", "0");
        place.setAttribute("aria-label", "What was played, step by step: arrow keys, Home and End");
        this.controls();
        this.live = element(place, "div", { class: "now", "aria-live": "polite", "aria-atomic": "true" });
        this.stage = element(place, "div", { class: "stage" });
        const words = element(place, "details", { class: "words" });
        element(words, "summary", {}, "In words");
        this.words = element(words, "p");
        this.nearby = element(place, "ol", { class: "nearby", "aria-label": "Operations" });
        element(place, "p", { class: "keys" },
            "Keys: ← → one operation, Page Up and Page Down ten, Home and End to the ends");
        place.addEventListener("keydown", (event) => this.key(event));
        this.width = 0;
        new ResizeObserver(() => this.resized()).observe(this.stage);
        this.go(film.wrong ? film.steps.length - 1 : 0);
    }

    controls() {
        const bar = element(this.place, "div", { class: "controls" });
        const button = (sign, name, to) => {
            const made = element(bar, "button", { type: "button", "aria-label": name, title: name }, sign);
            made.addEventListener("click", () => this.go(to()));
            return made;
        };
        const last = this.film.steps.length - 1;
        this.toStart = button("⇤", "First operation", () => 0);
        this.toBefore = button("←", "Operation before", () => this.film.at - 1);
        this.slider = element(bar, "input", { type: "range", min: 0, max: last, step: 1,
            "aria-label": "Operation" });
        this.slider.addEventListener("input", () => this.go(Number(this.slider.value)));
        this.toNext = button("→", "Next operation", () => this.film.at + 1);
        this.toEnd = button("⇥", "Last operation", () => last);
    }

    key(event) {
        if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
        const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity,
            PageUp: -10, PageDown: 10 };
        if (!(event.key in steps)) return;
        event.preventDefault();
        event.stopPropagation();
        this.go(this.film.at + steps[event.key]);
    }

    go(to) {
        const last = this.film.steps.length - 1;
        this.film.go(Math.max(0, Math.min(last, to)));
        const { at } = this.film, step = this.film.steps[at];
        this.slider.value = at;
        this.slider.setAttribute("aria-valuetext", `operation ${step.number}: ${step.text}`);
        for (const [button, off] of [[this.toStart, at === 0], [this.toBefore, at === 0],
            [this.toNext, at === last], [this.toEnd, at === last]]) {
            button.setAttribute("aria-disabled", off);
        }
        this.tell(step);
        this.draw(step);
        this.listNearby(at);
    }

    tell(step) {
        const wrong = this.film.isWrong(this.film.at);
        this.live.replaceChildren();
        this.live.classList.toggle("wrong", wrong);
        element(this.live, "span", { class: "count" }, `Operation ${step.number}`);
        element(this.live, "code", {}, step.text);
        if (step.played) element(this.live, "span", { class: "played" }, `played as ${step.played}`);
        element(this.live, "span", { class: "outcome" }, `→ ${step.outcome ?? ""}`);
        if (wrong) element(this.live, "strong", {}, "✗ this went wrong");
    }

    // One picture; where it went wrong two: what was right last, and what was seen then.
    draw(step) {
        this.stage.replaceChildren();
        this.words.replaceChildren();
        const { film } = this;
        if (film.isWrong(film.at)) {
            this.drawBoth(step.at ?? []);
        } else {
            this.drawState(this.stage, "", marksOf(step.at, "touched"));
        }
    }

    drawBoth(at) {
        const { film, film: { wrong } } = this;
        const noTrace = !at.length && !Object.keys({ ...wrong.put, ...wrong.gone }).length;
        const both = element(this.stage, "div", { class: noTrace ? "both alone" : "both" });
        const before = changedPlaces(film, wrong, "touched");
        const here = wrong.wanted.length ? marksOf(wrong.wanted, "wanted") : marksOf(at, "touched");
        this.drawState(both, "Before: the last good state", [...here, ...before],
            wrong.wanted.length ? "dashed: where it would have been right" :
                here.length ? "outlined: what the operation is about" : "");
        if (noTrace) return; // what was seen is its outcome, and no more
        const back = film.change(wrong);
        const after = changedPlaces(film, back, "bad");
        this.drawState(both, "What was seen", [...marksOf(at, "bad"), ...after],
            at.length ? "red: what the operation touched" : after.length ? "red: the difference" : "");
        film.change(back);
    }

    drawState(parent, heading, marks, legend = "") {
        const panels = this.film.shown();
        if (!panels.length) return;
        const figure = element(parent, "figure", {});
        if (heading) element(figure, "figcaption", {}, heading);
        const canvas = element(figure, "div", {});
        const width = Math.max(canvas.clientWidth, 200);
        const words = [];
        for (const panel of panels) {
            const mine = marks.filter((mark) => mark.panel === panel.name);
            if (panel.title) element(canvas, "p", { class: "panel-title" }, panel.title);
            const drawn = DRAWERS[panel.kind](panel, mine, width);
            canvas.append(drawn.node);
            words.push(panel.title && `${panel.title}.`, drawn.words, wordsOfMarks(panel, mine));
        }
        if (legend) element(figure, "p", { class: "legend" }, legend);
        if (heading) element(this.words, "strong", {}, `${heading}. `);
        this.words.append(words.filter(Boolean).join(" "), " ");
    }

    resized() {
        const width = this.stage.clientWidth;
        if (width === this.width) return;
        this.width = width;
        this.draw(this.film.steps[this.film.at]);
    }

    listNearby(at) {
        const { steps, earlier, later } = this.film;
        this.nearby.replaceChildren();
        const first = Math.max(0, Math.min(at - AROUND, steps.length - 2 * AROUND - 1));
        const end = Math.min(steps.length, first + 2 * AROUND + 1);
        for (let i = first; i < end; i++) {
            const row = element(this.nearby, "li", i === at ? { "aria-current": "step" } : {});
            if (this.film.isWrong(i)) row.classList.add("wrong");
            const button = element(row, "button", { type: "button", tabindex: "-1" });
            element(button, "span", { class: "number" }, String(steps[i].number));
            element(button, "code", {}, steps[i].text);
            element(button, "span", { class: "outcome" }, steps[i].outcome ?? "");
            button.addEventListener("click", () => {
                this.go(i);
                this.place.focus({ preventScroll: true }); // the button is gone
            });
        }
        if (first === 0 && earlier) this.more(`${many(earlier, "operation")} before these are left out`, true);
        if (end === steps.length && later) this.more(`${many(later, "more operation")} left out`, false);
    }

    more(text, before) {
        const row = element(null, "li", { class: "more" }, text);
        this.nearby[before ? "prepend" : "append"](row);
    }
}

const viewers = [];

// Viewers are made when they are first seen: a closed story costs nothing.
function start() {
    document.documentElement.classList.add("scripted");
    const source = document.getElementById("data");
    const films = source ? JSON.parse(source.textContent) : [];
    const open = (details) => {
        for (const place of details.querySelectorAll(".viewer.waiting[data-film]")) {
            viewers.push(new Viewer(place, new Film(films[Number(place.dataset.film)])));
        }
    };
    for (const details of document.querySelectorAll("details.test")) {
        if (details.open) open(details);
        details.addEventListener("toggle", () => details.open && open(details));
    }
    // The browser went there before the pictures above it had their height.
    openTarget()?.scrollIntoView({ behavior: "instant" });
    addEventListener("hashchange", openTarget);
    addEventListener("keydown", stepInSight);
}

// The arrow keys step before anything has the focus: in the viewer that most is to be seen of.
function stepInSight(event) {
    if (event.target !== document.body || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const inSight = (viewer) => {
        const { top, bottom } = viewer.place.getBoundingClientRect();
        return Math.min(bottom, innerHeight) - Math.max(top, 0);
    };
    const open = viewers.filter((viewer) => inSight(viewer) > 0 && viewer.place.checkVisibility());
    open.sort((a, b) => inSight(b) - inSight(a))[0]?.key(event);
}

// A link to a test opens it.
function openTarget() {
    const target = document.getElementById(location.hash.slice(1));
    if (!target?.matches("details")) return null;
    target.open = true;
    return target;
}

start();
