// Plays the stack as a film: each image for its time, and none before it is there.

export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4];

export class Film {
  playing = false;
  speed = 1;
  #timer;
  #waits = false;
  #film;

  /** @param film `next()` shows the next image, unless it has to be waited for; `time()` is that of the one shown. */
  constructor(film) {
    this.#film = film;
  }

  play() {
    this.playing = true;
    this.#schedule();
  }

  stop() {
    this.playing = false;
    this.#waits = false;
    clearTimeout(this.#timer);
  }

  /** Something has come that may have been waited for. */
  arrived() {
    if (this.#waits) this.#step();
  }

  #schedule() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#step(), this.#film.time() / this.speed);
  }

  #step() {
    this.#waits = this.playing && !this.#film.next();
    if (this.playing && !this.#waits) this.#schedule();
  }
}
