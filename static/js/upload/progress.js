// How far an upload is, in numbers and words.
import { Result } from "./result.js";

/** The speed is that of the last seconds, and nothing is said before there are some. */
const WINDOW = 15_000;
const FIRST = 2_000;

/** Counts of results, files and bytes. Bytes that need not be sent are done too. */
export function totals(items) {
  const counts = Object.fromEntries(Object.values(Result).map((result) => [result, 0]));
  const found = { counts, files: items.length, done: 0, bytes: 0, bytesDone: 0 };
  for (const item of items) {
    found.bytes += item.size;
    found.bytesDone += item.result ? item.size : item.sent;
    if (!item.result) continue;
    counts[item.result] += 1;
    found.done += 1;
  }
  return found;
}

/** Bytes in a second, of late. */
export class Speed {
  #samples = [];

  /** Take note of how much is done; returns the speed, or 0 while nobody knows. */
  sample(bytes, now = performance.now()) {
    this.#samples.push({ bytes, now });
    while (this.#samples[0].now < now - WINDOW) this.#samples.shift();
    const first = this.#samples[0];
    return now - first.now < FIRST ? 0 : Math.max(0, (1000 * (bytes - first.bytes)) / (now - first.now));
  }

  reset() {
    this.#samples = [];
  }
}

const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

export function inBytes(number) {
  const power = number < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(number) / 3));
  const value = number / 1000 ** power;
  return `${value.toFixed(power && value < 10 ? 1 : 0)} ${UNITS[power]}`;
}

export function inWords(seconds) {
  if (seconds < 60) return seconds < 10 ? "a few seconds" : `${10 * Math.ceil(seconds / 10)} seconds`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 90) return minutes === 1 ? "a minute" : `${minutes} minutes`;
  return `${Math.ceil(minutes / 60)} hours`;
}

export const plural = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
