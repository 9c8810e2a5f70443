// The viewer: a film, its controls, the operation in words, and the operations around it.

const DRAWERS = { units: unitsDrawer };
const AROUND = 4; // operations that are listed before and after the present one

class Viewer {
    constructor(place, film) {
        this.film = film;
        this.place = place;
        place.setAttribute("role", "group");
        place.setAttribute("tabindex", "0");
        place.setAttribute("aria-label", "What was played, step by step: arrow keys, Home and End");
        this.controls();
        this.live = element(place, "div", { class: "now", "aria-live": "polite", "aria-atomic": "true" });
        this.stage = element(place, "div", { class: "stage" });
        this.nearby = element(place, "ol", { class: "nearby", "aria-label": "Operations" });
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

    // One picture; where it went wrong two: what was right last, and what the operation did.
    draw(step) {
        this.stage.replaceChildren();
        const { wrong } = this.film;
        if (!this.film.isWrong(this.film.at)) {
            this.drawState(this.stage, "", this.marks(step.at, "touched"));
            return;
        }
        const both = element(this.stage, "div", { class: "both" });
        this.drawState(both, "Before: the last good state", this.marks(wrong.wanted, "wanted"),
            wrong.wanted.length ? "dashed: where it could have been had" : "");
        const back = this.film.change(wrong);
        this.drawState(both, "What the operation did", this.marks(step.at, "bad"),
            step.at?.length ? "red: what it touched" : "");
        this.film.change(back);
    }

    marks(marks, look) {
        return (marks ?? []).map(([panel, first, end]) => ({ panel, first, end, look }));
    }

    drawState(parent, heading, marks, legend = "") {
        const figure = element(parent, "figure", {});
        if (heading) element(figure, "figcaption", {}, heading);
        const canvas = element(figure, "div", {});
        const width = Math.max(canvas.clientWidth, 200);
        const words = [];
        for (const panel of this.film.shown()) {
            const drawer = DRAWERS[panel.kind];
            if (!drawer) continue;
            const mine = marks.filter((mark) => mark.panel === panel.name);
            element(canvas, "p", { class: "panel-title" }, panel.title);
            const drawn = drawer(panel, mine, width);
            canvas.append(drawn.node);
            words.push(drawn.words);
        }
        if (legend) element(figure, "p", { class: "legend" }, legend);
        const inWords = element(figure, "details", { class: "words" });
        element(inWords, "summary", {}, "In words");
        element(inWords, "p", {}, words.join(" "));
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
            button.addEventListener("click", () => this.go(i));
        }
        if (first === 0 && earlier) this.more(`${many(earlier, "operation")} before these are left out`, true);
        if (end === steps.length && later) this.more(`${many(later, "more operation")} left out`, false);
    }

    more(text, before) {
        const row = element(null, "li", { class: "more" }, text);
        this.nearby[before ? "prepend" : "append"](row);
    }
}

// Viewers are made when they are first seen: a closed story costs nothing.
function start() {
    const source = document.getElementById("data");
    const films = source ? JSON.parse(source.textContent) : [];
    const open = (details) => {
        for (const place of details.querySelectorAll(".viewer:empty")) {
            new Viewer(place, new Film(films[Number(place.dataset.film)]));
        }
    };
    for (const details of document.querySelectorAll("details.test")) {
        if (details.open) open(details);
        details.addEventListener("toggle", () => details.open && open(details));
    }
    openTarget();
    addEventListener("hashchange", openTarget);
}

// A link to a test opens it.
function openTarget() {
    const target = document.getElementById(location.hash.slice(1));
    if (target?.matches("details")) target.open = true;
}

start();
