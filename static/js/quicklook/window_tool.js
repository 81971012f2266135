// The window that people have chosen or dragged; without one, each image has its own.
import { choicesOf, dragged, rounded, windowOf } from "./windows.js";

export class WindowTool {
  window = null;
  #data;
  #changed;
  #suggestions = new Map();
  /** How far it has been dragged while nobody knows from where. */
  #across = 0;
  #down = 0;

  /**
   * @param data of the page: `presets`, and `windows`, the address that tells those of an image
   * @param changed called when there is another window, with whether it comes to stay
   */
  constructor(data, changed) {
    this.#data = data;
    this.#changed = changed;
  }

  /** By which an image is shown; null where only its pixels say that. */
  of(facts) {
    return this.window ?? (facts.by_window ? windowOf(facts.windows[0].slice(1)) : null);
  }

  choices({ entry }, facts) {
    return choicesOf(facts, entry.gray ? this.#data.presets : []);
  }

  set(window) {
    this.window = window;
    this.#changed(true);
  }

  /** The window that suits the pixels of an image. */
  async suit(image) {
    const found = await this.#suggestion(image);
    if (found) this.set(rounded(windowOf(found.contrast)));
  }

  /** @param ends whether this is all of a drag */
  async drag(image, facts, across, down, ends = false) {
    this.#across += across;
    this.#down += down;
    const from = this.of(facts) ?? await this.#shown(image);
    if (!from || !(this.#across || this.#down || ends)) return;
    this.window = dragged(from, this.#across, this.#down);
    this.#across = this.#down = 0;
    this.#changed(ends);
  }

  async #shown(image) {
    const found = await this.#suggestion(image);
    return this.window ?? (found && rounded(windowOf(found.shown)));
  }

  /** As the archive finds them in the pixels of an image; null where there are none. */
  #suggestion({ entry, number }) {
    const address = `${this.#data.windows}?instance=${entry.uid}&frame=${number}`;
    if (!this.#suggestions.has(address)) {
      const answer = fetch(address).then((response) => (response.ok ? response.json() : null)).catch(() => null);
      this.#suggestions.set(address, answer);
    }
    return this.#suggestions.get(address);
  }
}
