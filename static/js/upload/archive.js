// What is asked of the archive, and sent to it.
import { NotTaken, SignedOut, Unreachable } from "./errors.js";

/** An answer with one of these may be another one later. */
const LATER = new Set([0, 408, 425, 429, 500, 502, 503, 504]);
/** PS3.18 Table 10.5.3-1: answers that say what became of each instance. */
const TOLD = new Set([200, 202, 409]);

export class Archive {
  /** @param settings what the page says: URLs, and the name of the cookie that forms are guarded with. */
  constructor(settings) {
    this.settings = settings;
  }

  /** For each `{instance, sha256}` the study that has it already, or null. */
  async known(files) {
    if (!this.settings.known || !files.length) return files.map(() => null);
    const asked = files.map(({ instance, sha256 }) => ({ instance, sha256 }));
    const answer = await this.#post(this.settings.known, { files: asked });
    return (await answer.json()).studies;
  }

  /** Begin a receipt; returns its URL. */
  async begin() {
    const answer = await this.#post(this.settings.receipts, {});
    return (await answer.json()).receipt;
  }

  /** Say to the receipt what became of files. */
  async report(receipt, files, finished) {
    await this.#post(receipt, { files, finished });
  }

  /** Returns once the archive answers to whoever has signed in. */
  async reachable() {
    await this.#ask(this.settings.page, { method: "HEAD" });
  }

  /** Store the files; returns the Store Instances Response Module (PS3.18 Table I.1-1) in the DICOM JSON Model. */
  store(blobs, { signal, progress }) {
    const boundary = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const head = `--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`;
    const body = new Blob([...blobs.flatMap((blob) => [head, blob, "\r\n"]), `--${boundary}--\r\n`]);
    // Only XMLHttpRequest says how much has been sent.
    const request = new XMLHttpRequest();
    return new Promise((resolve, reject) => {
      request.open("POST", this.settings.store);
      request.setRequestHeader("Content-Type", `multipart/related; type="application/dicom"; boundary=${boundary}`);
      request.setRequestHeader("Accept", "application/dicom+json");
      request.setRequestHeader("X-CSRFToken", this.#token());
      request.upload.addEventListener("progress", (event) => progress(event.loaded / event.total));
      const abort = () => request.abort();
      signal.addEventListener("abort", abort);
      request.addEventListener("loadend", () => {
        signal.removeEventListener("abort", abort);
        if (signal.aborted) reject(signal.reason);
        else if (TOLD.has(request.status)) resolve(JSON.parse(request.responseText));
        else reject(problem(request.status));
      });
      request.send(body);
    });
  }

  #post(url, body) {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": this.#token() };
    return this.#ask(url, { method: "POST", headers, body: JSON.stringify(body) });
  }

  async #ask(url, options) {
    let response;
    try {
      // As htmx does: who is not signed in any more is told so, not led to the sign-in.
      response = await fetch(url, { ...options, headers: { ...options.headers, "HX-Request": "true" } });
    } catch {
      throw new Unreachable();
    }
    if (!response.ok) throw problem(response.status);
    return response;
  }

  #token() {
    const pairs = document.cookie.split("; ").map((pair) => pair.split("="));
    return pairs.find(([name]) => name === this.settings.csrfCookie)?.[1] ?? "";
  }
}

function problem(status) {
  if (LATER.has(status)) return new Unreachable();
  return status === 401 || status === 403 ? new SignedOut() : new NotTaken(status);
}
