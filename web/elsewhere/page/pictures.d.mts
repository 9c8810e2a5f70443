// grader/page/assets/film.js and viewer.js, joined
export class Film { constructor(film: object); }
export class Viewer { constructor(place: HTMLElement, film: Film); go(step: number): void; }
