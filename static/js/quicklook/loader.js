// Pictures from the archive: few requests at a time, none that nobody waits for any more, and what has come is kept
// while there is room.

const MOST_REQUESTS = 4;
/** Pixels that are kept, of four bytes each. */
const ROOM = 64 << 20;

class LoadError extends Error {
  constructor(status) {
    super(status === 410 || status === 404 ? "This is not in the archive any more." :
      status === 406 ? "There is no way to show this image." :
        status ? `The archive could not show this image (${status}).` : "The archive cannot be reached.");
    this.status = status;
  }
}

async function fetchPicture(address, options) {
  const response = await fetch(address, { headers: { Accept: "image/jpeg" }, ...options }).catch((error) => {
    throw error.name === "AbortError" ? error : new LoadError(0);
  });
  if (response.status === 401) location.reload(); // which asks to sign in
  if (!response.ok) throw new LoadError(response.status);
  return createImageBitmap(await response.blob());
}

export class Loader {
  #wanted = [];
  #coming = new Map();
  #kept = new Map();
  #failed = new Map();
  #pixels = 0;
  #onChange;

  /** @param onChange called with the address of each picture that has come, or has failed. */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** What is to be there now, the first first. Requests for anything else are given up. */
  want(addresses) {
    this.#wanted = addresses;
    for (const [address, controller] of this.#coming) if (!addresses.includes(address)) controller.abort();
    for (const address of this.#failed.keys()) if (!addresses.includes(address)) this.#failed.delete(address);
    this.#goOn();
  }

  get(address) {
    const picture = this.#kept.get(address);
    if (picture) {
      this.#kept.delete(address); // the last that was used is the last in order
      this.#kept.set(address, picture);
    }
    return picture;
  }

  errorOf(address) {
    return this.#failed.get(address);
  }

  #goOn() {
    for (const address of this.#wanted) {
      if (this.#coming.size >= MOST_REQUESTS) return;
      if (!this.#kept.has(address) && !this.#coming.has(address) && !this.#failed.has(address)) this.#load(address);
    }
  }

  async #load(address) {
    const controller = new AbortController();
    this.#coming.set(address, controller);
    try {
      const priority = address === this.#wanted[0] ? "high" : "low";
      this.#keep(address, await fetchPicture(address, { signal: controller.signal, priority }));
    } catch (error) {
      if (!controller.signal.aborted) this.#failed.set(address, error);
    }
    this.#coming.delete(address);
    if (!controller.signal.aborted) this.#onChange(address);
    this.#goOn();
  }

  #keep(address, picture) {
    this.#kept.set(address, picture);
    this.#pixels += picture.width * picture.height;
    for (const [oldest, old] of this.#kept) {
      if (this.#pixels <= ROOM) return;
      if (this.#wanted.includes(oldest)) continue;
      this.#kept.delete(oldest);
      this.#pixels -= old.width * old.height; // it may be on the stage still: the browser closes it
    }
  }
}

/** Pictures that follow each other quickly: one is on its way at a time, and of those asked for meanwhile the last is next. */
export class Drafts {
  #next = null;
  #controller = null;
  #onDraft;

  constructor(onDraft) {
    this.#onDraft = onDraft;
  }

  ask(address) {
    this.#next = address;
    if (!this.#controller) this.#run();
  }

  stop() {
    this.#next = null;
    this.#controller?.abort();
  }

  async #run() {
    while (this.#next) {
      const address = this.#next;
      const controller = this.#controller = new AbortController();
      this.#next = null;
      try {
        const picture = await fetchPicture(address, { signal: controller.signal, cache: "no-store" });
        if (!controller.signal.aborted) this.#onDraft(picture);
      } catch {
        // The picture that is asked for in the end says what is wrong.
      }
    }
    this.#controller = null;
  }
}
