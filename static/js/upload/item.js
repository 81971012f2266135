// The files of an upload, each with what is known of it, and how many go into one request.

/** Files and bytes of one request. */
export const MOST_FILES = 20;
const MOST_BYTES = 50e6;

/** What a zip archive is once its entries stand in its place. */
export const OPENED = "opened";

/** `file` has path and size, and `blob`, or `archive` and `entry` of what is to be unpacked. */
export function newItem(file) {
  return { blob: null, sha256: "", instance: "", study: "", result: null, reason: "", sent: 0, tries: 0, alone: false, ...file };
}

export const isPending = (item) => item.result === null;

/** Take from the front what fits into one request. */
export function take(queue) {
  let number = 1;
  let bytes = queue[0].size;
  while (number < Math.min(queue.length, MOST_FILES) && !queue[0].alone && !queue[number].alone) {
    bytes += queue[number].size;
    if (bytes > MOST_BYTES) break;
    number += 1;
  }
  return queue.splice(0, number);
}

/** Gives each path once: what has one that is taken gets a number. */
export class Paths {
  #taken = new Set();

  unique(path) {
    let unique = path;
    for (let number = 2; this.#taken.has(unique); number++) unique = `${path} (${number})`;
    this.#taken.add(unique);
    return unique;
  }
}
