// What became of files, told to the archive as it becomes known; what could not be told is told again with the rest.
import { NotTaken } from "./errors.js";
import { isPending } from "./item.js";

/** Files told of at once, and milliseconds between. */
const TOGETHER = 200;
const PAUSE = 1000;

export class Receipt {
  /** URL of its page; null until it has begun. */
  url = null;
  /** Whether the archive does not take any more of it. */
  isRefused = false;
  #told = new WeakMap();
  #telling = Promise.resolve();
  #timer = null;

  constructor(archive, upload, url = null) {
    this.archive = archive;
    this.upload = upload;
    this.url = url;
  }

  /** Begin it, unless it goes on with one that was begun before; throws what `Archive` throws. */
  async begin() {
    this.url ??= await this.archive.begin();
  }

  /** Tell before long. */
  soon() {
    this.#timer ??= setTimeout(() => this.tell(false), PAUSE);
  }

  /** Tell what has not been told; returns whether all of it has been. */
  tell(finished) {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#telling = this.#telling.then(() => this.#tell(finished));
    return this.#telling;
  }

  async #tell(finished) {
    const news = this.upload.items.filter((item) => !isPending(item) && this.#told.get(item) !== item.result);
    try {
      for (let at = 0; at < news.length || (finished && at === 0); at += TOGETHER) {
        const some = news.slice(at, at + TOGETHER);
        await this.archive.report(this.url, some.map(asReported), finished && at + TOGETHER >= news.length);
        some.forEach((item) => this.#told.set(item, item.result));
      }
      return true;
    } catch (error) {
      this.isRefused ||= error instanceof NotTaken;
      return false;
    }
  }
}

const asReported = ({ path, size, result, reason, instance }) => ({ path, size, result, reason, instance });
