// What the worker does, as functions that the page can await.
import { Unusable } from "./errors.js";

const UNREADABLE = "It cannot be read: it was moved, changed or removed meanwhile, or may not be opened.";

export class Reader {
  #worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  #waiting = new Map();
  #last = 0;

  constructor() {
    this.#worker.addEventListener("message", ({ data: { id, result, problem } }) => {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (result === undefined) reject(new Unusable(problem || UNREADABLE)); else resolve(result);
    });
  }

  /** SHA-256 of a file, in hexadecimal digits. */
  digest(blob) {
    return this.#ask("digest", blob);
  }

  /** The file that an entry of a zip archive is. */
  unpack(archive, entry) {
    return this.#ask("unpack", { archive, entry });
  }

  #ask(task, argument) {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, task, argument });
    });
  }
}

/** Read with the function; that the file cannot be is said in words. */
export async function reading(read) {
  try {
    return await read();
  } catch (error) {
    throw error instanceof Unusable ? error : new Unusable(UNREADABLE);
  }
}
